"""Live state that sushy-tools has no place for, laid over the personality's documents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from fleetd_emulators.servers.documents import ROOT, Document, Layout
from fleetd_emulators.servers.machine import Machine, Record
from fleetd_emulators.servers.tasks import TASKS_PATH

MONITORS_PATH: Final = f"{ROOT}/TaskService/TaskMonitors"
_EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)

Overlay = Callable[[Machine, Document], Document]


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
    if layout.jobs is not None:
        found[layout.jobs] = _jobs
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
    return {**_chassis(machine, document), "Boot": boot}


def _chassis(machine: Machine, document: Document) -> Document:
    light = {
        "IndicatorLED": machine.indicator,
        "LocationIndicatorActive": machine.indicator != "Off",
    }
    shown = {name: light[name] for name in machine.layout.locators}
    return {**document, **shown, "AssetTag": machine.asset_tag}


def _secure_boot(machine: Machine, document: Document) -> Document:
    current = "Enabled" if machine.secure_boot_current else "Disabled"
    return {**document, "SecureBootCurrentBoot": current}


def _pending(machine: Machine, document: Document) -> Document:
    return {**document, "Attributes": dict(machine.pending_bios)}


def _media(machine: Machine, document: Document) -> Document:
    connected = "URI" if document["Inserted"] else "NotConnected"
    return {**document, "ConnectedVia": connected}


def _tasks(machine: Machine, document: Document) -> Document:
    return _members(machine, document, [task.path for task in machine.tasks.all])


def _jobs(machine: Machine, document: Document) -> Document:
    """The job queue of an iDRAC: every task is a job there too."""
    paths = [f"{machine.layout.jobs}/{task.identity}" for task in machine.tasks.all]
    return _members(machine, document, paths)


def _members(machine: Machine, document: Document, paths: list[str]) -> Document:
    members = [{"@odata.id": machine.layout.href(path)} for path in paths]
    return {**document, "Members": members, "Members@odata.count": len(members)}


def _entries(machine: Machine, document: Document) -> Document:
    """Log entries are members of their collection in full (DSP0268 'LogEntry')."""
    path = f"{log_path(machine.layout)}/Entries"
    members = [entry(machine, path, record) for record in machine.log]
    return {**document, "Members": members, "Members@odata.count": len(members)}


def entry(machine: Machine, path: str, record: Record) -> Document:
    """One line of the log as a resource."""
    return {
        "@odata.type": "#LogEntry.v1_15_0.LogEntry",
        "@odata.id": machine.layout.href(f"{path}/{record.number}"),
        "Id": str(record.number),
        "Name": f"Log Entry {record.number}",
        "EntryType": "Event",
        "Severity": "OK",
        "Created": (_EPOCH + timedelta(seconds=record.at)).isoformat(timespec="seconds"),
        "Message": record.message,
    }
