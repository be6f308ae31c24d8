"""What every emulated BMC does: the standard's changes, actions and live state."""

from __future__ import annotations

from fleetd_emulators.protocol.exchange import Request
from fleetd_emulators.servers.actions import ACTIONS, create_volume, delete_volume
from fleetd_emulators.servers.certificates import certificates
from fleetd_emulators.servers.changes import changes
from fleetd_emulators.servers.extension import Extension, merged
from fleetd_emulators.servers.kept import kept_properties
from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.multipart import read_upload
from fleetd_emulators.servers.outcome import Outcome
from fleetd_emulators.servers.site import Site
from fleetd_emulators.servers.state import find_entry, find_task, overlays
from fleetd_emulators.servers.tasks import TASKS_PATH


def standard(machine: Machine) -> Extension:
    """The standard's share of what one machine's BMC does."""
    return merged(_resources(machine), kept_properties(machine.layout), certificates(machine))


def _resources(machine: Machine) -> Extension:
    layout = machine.layout
    volumes = [path for path in machine.documents if path.endswith("/Volumes")]
    return Extension(
        changes=changes(layout),
        actions=ACTIONS,
        creations=dict.fromkeys(volumes, create_volume),
        uploads={uri: push for uri in (layout.push_uri, layout.multipart_uri) if uri},
        deletions={TASKS_PATH: delete_task, **dict.fromkeys(volumes, delete_volume)},
        overlays=overlays(layout),
        finders=(find_task, find_entry),
    )


def push(site: Site, request: Request) -> Outcome:
    """Install an image that came in the request.

    Raises:
        Refused: There is none in it, or it cannot be installed now.
    """
    upload = read_upload(request.headers.get("content-type", ""), request.body)
    return site.machine.flash.begin(upload.file_name, upload.targets, upload.apply)


def delete_task(site: Site, path: str) -> bool:
    """Forget a task; false where there is none."""
    task = site.machine.tasks.find(path.rpartition("/")[2])
    if task is not None:
        site.machine.tasks.remove(task.identity)
    return task is not None
