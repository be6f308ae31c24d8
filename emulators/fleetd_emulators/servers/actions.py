"""What a client may order by POST: the actions of every resource, and making volumes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fleetd_emulators.servers.application import serve
from fleetd_emulators.servers.changes import Site
from fleetd_emulators.servers.documents import ROOT, Document
from fleetd_emulators.servers.refusal import (
    Refused,
    bad_parameter,
    missing_parameter,
    not_in_list,
    unknown_parameter,
    unknown_property,
    wrong_type,
)
from fleetd_emulators.servers.tasks import Task

Body = dict[str, Any]
Action = Callable[[Site, str, Body], Task | None]

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
    found = {}
    for path, document in documents.items():
        for name, action in document.get("Actions", {}).items():
            if name.startswith("#"):
                found[action["target"].rstrip("/")] = (path, name.removeprefix("#"))
    return found


def perform(site: Site, resource: str, name: str, body: Body) -> Task | None:
    """Do an action of a resource.

    Raises:
        Refused: The parameters are wrong, or the state is.
    """
    return _ACTIONS[name](site, resource, body)


def check_parameters(action: str, body: Body, known: dict[str, type], *required: str) -> None:
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
    return site.machine.update(body["ImageURI"], targets)


def _clear_log(site: Site, resource: str, body: Body) -> None:
    site.machine.log.clear()


_ACTIONS: Final[dict[str, Action]] = {
    "ComputerSystem.Reset": _reset_system,
    "Manager.Reset": _reset_manager,
    "Bios.ResetBios": _reset_bios,
    "VirtualMedia.InsertMedia": _insert,
    "VirtualMedia.EjectMedia": _eject,
    "UpdateService.SimpleUpdate": _update,
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


def create_volume(site: Site, collection: str, body: Body) -> str:
    """Make a volume and tell its path in sushy-tools' words.

    Raises:
        Refused: The controller does not make such a volume of these drives.
    """
    for name, value in body.items():
        if name not in _VOLUME:
            raise unknown_property(name)
        if value is not None and not isinstance(value, _VOLUME[name]):
            raise wrong_type(name, value)
    storage = collection.split("/")[-2]
    raid = body.get("RAIDType") or _RAID_OF_TYPE.get(body.get("VolumeType", ""))
    if raid is None:
        raise Refused(400, "PropertyMissing", "The property RAIDType is required.")
    if body.get("@Redfish.OperationApplyTime") not in {None, "Immediate"}:
        raise not_in_list("@Redfish.OperationApplyTime", body["@Redfish.OperationApplyTime"])
    drives = _linked_drives(body.get("Links") or {})
    planned = site.machine.volumes.check(storage, raid, drives, body.get("CapacityBytes"))
    site.bench.systems.planned = planned
    try:
        served = serve(
            site.bench,
            "POST",
            f"{ROOT}/Systems/{site.machine.layout.system}/Storage/{storage}/Volumes",
            {
                "Name": body.get("Name") or body.get("DisplayName"),
                "VolumeType": planned.raid_type,
                "CapacityBytes": planned.capacity_bytes,
            },
        )
    finally:
        site.bench.systems.planned = None
    return f"{collection}/{(served.location or '').rpartition('/')[2]}"
