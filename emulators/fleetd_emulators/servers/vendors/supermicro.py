"""Supermicro X12 and later: a licence, modes of updating, overrides said in full, lockdown.

Source: Supermicro's Redfish user's guide; quirks SMC-004, SMC-005, SMC-010, SMC-013, SMC-016,
SMC-018, SMC-019, SMC-020, SMC-021, SMC-022, SMC-030, SMC-032.
"""

from __future__ import annotations

from typing import Any, Final

from fleetd_emulators.protocol.exchange import Request
from fleetd_emulators.servers.actions import check_parameters
from fleetd_emulators.servers.changes import changes
from fleetd_emulators.servers.documents import Document
from fleetd_emulators.servers.extension import Extension, merged
from fleetd_emulators.servers.flash import Apply
from fleetd_emulators.servers.kept import keeping
from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.multipart import Upload, read_upload
from fleetd_emulators.servers.outcome import Outcome
from fleetd_emulators.servers.refusal import Refused, bad_parameter, read_only
from fleetd_emulators.servers.site import Site

Body = dict[str, Any]
KEY: Final = "SFT-DCMS-SINGLE"
_LICENCE: Final = "licence"
# What needs the licence: configuration of the host and updates out of band.
_LICENSED: Final = ("/Bios", "/UpdateService", "/Oem/Supermicro", "/VirtualMedia", "/SecureBoot")
# What each component's update must say that it keeps, and nothing else (SMC-019).
FLAGS: Final = {
    "BIOS": {"PreserveME", "PreserveNVRAM", "PreserveSMBIOS", "PreserveOA"},
    "BMC": {"PreserveCfg", "PreserveSdr", "PreserveSsl"},
}


def supermicro(machine: Machine) -> Extension:
    """Everything a Supermicro BMC does of its own."""
    layout = machine.layout
    own = f"{layout.manager_path}/Oem/Supermicro"
    machine.kept[_LICENCE] = {"installed": machine.habits.licensed}
    return merged(
        keeping(
            {
                f"{own}/FanMode": ("Mode",),
                f"{own}/SysLockdown": ("SysLockdownEnabled",),
                f"{layout.system_path}/Oem/Supermicro/FixedBootOrder": (
                    *("BootModeSelected", "FixedBootOrder"),
                ),
            }
        ),
        Extension(
            changes={layout.system_path: _change_system},
            actions={
                "LicenseManager.ActivateLicense": _activate,
                "LicenseManager.ClearLicense": _clear,
                "OemSystemExtensions.Reset": _ac_cycle,
                "SmcUpdateService.CancelUpdate": _cancel,
            },
            uploads={layout.multipart_uri or "": _upload},
            overlays={
                layout.bios_settings_path: _show_pending,
                f"{layout.manager_path}/LicenseManager/QueryLicense": _show_licences,
            },
            guards=(_needs_licence, _locked),
        ),
    )


def _needs_licence(site: Site, method: str, path: str) -> None:
    if site.machine.kept[_LICENCE]["installed"] or "LicenseManager" in path:
        return
    if any(part in path for part in _LICENSED):
        raise Refused(
            403,
            "SMC.1.0.OemLicenseNotPassed",
            "Not licensed to perform this request. The following licenses SFT-DCMS-SINGLE are "
            "needed.",
        )


def _locked(site: Site, method: str, path: str) -> None:
    """Lockdown blocks BIOS, boot and account changes until it is lifted (SMC-032)."""
    machine = site.machine
    lock = f"{machine.layout.manager_path}/Oem/Supermicro/SysLockdown"
    if path == lock or not machine.kept.get(lock, {}).get("SysLockdownEnabled"):
        return
    if method == "PATCH" or "/UpdateService" in path or "/Bios" in path:
        raise Refused(403, "SMC.1.0.OemLockdownEnabled", "The system is locked down.")


def _activate(site: Site, resource: str, body: Body) -> None:
    action = "LicenseManager.ActivateLicense"
    check_parameters(action, body, {"ProductKey": dict}, "ProductKey")
    node = body["ProductKey"].get("Node")
    name = node.get("LicenseName") if isinstance(node, dict) else None
    if name != KEY:
        raise bad_parameter(action, "ProductKey", name)
    site.machine.kept[_LICENCE]["installed"] = True


def _clear(site: Site, resource: str, body: Body) -> None:
    check_parameters("LicenseManager.ClearLicense", body, {})
    site.machine.kept[_LICENCE]["installed"] = False


def _show_licences(machine: Machine, document: Document) -> Document:
    installed = machine.kept[_LICENCE]["installed"]
    return {**document, "Licenses": document["Licenses"] if installed else []}


def _change_system(site: Site, path: str, document: Document, body: Body) -> Outcome:
    """The boot order is elsewhere (SMC-010); a mode left out is not kept (SMC-005)."""
    boot = body.get("Boot")
    if isinstance(boot, dict) and "BootOrder" in boot:
        raise read_only("Boot/BootOrder")
    outcome = changes(site.machine.layout)[path](site, path, document, body)
    if isinstance(boot, dict) and "BootSourceOverrideMode" not in boot:
        site.machine.forget_mode()
    return outcome


def _show_pending(machine: Machine, document: Document) -> Document:
    """``Attributes`` is not there while nothing is pending (SMC-013)."""
    if machine.bios.pending:
        return document
    return {name: value for name, value in document.items() if name != "Attributes"}


def _ac_cycle(site: Site, resource: str, body: Body) -> None:
    """Cuts the mains: host and BMC start anew (SMC-030)."""
    action = "OemSystemExtensions.Reset"
    check_parameters(action, body, {"ResetType": str}, "ResetType")
    if body["ResetType"] != "ACCycle":
        raise bad_parameter(action, "ResetType", body["ResetType"])
    site.machine.power.reset("PowerCycle")
    site.machine.reset_bmc()


def _upload(site: Site, request: Request) -> Outcome:
    """The image is verified only; writing begins with StartUpdate (SMC-018)."""
    machine = site.machine
    upload = read_upload(request.headers.get("content-type", ""), request.body)
    component = _component(machine, upload)
    if machine.flash.is_busy:
        raise Refused(
            400,
            "SMC.1.0.OemFirmwareAlreadyInUpdateMode",
            f"The {component} firmware update was already in update mode.",
        )
    if upload.apply is not Apply.ON_START:
        raise bad_parameter("Upload", "@Redfish.OperationApplyTime", upload.apply)
    return machine.flash.begin(upload.file_name, upload.targets, upload.apply, component)


def _component(machine: Machine, upload: Upload) -> str:
    """BIOS or BMC, by the one target and the flags that go with it (SMC-019, SMC-020)."""
    places = {machine.layout.bios_path: "BIOS", machine.layout.manager_path: "BMC"}
    target = upload.targets[0].rstrip("/") if len(upload.targets) == 1 else ""
    component = places.get(target)
    if component is None:
        raise bad_parameter("Upload", "Targets", upload.targets)
    oem = upload.parameters.get("Oem", {})
    section = oem.get("Supermicro", {}) if isinstance(oem, dict) else {}
    flags = section.get(component) if isinstance(section, dict) else None
    if not isinstance(flags, dict) or not set(flags) <= FLAGS[component]:
        raise bad_parameter("Upload", f"Oem/Supermicro/{component}", flags)
    return component


def _cancel(site: Site, resource: str, body: Body) -> None:
    """Leave the update mode without an update."""
    check_parameters("SmcUpdateService.CancelUpdate", body, {})
    site.machine.flash.cancel()
