"""What iDRAC makes a job of: BIOS settings, secure boot, the boot order, volumes, firmware.

Source: Dell's Redfish API guide; quirks DEL-022, DEL-023, DEL-027, DEL-028, DEL-029, DEL-071,
DEL-072, DEL-077, DEL-101.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fleetd_emulators.servers.actions import (
    ACTIONS,
    check_volume_time,
    delete_volume,
    make_volume,
    plan_volume,
)
from fleetd_emulators.servers.changes import changes, check_writable, stage_bios
from fleetd_emulators.servers.documents import Document
from fleetd_emulators.servers.extension import Extension
from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.outcome import Outcome
from fleetd_emulators.servers.refusal import Refused, not_in_list
from fleetd_emulators.servers.site import Site
from fleetd_emulators.servers.vendors.dell.jobs import (
    committed,
    configure,
    configure_bios,
    demand_ready,
)

Body = dict[str, Any]
VOLUME_S: Final = 1.0
_APPLY_TIME: Final = "@Redfish.SettingsApplyTime"
_LOCKED: Final = ("/Bios", "/SecureBoot", "/UpdateService", "/Jobs", "/Volumes", "/Systems/")


def staging(machine: Machine) -> Extension:
    """The changes that wait for a job, and the lockdown that refuses them all."""
    layout = machine.layout
    volumes = [path for path in machine.documents if path.endswith("/Volumes")]
    return Extension(
        changes={
            layout.bios_settings_path: _change_bios,
            layout.system_path: _change_system,
            f"{layout.system_path}/SecureBoot": _change_secure_boot,
        },
        actions={
            "DellManager.ClearPending": _clear_pending,
            "UpdateService.SimpleUpdate": _update,
            "Bios.ResetBios": _reset_bios,
        },
        creations=dict.fromkeys(volumes, _create_volume),
        deletions=dict.fromkeys(volumes, _delete_volume),
        guards=(_lockdown,),
    )


def _lockdown(site: Site, method: str, path: str) -> None:
    """In lockdown nothing of the host changes (DEL-101); reading its attributes goes on."""
    kept = site.machine.kept.get("DellAttributes", {})
    if kept.get("Lockdown.1.SystemLockdown") != "Enabled":
        return
    if path.endswith("/Actions/ComputerSystem.Reset"):
        return
    if any(part in path for part in _LOCKED):
        raise Refused(403, "AccessDenied", "The system is in System Lockdown mode.")


def _no_bios_job(machine: Machine) -> None:
    if machine.tasks.unfinished(machine.layout.bios_settings_path) is not None:
        raise committed()


def _change_bios(site: Site, path: str, document: Document, body: Body) -> Outcome:
    """With an apply time the job is made at once; without one the values lie (DEL-027)."""
    machine = site.machine
    check_writable(document, body, ("Attributes", _APPLY_TIME))
    at = body.get(_APPLY_TIME)
    times = machine.layout.bios_apply_times
    if at is not None and (not isinstance(at, dict) or at.get("ApplyTime") not in times):
        raise not_in_list(_APPLY_TIME, at)
    _no_bios_job(machine)
    if at is not None:
        demand_ready(machine)
    stage_bios(site, body)
    return None if at is None else configure_bios(machine)


def _clear_pending(site: Site, resource: str, body: Body) -> None:
    _no_bios_job(site.machine)
    site.machine.bios.discard()


def _reset_bios(site: Site, resource: str, body: Body) -> None:
    _no_bios_job(site.machine)
    ACTIONS["Bios.ResetBios"](site, resource, body)


def _change_system(site: Site, path: str, document: Document, body: Body) -> Outcome:
    """A boot order that is another becomes a BIOS job; one that is the same does not (DEL-022)."""
    boot = body.get("Boot")
    order = boot.get("BootOrder") if isinstance(boot, dict) else None
    before = site.machine.boot_order
    changes(site.machine.layout)[path](site, path, document, body)
    if order is None or order == document["Boot"]["BootOrder"]:
        return None
    machine, machine_order = site.machine, site.machine.boot_order
    machine.boot_order = before

    def take() -> None:
        machine.boot_order = machine_order

    return configure(
        machine,
        "Configure: BIOS.Setup.1-1",
        "BIOSConfiguration",
        machine.layout.bios_settings_path,
        take,
    )


def _change_secure_boot(site: Site, path: str, document: Document, body: Body) -> Outcome:
    """Secure boot is a BIOS setting in disguise, and so a job (DEL-023)."""
    _no_bios_job(site.machine)
    demand_ready(site.machine)
    changes(site.machine.layout)[path](site, path, document, body)
    return configure_bios(site.machine)


def _update(site: Site, resource: str, body: Body) -> Outcome:
    demand_ready(site.machine)
    return ACTIONS["UpdateService.SimpleUpdate"](site, resource, body)


def _create_volume(site: Site, collection: str, body: Body) -> Outcome:
    """A PERC makes volumes at once where the host runs, a BOSS at the next start (DEL-072)."""
    planned = plan_volume(site, collection, body)

    def make() -> None:
        make_volume(site, collection, planned)

    return _raid_job(site, collection, body, make)


def _delete_volume(site: Site, path: str) -> Outcome | bool:
    """A job too."""
    collection, _, identity = path.rpartition("/")
    controller = collection.split("/")[-2]
    if all(str(volume.number) != identity for volume in site.machine.volumes.of(controller)):
        return False

    def delete() -> None:
        delete_volume(site, path)

    return _raid_job(site, collection, {}, delete)


def _raid_job(site: Site, collection: str, body: Body, do: Callable[[], None]) -> Outcome:
    machine = site.machine
    controller = collection.split("/")[-2]
    times = ("OnReset",) if controller.startswith("BOSS") else ("Immediate", "OnReset")
    wanted = check_volume_time(body, times) or times[0]
    if wanted == "Immediate" and not machine.power.is_running:
        # Real-time configuration needs a host that runs (DEL-071).
        raise Refused(400, "IDRAC.2.8.STOR023", "The host must be on for real-time configuration.")
    return configure(
        machine,
        f"Configure: {controller}",
        "RAIDConfiguration" if wanted == "OnReset" else "RealTimeNoRebootConfiguration",
        f"raid/{controller}",
        do,
        now_s=VOLUME_S if wanted == "Immediate" else None,
    )
