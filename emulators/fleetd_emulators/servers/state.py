"""Live state that sushy-tools has no place for, laid over the personality's documents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from fleetd_emulators.servers.documents import ROOT, Document, Layout
from fleetd_emulators.servers.extension import Overlay
from fleetd_emulators.servers.machine import Machine, Record
from fleetd_emulators.servers.tasks import TASKS_PATH

MONITORS_PATH: Final = f"{ROOT}/TaskService/TaskMonitors"
_EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)


def overlays(layout: Layout) -> dict[str, Overlay]:
    """By path, what completes the document there."""
    found: dict[str, Overlay] = {
        layout.system_path: _system,
        layout.chassis_path: _chassis,
        f"{layout.system_path}/SecureBoot": _secure_boot,
        layout.bios_settings_path: _pending,
        TASKS_PATH: _tasks,
        f"{log_path(layout)}/Entries": _entries,
    }
    for identity, _, _ in layout.virtual_media:
        found[f"{layout.media_path}/{identity}"] = _media
    return found


def log_path(layout: Layout) -> str:
    """The log service that records what happens to the host."""
    if layout.system_logs:
        return f"{layout.system_path}/LogServices/{layout.system_logs[0]}"
    return f"{layout.manager_path}/LogServices/{layout.manager_logs[0]}"


def _system(machine: Machine, document: Document) -> Document:
    boot = {**document["Boot"], "BootSourceOverrideEnabled": machine.override.enabled}
    if machine.boot_order is not None:
        boot["BootOrder"] = machine.boot_order
    if "HttpBootUri" in boot:
        boot["HttpBootUri"] = machine.override.http_uri
    progress = {**document["BootProgress"]}
    if machine.is_in_post:
        progress["LastState"] = "SystemHardwareInitializationComplete"
    return {**_chassis(machine, document), "Boot": boot, "BootProgress": progress}


def _chassis(machine: Machine, document: Document) -> Document:
    light = {
        "IndicatorLED": machine.indicator,
        "LocationIndicatorActive": machine.indicator != "Off",
    }
    shown = {name: light[name] for name in machine.layout.locators}
    return {**document, **shown, "AssetTag": machine.asset_tag}


def _secure_boot(machine: Machine, document: Document) -> Document:
    current = "Enabled" if machine.secure_boot_current else "Disabled"
    mode = "DeployedMode" if machine.secure_boot_keys else "SetupMode"
    return {**document, "SecureBootCurrentBoot": current, "SecureBootMode": mode}


def _pending(machine: Machine, document: Document) -> Document:
    return {**document, "Attributes": dict(machine.bios.pending)}


def _media(machine: Machine, document: Document) -> Document:
    connected = "URI" if document["Inserted"] else "NotConnected"
    return {**document, "ConnectedVia": connected}


def _tasks(machine: Machine, document: Document) -> Document:
    return members(machine, document, [task.path for task in machine.tasks.all])


def members(machine: Machine, document: Document, paths: list[str]) -> Document:
    """The collection with these members."""
    links = [{"@odata.id": machine.layout.href(path)} for path in paths]
    return {**document, "Members": links, "Members@odata.count": len(links)}


def _entries(machine: Machine, document: Document) -> Document:
    """Log entries are members of their collection in full (DSP0268 'LogEntry')."""
    path = f"{log_path(machine.layout)}/Entries"
    entries = [entry(machine, path, record) for record in machine.log]
    return {**document, "Members": entries, "Members@odata.count": len(entries)}


def entry(machine: Machine, path: str, record: Record) -> Document:
    """One line of the log as a resource."""
    return {
        "@odata.type": "#LogEntry.v1_15_0.LogEntry",
        "@odata.id": machine.layout.href(f"{path}/{record.number}"),
        "Id": str(record.number),
        "Name": f"Log Entry {record.number}",
        "EntryType": "Event",
        "Severity": record.severity,
        "Created": (_EPOCH + timedelta(seconds=record.at)).isoformat(timespec="seconds"),
        "Message": record.message,
    }


def find_task(machine: Machine, path: str) -> Document | None:
    """A task as a resource."""
    parent, _, identity = path.rpartition("/")
    task = machine.tasks.find(identity) if parent == TASKS_PATH else None
    return None if task is None else machine.tasks.document(task)


def find_entry(machine: Machine, path: str) -> Document | None:
    """A line of the log as a resource."""
    parent, _, identity = path.rpartition("/")
    if parent != f"{log_path(machine.layout)}/Entries":
        return None
    found = (record for record in machine.log if str(record.number) == identity)
    return next((entry(machine, parent, record) for record in found), None)
