"""Fujitsu iRMC: a target of None stands alone, and boot, media and resets have places of their own.

Source: Fujitsu's iRMC RESTful API guide; quirks FTS-009, FTS-010, FTS-011, FTS-019, FTS-021.
"""

from __future__ import annotations

from typing import Any, Final

from fleetd_emulators.servers.actions import check_parameters
from fleetd_emulators.servers.changes import changes, check_writable
from fleetd_emulators.servers.documents import Document
from fleetd_emulators.servers.extension import Extension, merged
from fleetd_emulators.servers.kept import keeping
from fleetd_emulators.servers.machine import Machine, Media, Override
from fleetd_emulators.servers.outcome import Outcome
from fleetd_emulators.servers.refusal import Refused, bad_parameter, not_in_list
from fleetd_emulators.servers.site import Site

Body = dict[str, Any]
_RESETS: Final = {"PowerCycle": "ForceRestart", "PulseNmi": "Nmi", "PowerButton": None}


def fujitsu(machine: Machine) -> Extension:
    """Everything iRMC does of its own."""
    layout = machine.layout
    place = f"{layout.system_path}/Oem/ts_fujitsu"
    return merged(
        keeping({f"{place}/VirtualMedia": ("CDImage", "HDImage", "RemoteMountEnabled")}),
        Extension(
            changes={layout.system_path: _change_system, f"{place}/BootConfig": _change_boot},
            actions={
                "FTSComputerSystem.Reset": _reset,
                "FTSComputerSystem.VirtualMedia": _media,
            },
            overlays={
                f"{place}/BootConfig": _show_boot,
                f"{place}/VirtualMedia": _show_media,
            },
        ),
    )


def _change_system(site: Site, path: str, document: Document, body: Body) -> Outcome:
    """With the target None neither of the others is taken, and the answer is 500 (FTS-019)."""
    boot = body.get("Boot")
    given = boot if isinstance(boot, dict) else {}
    others = {"BootSourceOverrideEnabled", "BootSourceOverrideMode"} & given.keys()
    if given.get("BootSourceOverrideTarget") == "None" and others:
        raise Refused(500, "InternalError", "The request failed due to an internal error.")
    return changes(site.machine.layout)[path](site, path, document, body)


def _change_boot(site: Site, path: str, document: Document, body: Body) -> None:
    """The override in its own words (FTS-010)."""
    check_writable(document, body, ("BootDevice", "BootType", "NextBootOnlyEnabled"))
    wanted = {**document, **body}
    device, once, mode = (
        wanted["BootDevice"],
        wanted["NextBootOnlyEnabled"],
        wanted["BootType"],
    )
    if device not in site.machine.layout.boot_targets:
        raise not_in_list("BootDevice", device)
    if mode not in {"UEFI", "Legacy"}:
        raise not_in_list("BootType", mode)
    if not isinstance(once, bool):
        raise not_in_list("NextBootOnlyEnabled", once)
    site.machine.override = (
        Override(mode=mode)
        if device == "None"
        else Override(enabled="Once" if once else "Continuous", target=device, mode=mode)
    )


def _show_boot(machine: Machine, document: Document) -> Document:
    override = machine.override
    return {
        **document,
        "BootDevice": override.target,
        "BootType": override.mode,
        "NextBootOnlyEnabled": override.enabled != "Continuous",
    }


def _reset(site: Site, resource: str, body: Body) -> None:
    """Some resets are here only (FTS-009)."""
    action = "FTSComputerSystem.Reset"
    check_parameters(action, body, {"FTSResetType": str}, "FTSResetType")
    if body["FTSResetType"] not in _RESETS:
        raise bad_parameter(action, "FTSResetType", body["FTSResetType"])
    power = site.machine.power
    pressed = "GracefulShutdown" if power.is_running else "On"
    power.reset(_RESETS[body["FTSResetType"]] or pressed)


def _media(site: Site, resource: str, body: Body) -> None:
    """Connects the image that was written to the resource (FTS-011, FTS-021)."""
    action = "FTSComputerSystem.VirtualMedia"
    check_parameters(action, body, {"FTSVirtualMediaAction": str}, "FTSVirtualMediaAction")
    verb, machine = body["FTSVirtualMediaAction"], site.machine
    drive = machine.layout.virtual_media[0][0]
    image = machine.kept.get(f"{machine.layout.system_path}/Oem/ts_fujitsu/VirtualMedia", {}).get(
        "CDImage", {}
    )
    if verb == "DisconnectCD":
        machine.eject(drive)
    elif verb == "ConnectCD" and image.get("Server") and image.get("ImageName"):
        share = image.get("ShareName", "").strip("/")
        parts = [part for part in (image["Server"], share, image["ImageName"]) if part]
        scheme = image.get("ShareType", "HTTP").lower()
        machine.insert(drive, Media(image=f"{scheme}://{'/'.join(parts)}"))
    else:
        raise bad_parameter(action, "FTSVirtualMediaAction", verb)


def _show_media(machine: Machine, document: Document) -> Document:
    mounted = machine.media[machine.layout.virtual_media[0][0]].image is not None
    return {**document, "CDImage": {**document["CDImage"], "IsMounted": mounted}}
