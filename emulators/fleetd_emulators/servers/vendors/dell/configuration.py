"""iDRAC's whole configuration as one file, in XML or JSON: the server configuration profile.

Source: Dell's "Server Configuration Profiles" guide; quirks DEL-016, DEL-049, DEL-050.
"""

from __future__ import annotations

import json
from typing import Any, Final
from xml.etree import ElementTree as Xml

from fleetd_emulators.servers.actions import check_parameters
from fleetd_emulators.servers.documents import Document
from fleetd_emulators.servers.extension import Extension
from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.outcome import Outcome
from fleetd_emulators.servers.refusal import Refused, bad_parameter
from fleetd_emulators.servers.site import Site
from fleetd_emulators.servers.tasks import TASKS_PATH, Task
from fleetd_emulators.servers.vendors.dell.attributes import KEPT, set_attributes
from fleetd_emulators.servers.vendors.dell.jobs import demand_ready

Body = dict[str, Any]
Profile = dict[str, dict[str, str]]
PROFILE_S: Final = 1.0
TARGET: Final = "configuration"
_BIOS: Final = "BIOS.Setup.1-1"
_IMPORT: Final = {
    "ImportBuffer": str,
    "ShareParameters": dict,
    "ShutdownType": str,
    "HostPowerState": str,
    "TimeToWait": int,
}
_EXPORT: Final = {
    "ExportFormat": str,
    "ShareParameters": dict,
    "ExportUse": str,
    "IncludeInExport": str,
}


def configuration(machine: Machine) -> Extension:
    """Import and export."""
    return Extension(
        actions={
            "OemManager.ImportSystemConfiguration": _import,
            "OemManager.ExportSystemConfiguration": _export,
        },
        finders=(_find_profile,),
    )


def _find_profile(machine: Machine, path: str) -> Document | None:
    """An export that has ended is read where its task was."""
    parent, _, identity = path.rpartition("/")
    task = machine.tasks.find(identity) if parent == TASKS_PATH else None
    return task.result if task is not None and task.finished is not None else None


def _free(machine: Machine) -> None:
    """A profile is refused while any job waits or runs (DEL-049).

    Raises:
        Refused: There is one.
    """
    demand_ready(machine)
    if any(job.finished is None for job in machine.tasks.jobs):
        raise Refused(
            400,
            "IDRAC.2.8.LC068",
            "An instance of Export or Import System Configuration or another job is running.",
        )


def _import(site: Site, resource: str, body: Body) -> Outcome:
    action = "OemManager.ImportSystemConfiguration"
    check_parameters(action, body, _IMPORT, "ImportBuffer", "ShareParameters")
    profile = _read(action, body["ImportBuffer"])
    machine = site.machine
    _free(machine)
    task: Task

    def take() -> None:
        refused = _apply(machine, profile, body.get("ShutdownType", "Graceful"))
        if refused is not None:
            task.failed = refused.message

    task = machine.tasks.begin(
        "Import Configuration", PROFILE_S, take, kind="ImportConfiguration", target=TARGET
    )
    return task


def _apply(machine: Machine, profile: Profile, shutdown: str) -> Refused | None:
    """Take the profile in; what needs it restarts the host unless told not to."""
    kept, bios = machine.kept[KEPT], machine.bios
    idrac = {
        name.replace("#", "."): value
        for name, value in profile.get(machine.layout.manager, {}).items()
    }
    settings = profile.get(_BIOS, {})
    try:
        set_attributes(machine, _typed(idrac, kept), kept)
        bios.stage(_typed(settings, bios.current))
    except Refused as refused:
        return refused
    if settings:
        bios.committed = True
        if shutdown != "NoReboot" and machine.power.is_running:
            machine.power.reset("ForceRestart" if shutdown == "Forced" else "GracefulRestart")
    return None


def _typed(given: dict[str, str], present: Body) -> Body:
    """A profile is all text: numbers become numbers where the attribute is one."""
    return {
        name: int(value) if isinstance(present.get(name), int) and value.isdecimal() else value
        for name, value in given.items()
    }


def _read(action: str, text: str) -> Profile:
    """Attributes by component, of either format.

    Raises:
        Refused: 400; it is neither.
    """
    try:
        if text.lstrip().startswith("{"):
            components = json.loads(text)["SystemConfiguration"]["Components"]
            return {
                one["FQDD"]: {entry["Name"]: entry["Value"] for entry in one["Attributes"]}
                for one in components
            }
        # The emulator's own callers send this, on loopback; entities are not resolved.
        root = Xml.fromstring(text)  # noqa: S314
        return {
            one.get("FQDD", ""): {
                entry.get("Name", ""): entry.text or "" for entry in one.iter("Attribute")
            }
            for one in root.iter("Component")
        }
    except (ValueError, KeyError, TypeError, Xml.ParseError):
        raise bad_parameter(action, "ImportBuffer", text[:40]) from None


def _export(site: Site, resource: str, body: Body) -> Outcome:
    action = "OemManager.ExportSystemConfiguration"
    check_parameters(action, body, _EXPORT, "ExportFormat", "ShareParameters")
    if body["ExportFormat"] != "JSON":
        raise bad_parameter(action, "ExportFormat", body["ExportFormat"])
    machine = site.machine
    _free(machine)
    task: Task

    def give() -> None:
        task.result = _profile(machine)

    task = machine.tasks.begin(
        "Export Configuration", PROFILE_S, give, kind="ExportConfiguration", target=TARGET
    )
    return task


def _profile(machine: Machine) -> Body:
    """The whole configuration; it holds iDRAC's own network identity too (DEL-050)."""
    server = machine.server
    idrac = {"#".join(name.rsplit(".", 1)): value for name, value in machine.kept[KEPT].items()}
    components = {machine.layout.manager: idrac, _BIOS: machine.bios.current}
    return {
        "SystemConfiguration": {
            "Model": server.model,
            "ServiceTag": server.sku,
            "Components": [
                {
                    "FQDD": fqdd,
                    "Attributes": [
                        {"Name": name, "Value": str(value), "Set On Import": "True"}
                        for name, value in values.items()
                    ],
                }
                for fqdd, values in components.items()
            ],
        }
    }
