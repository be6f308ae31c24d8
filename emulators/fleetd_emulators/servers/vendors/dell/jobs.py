"""iDRAC's job queue and the Lifecycle Controller behind it.

Source: Dell's Redfish API guide, "DellJobService", "DellLCService"; quirks DEL-028, DEL-029,
DEL-030, DEL-033, DEL-051, DEL-054, DEL-057, DEL-060.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fleetd_emulators.servers.actions import check_parameters
from fleetd_emulators.servers.documents import Document
from fleetd_emulators.servers.extension import Extension
from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.outcome import Outcome, Reply
from fleetd_emulators.servers.refusal import Refused, bad_parameter
from fleetd_emulators.servers.site import Site
from fleetd_emulators.servers.state import members
from fleetd_emulators.servers.tasks import Task

Body = dict[str, Any]
EVERYTHING: Final = "JID_CLEARALL"
_FORCED: Final = "JID_CLEARALL_FORCE"


def jobs(machine: Machine) -> Extension:
    """The queue, the way to fill it, and the ways to empty it."""
    path = queue(machine)
    return Extension(
        creations={path: _create},
        deletions={path: _delete},
        overlays={path: _collection},
        finders=(_find,),
        actions={
            "DellJobService.DeleteJobQueue": _clear,
            "DellLCService.GetRemoteServicesAPIStatus": _status,
        },
    )


def queue(machine: Machine) -> str:
    """The path of the job queue."""
    return machine.layout.jobs or ""


def ready(machine: Machine) -> bool:
    """Whether the Lifecycle Controller takes jobs; not for a while after a start (DEL-051)."""
    busy_s = machine.habits.post_s + machine.habits.lifecycle_lag_s
    return not machine.power.is_running or machine.since_start >= busy_s


def demand_ready(machine: Machine) -> None:
    """Take no job while the Lifecycle Controller is not ready.

    Raises:
        Refused: 503.
    """
    if not ready(machine):
        raise Refused(503, "IDRAC.2.8.LC060", "Lifecycle Controller Remote Services is not ready.")


def committed() -> Refused:
    """Nothing can be set while a configuration job has not run (DEL-028, DEL-029)."""
    return Refused(
        400,
        "IDRAC.2.8.SYS011",
        "Pending configuration values are already committed, unable to perform another set "
        "operation.",
    )


def configure(
    machine: Machine,
    name: str,
    kind: str,
    target: str,
    do: Callable[[], None],
    undo: Callable[[], None] = lambda: None,
    *,
    now_s: float | None = None,
) -> Task:
    """Make the one configuration job that a target can have.

    Args:
        machine: Whose job it is.
        name: As people read it.
        kind: iDRAC's JobType.
        target: The settings it is about.
        do: What the job does when it ends.
        undo: What happens when it is deleted before.
        now_s: How long it takes where it needs no restart of the host.

    Raises:
        Refused: The target has a job, or no jobs are taken now.
    """
    demand_ready(machine)
    if machine.tasks.unfinished(target) is not None:
        raise committed()
    return machine.tasks.begin(
        name,
        now_s or 0.0,
        do,
        waits_for_reset=now_s is None,
        kind=kind,
        target=target,
        on_cancel=undo,
    )


def configure_bios(machine: Machine) -> Task:
    """Commit the pending BIOS settings: they take effect at the next start."""
    task = configure(
        machine,
        "Configure: BIOS.Setup.1-1",
        "BIOSConfiguration",
        machine.layout.bios_settings_path,
        lambda: None,
        machine.bios.discard,
    )
    machine.bios.committed = True
    return task


def _create(site: Site, path: str, body: Body) -> Outcome:
    """A job for settings that lie pending; iDRAC names the settings resource (DEL-030)."""
    check_parameters(
        "DellJob", body, {"TargetSettingsURI": str, "RebootJobType": str}, "TargetSettingsURI"
    )
    machine = site.machine
    if body["TargetSettingsURI"].rstrip("/") != machine.layout.bios_settings_path:
        raise bad_parameter("DellJob", "TargetSettingsURI", body["TargetSettingsURI"])
    if not machine.bios.pending:
        raise Refused(400, "IDRAC.2.8.RAC0505", "There is no pending data to create a job for.")
    task = configure_bios(machine)
    # It answers 200 and points to the job, not to a task (DEL-060).
    return Reply(headers={"location": f"{path}/{task.identity}"})


def _delete(site: Site, path: str) -> bool:
    task = site.machine.tasks.job(path.rpartition("/")[2])
    if task is not None:
        site.machine.tasks.cancel(task)
    return task is not None


def _clear(site: Site, resource: str, body: Body) -> None:
    action = "DellJobService.DeleteJobQueue"
    check_parameters(action, body, {"JobID": str}, "JobID")
    tasks = site.machine.tasks
    if body["JobID"] in {EVERYTHING, _FORCED}:
        for job in tasks.jobs:
            tasks.cancel(job)
        return
    task = tasks.job(body["JobID"])
    if task is None:
        raise bad_parameter(action, "JobID", body["JobID"])
    tasks.cancel(task)


def _status(site: Site, resource: str, body: Body) -> Reply:
    """What GetRemoteServicesAPIStatus tells; it takes an empty body only."""
    check_parameters("DellLCService.GetRemoteServicesAPIStatus", body, {})
    machine = site.machine
    state = "Ready" if ready(machine) else "NotReady"
    if machine.is_in_post:
        server = "InPOST"
    else:
        server = "OutOfPOST" if machine.power.is_running else "PoweredOff"
    return Reply(
        document={
            "LCStatus": "Ready" if ready(machine) else "NotInitialized",
            "RTStatus": state,
            "ServerStatus": server,
            "Status": state,
        }
    )


def _collection(machine: Machine, document: Document) -> Document:
    path = queue(machine)
    return members(machine, document, [f"{path}/{job.identity}" for job in machine.tasks.jobs])


def _find(machine: Machine, path: str) -> Document | None:
    parent, _, identity = path.rpartition("/")
    job = machine.tasks.job(identity) if parent == queue(machine) else None
    return None if job is None else machine.tasks.job_document(job, path)
