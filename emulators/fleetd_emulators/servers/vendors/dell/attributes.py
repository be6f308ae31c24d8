"""iDRAC's own attributes: written at once, and some of them act.

Source: Dell's attribute registry; quirks DEL-013, DEL-016, DEL-101.
"""

from __future__ import annotations

from typing import Any, Final

from fleetd_emulators.servers.changes import check_writable
from fleetd_emulators.servers.documents import Document
from fleetd_emulators.servers.documents.dell import ATTRIBUTES
from fleetd_emulators.servers.extension import Extension
from fleetd_emulators.servers.machine import Machine, Override
from fleetd_emulators.servers.refusal import not_in_list, read_only, unknown_property, wrong_type
from fleetd_emulators.servers.site import Site

Body = dict[str, Any]
KEPT: Final = "DellAttributes"
_APPLY_TIME: Final = "@Redfish.SettingsApplyTime"
_ONCE, _DEVICE = "ServerBoot.1.BootOnce", "ServerBoot.1.FirstBootDevice"
# What the host boots for each device; only these words reach virtual media (DEL-016).
DEVICES: Final = {
    "Normal": "None",
    "PXE": "Pxe",
    "HDD": "Hdd",
    "BIOS": "BiosSetup",
    "VCD-DVD": "Cd",
    "vFDD": "Floppy",
    "SD": "SDCard",
}


def attributes(machine: Machine) -> Extension:
    """The attributes resource, which takes PATCH."""
    path = f"{machine.layout.manager_path}/Oem/Dell/DellAttributes/{machine.layout.manager}"
    machine.kept[KEPT] = dict(ATTRIBUTES)
    return Extension(changes={path: _change}, overlays={path: _overlay})


def set_attributes(machine: Machine, wanted: Body, present: Document) -> None:
    """Write attributes, all or none.

    Raises:
        Refused: One of them is unknown, cannot be written, or does not take the value.
    """
    kept = machine.kept[KEPT]
    for name, value in wanted.items():
        if name not in present:
            raise unknown_property(f"Attributes/{name}")
        if name not in kept:
            raise read_only(f"Attributes/{name}")
        if type(value) is not type(kept[name]):
            raise wrong_type(f"Attributes/{name}", value)
        if kept[name] in {"Enabled", "Disabled"} and value not in {"Enabled", "Disabled"}:
            raise not_in_list(f"Attributes/{name}", value)
        if name == _DEVICE and value not in DEVICES:
            raise not_in_list(f"Attributes/{name}", value)
    kept.update(wanted)
    if wanted.keys() & {_ONCE, _DEVICE}:
        machine.override = _override(machine, kept)


def _override(machine: Machine, kept: Body) -> Override:
    """The boot override that these attributes are."""
    target = DEVICES[kept[_DEVICE]]
    mode = machine.override.mode
    if target == "None":
        return Override(mode=mode)
    enabled = "Once" if kept[_ONCE] == "Enabled" else "Continuous"
    return Override(enabled=enabled, target=target, mode=mode)


def _change(site: Site, path: str, document: Document, body: Body) -> None:
    check_writable(document, body, ("Attributes", _APPLY_TIME))
    wanted = body.get("Attributes")
    if not isinstance(wanted, dict):
        raise wrong_type("Attributes", wanted)
    set_attributes(site.machine, wanted, document["Attributes"])


def _overlay(machine: Machine, document: Document) -> Document:
    return {**document, "Attributes": {**document["Attributes"], **machine.kept[KEPT]}}
