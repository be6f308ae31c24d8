"""What a client may order by POST of every BMC: the standard's actions, and making volumes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from fleetd_emulators.hardware import Volume
from fleetd_emulators.servers.application import serve
from fleetd_emulators.servers.documents import Document
from fleetd_emulators.servers.extension import Action
from fleetd_emulators.servers.flash import Apply
from fleetd_emulators.servers.images import demand
from fleetd_emulators.servers.outcome import Created
from fleetd_emulators.servers.refusal import (
    Refused,
    bad_parameter,
    missing_parameter,
    not_in_list,
    unknown_parameter,
    unknown_property,
    wrong_type,
)
from fleetd_emulators.servers.site import Site
from fleetd_emulators.servers.tasks import Task

Body = dict[str, Any]

_INSERT: Final = {
    "Image": str,
    "Inserted": bool,
    "WriteProtected": bool,
    "UserName": str,
    "Password": str,
    "TransferMethod": str,
    "TransferProtocolType": str,
    "MediaType": str,
}
_UPDATE: Final = {
    "ImageURI": str,
    "Targets": list,
    "TransferProtocol": str,
    "Username": str,
    "Password": str,
    "ForceUpdate": bool,
    "@Redfish.OperationApplyTime": str,
}
RESET_KEYS: Final = ("ResetAllKeysToDefault", "DeleteAllKeys", "DeletePK")
_VOLUME: Final = {
    "RAIDType": str,
    "VolumeType": str,
    "CapacityBytes": int,
    "Name": str,
    "DisplayName": str,
    "Encrypted": bool,
    "Links": dict,
    "@Redfish.OperationApplyTime": str,
}
# DSP0268 'Volume' before 1.3 told the layout by VolumeType only.
_RAID_OF_TYPE: Final = {
    "NonRedundant": "RAID0",
    "Mirrored": "RAID1",
    "StripedWithParity": "RAID5",
    "SpannedMirrors": "RAID10",
}


def offered(documents: dict[str, Document]) -> dict[str, tuple[str, str]]:
    """By target path, the resource and the action's name, from what the documents offer."""
    return {
        action["target"].rstrip("/"): (path, name)
        for path, document in documents.items()
        for name, action in _actions(document)
    }


def _actions(document: Document) -> Iterator[tuple[str, Any]]:
    """The resource's actions and the vendor's, by their names without what stands before ``#``."""
    actions = document.get("Actions", {})
    for name, action in [*actions.items(), *actions.get("Oem", {}).items()]:
        if "#" in name:
            yield name.rpartition("#")[2], action


def check_parameters(action: str, body: Body, known: Mapping[str, type], *required: str) -> None:
    """Refuse unknown, mistyped and missing parameters.

    Raises:
        Refused: 400 with the first of them.
    """
    for name, value in body.items():
        if name not in known:
            raise unknown_parameter(action, name)
        if value is not None and not isinstance(value, known[name]):
            raise wrong_type(name, value)
    for name in required:
        if body.get(name) is None:
            raise missing_parameter(action, name)


def _reset_system(site: Site, resource: str, body: Body) -> None:
    action = "ComputerSystem.Reset"
    check_parameters(action, body, {"ResetType": str}, "ResetType")
    if body["ResetType"] not in site.machine.layout.reset_types:
        raise bad_parameter(action, "ResetType", body["ResetType"])
    serve(site.bench, "POST", f"{site.system}/Actions/{action}", body)


def _reset_manager(site: Site, resource: str, body: Body) -> None:
    action = "Manager.Reset"
    check_parameters(action, body, {"ResetType": str})
    kind = body.get("ResetType", site.machine.layout.manager_reset_types[0])
    if kind not in site.machine.layout.manager_reset_types:
        raise bad_parameter(action, "ResetType", kind)
    site.machine.reset_bmc()


def _reset_bios(site: Site, resource: str, body: Body) -> None:
    check_parameters("Bios.ResetBios", body, {"ResetType": str})
    serve(site.bench, "POST", f"{site.system}/BIOS/Actions/Bios.ResetBios", {})


def _insert(site: Site, resource: str, body: Body) -> None:
    action = "VirtualMedia.InsertMedia"
    check_parameters(action, body, _INSERT, "Image")
    if "://" not in body["Image"]:
        raise bad_parameter(action, "Image", body["Image"])
    demand(site.machine, body["Image"])
    device = resource.rpartition("/")[2]
    path = f"{site.system}/VirtualMedia/{device}/Actions/{action}"
    serve(site.bench, "POST", path, {k: v for k, v in body.items() if v is not None})


def _eject(site: Site, resource: str, body: Body) -> None:
    action = "VirtualMedia.EjectMedia"
    check_parameters(action, body, {})
    device = resource.rpartition("/")[2]
    serve(site.bench, "POST", f"{site.system}/VirtualMedia/{device}/Actions/{action}", {})


def _update(site: Site, resource: str, body: Body) -> Task:
    action = "UpdateService.SimpleUpdate"
    check_parameters(action, body, _UPDATE, "ImageURI")
    targets = body.get("Targets") or []
    if not all(isinstance(target, str) for target in targets):
        raise wrong_type("Targets", targets)
    demand(site.machine, body["ImageURI"])
    return site.machine.flash.begin(body["ImageURI"], targets, apply_time(body))


def apply_time(body: Body) -> Apply | None:
    """When the client wants its image to take effect.

    Raises:
        Refused: 400; there is no such time.
    """
    wanted = body.get("@Redfish.OperationApplyTime")
    if wanted is None:
        return None
    try:
        return Apply(wanted)
    except ValueError:
        raise not_in_list("@Redfish.OperationApplyTime", wanted) from None


def _start_update(site: Site, resource: str, body: Body) -> Task:
    check_parameters("UpdateService.StartUpdate", body, {})
    return site.machine.flash.start()[0]


def _reset_keys(site: Site, resource: str, body: Body) -> None:
    """Without a platform key the firmware is in set-up mode (DSP0268 'SecureBoot')."""
    action = "SecureBoot.ResetKeys"
    check_parameters(action, body, {"ResetKeysType": str}, "ResetKeysType")
    kind = body["ResetKeysType"]
    if kind not in RESET_KEYS:
        raise bad_parameter(action, "ResetKeysType", kind)
    site.machine.secure_boot_keys = kind == "ResetAllKeysToDefault"


def _clear_log(site: Site, resource: str, body: Body) -> None:
    site.machine.log.clear()


ACTIONS: Final[dict[str, Action]] = {
    "ComputerSystem.Reset": _reset_system,
    "Manager.Reset": _reset_manager,
    "Bios.ResetBios": _reset_bios,
    "VirtualMedia.InsertMedia": _insert,
    "VirtualMedia.EjectMedia": _eject,
    "UpdateService.SimpleUpdate": _update,
    "UpdateService.StartUpdate": _start_update,
    "SecureBoot.ResetKeys": _reset_keys,
    "LogService.ClearLog": _clear_log,
}


def _linked_drives(links: Body) -> list[str]:
    drives = links.get("Drives") or []
    if not isinstance(drives, list):
        raise wrong_type("Links/Drives", drives)
    for drive in drives:
        if not isinstance(drive, dict) or not isinstance(drive.get("@odata.id"), str):
            raise wrong_type("Links/Drives", drive)
    return [drive["@odata.id"] for drive in drives]


def create_volume(site: Site, collection: str, body: Body) -> Created:
    """Make a volume at once.

    Raises:
        Refused: The controller does not make such a volume of these drives.
    """
    check_volume_time(body, ("Immediate",))
    return Created(path=make_volume(site, collection, plan_volume(site, collection, body)))


def plan_volume(site: Site, collection: str, body: Body) -> Volume:
    """The volume that the request asks for.

    Raises:
        Refused: The controller does not make such a volume of these drives.
    """
    for name, value in body.items():
        if name not in _VOLUME:
            raise unknown_property(name)
        if value is not None and not isinstance(value, _VOLUME[name]):
            raise wrong_type(name, value)
    raid = body.get("RAIDType") or _RAID_OF_TYPE.get(body.get("VolumeType", ""))
    if raid is None:
        raise Refused(400, "PropertyMissing", "The property RAIDType is required.")
    drives = _linked_drives(body.get("Links") or {})
    planned = site.machine.volumes.check(
        _storage(collection), raid, drives, body.get("CapacityBytes")
    )
    wanted = body.get("Name") or body.get("DisplayName")
    return replace(planned, name=wanted) if wanted else planned


def make_volume(site: Site, collection: str, planned: Volume) -> str:
    """Make a planned volume and tell its path."""
    site.bench.systems.planned = planned
    try:
        served = serve(
            site.bench,
            "POST",
            f"{site.system}/Storage/{_storage(collection)}/Volumes",
            {
                "Name": planned.name,
                "VolumeType": planned.raid_type,
                "CapacityBytes": planned.capacity_bytes,
            },
        )
    finally:
        site.bench.systems.planned = None
    return f"{collection}/{(served.location or '').rpartition('/')[2]}"


def delete_volume(site: Site, path: str) -> bool:
    """Take a volume apart; false where there is none."""
    collection, _, identity = path.rpartition("/")
    return site.machine.volumes.remove(_storage(collection), identity)


def check_volume_time(body: Body, times: tuple[str, ...]) -> str | None:
    """When the client wants the volume made.

    Raises:
        Refused: 400; volumes are not made then.
    """
    wanted = body.get("@Redfish.OperationApplyTime")
    if wanted is None:
        return None
    if wanted not in times:
        raise not_in_list("@Redfish.OperationApplyTime", wanted)
    return str(wanted)


def _storage(collection: str) -> str:
    return collection.split("/")[-2]
