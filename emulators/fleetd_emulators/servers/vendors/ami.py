"""AMI MegaRAC: boot is changed in the future state, uploads say what they are.

Source: AMI's Redfish guides; quirks AMI-003, AMI-005, AMI-008, AMI-009, AMI-010.
"""

from __future__ import annotations

from typing import Any, Final

from fleetd_emulators.protocol.exchange import Request
from fleetd_emulators.servers.changes import changes, check_writable
from fleetd_emulators.servers.documents import ROOT, Document
from fleetd_emulators.servers.extension import Extension, merged
from fleetd_emulators.servers.kept import keeping
from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.multipart import read_upload
from fleetd_emulators.servers.outcome import Outcome
from fleetd_emulators.servers.refusal import Refused, bad_parameter
from fleetd_emulators.servers.site import Site
from fleetd_emulators.servers.state import overlays

Body = dict[str, Any]
UPDATE: Final = f"{ROOT}/UpdateService"


def ami(machine: Machine) -> Extension:
    """Everything MegaRAC does of its own."""
    layout = machine.layout
    return merged(
        keeping({UPDATE: ("Oem",)}),
        Extension(
            changes={layout.system_path: _change_system, future(machine): _change_future},
            uploads={layout.multipart_uri or "": _upload},
            overlays={future(machine): _show_future, UPDATE: _show_update},
        ),
    )


def future(machine: Machine) -> str:
    """The path of the system's future state."""
    return f"{machine.layout.system_path}/SD"


def _change_system(site: Site, path: str, document: Document, body: Body) -> Outcome:
    """Boot is not changed here (AMI-003)."""
    if "Boot" in body:
        raise Refused(
            400,
            "Ami.1.0.OperationSupportedInFutureStateURI",
            "Support of this Operation for Boot Properties is moved to FutureState URI("
            f"{future(site.machine)})",
        )
    return changes(site.machine.layout)[path](site, path, document, body)


def _change_future(site: Site, path: str, document: Document, body: Body) -> Outcome:
    """An override says target, lasting and mode together (AMI-005)."""
    check_writable(document, body, ("Boot",))
    boot = body["Boot"]
    override = isinstance(boot, dict) and any(n.startswith("BootSourceOverride") for n in boot)
    if override and "BootSourceOverrideMode" not in boot:
        raise Refused(400, "PropertyMissing", "The BootSourceOverrideMode is required.")
    system = site.machine.layout.system_path
    return changes(site.machine.layout)[system](site, system, document, body)


def _show_future(machine: Machine, document: Document) -> Document:
    """The same override and order as the system's."""
    system = machine.layout.system_path
    shown = overlays(machine.layout)[system](machine, machine.documents[system])["Boot"]
    override = machine.override
    boot = {
        **shown,
        "BootSourceOverrideTarget": override.target,
        "BootSourceOverrideMode": override.mode,
    }
    return {**document, "Boot": boot}


def _upload(site: Site, request: Request) -> Outcome:
    """A part of its own tells the image's type (AMI-008)."""
    machine = site.machine
    upload = read_upload(request.headers.get("content-type", ""), request.body)
    kind = upload.others.get("OemParameters", {}).get("ImageType")
    places = {"BMC": machine.layout.manager_path, "BIOS": machine.layout.bios_path}
    if kind not in places:
        raise bad_parameter("Upload", "OemParameters/ImageType", kind)
    task = machine.flash.begin(upload.file_name, [places[kind]], upload.apply)
    if kind == "BMC" and not _preserves(machine):
        # What is not preserved is the factory's again (AMI-009).
        machine.schedule.after(0.0, lambda: _forget(machine))
    return task


def _preserves(machine: Machine) -> bool:
    section = machine.kept.get(UPDATE, {}).get("Oem", {}).get("AMIUpdateService", {})
    return bool(section.get("PreserveConfiguration", {}).get("Network"))


def _forget(machine: Machine) -> None:
    network = f"{machine.layout.manager_path}/NetworkProtocol"
    machine.kept.pop(network, None)


def _show_update(machine: Machine, document: Document) -> Document:
    """How far it is."""
    tasks = [task for task in machine.tasks.jobs if task.kind == "FirmwareUpdate"]
    shown = machine.tasks.document(tasks[-1]) if tasks else {}
    section = {
        **document["Oem"]["AMIUpdateService"],
        "UpdateStatus": shown.get("TaskState"),
        "FlashPercentage": shown.get("PercentComplete"),
    }
    return {**document, "Oem": {**document["Oem"], "AMIUpdateService": section}}
