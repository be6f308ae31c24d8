"""iLO 6: closed during POST, buttons to press, an update service with a state of its own.

Source: HPE's iLO RESTful API guide; quirks HPE-016, HPE-020, HPE-022, HPE-024, HPE-031, HPE-032,
HPE-033.
"""

from __future__ import annotations

import json
from typing import Any, Final

from fleetd_emulators.protocol.exchange import Request
from fleetd_emulators.servers.actions import ACTIONS, check_parameters
from fleetd_emulators.servers.certificates import install
from fleetd_emulators.servers.changes import changes, check_writable
from fleetd_emulators.servers.documents import ROOT, Document
from fleetd_emulators.servers.extension import Extension
from fleetd_emulators.servers.machine import Machine, Override
from fleetd_emulators.servers.multipart import boundary_of, parts
from fleetd_emulators.servers.outcome import Outcome
from fleetd_emulators.servers.refusal import Refused, unknown_parameter, wrong_type
from fleetd_emulators.servers.site import Site

Body = dict[str, Any]
UPDATE: Final = f"{ROOT}/UpdateService"
CSR_S: Final = 1.0
_ONCE: Final = "boot-once"
_WORDS: Final = {"Running": "Updating", "Starting": "Updating", "Completed": "Complete"}


def hpe(machine: Machine) -> Extension:
    """Everything iLO does of its own."""
    layout = machine.layout
    media = [f"{layout.media_path}/{identity}" for identity, _, _ in layout.virtual_media]
    certificate = f"{layout.manager_path}/SecurityService/HttpsCert"
    return Extension(
        changes={
            layout.system_path: _change_system,
            **dict.fromkeys(media, _change_media),
        },
        actions={
            "UpdateService.SimpleUpdate": _update,
            "HpeComputerSystemExt.PowerButton": _press,
            "HpeComputerSystemExt.SystemReset": _aux_cycle,
            "HpeHttpsCert.GenerateCSR": _generate,
            "HpeHttpsCert.ImportCertificate": _import,
        },
        uploads={layout.push_uri or "": _upload},
        overlays={
            layout.system_path: _show_post,
            layout.bios_path: _show_dropped,
            UPDATE: _show_update,
            certificate: _show_certificate,
            **dict.fromkeys(media, _show_media),
        },
        guards=(_closed_in_post,),
    )


def post_state(machine: Machine) -> str:
    """Oem.Hpe.PostState."""
    if not machine.power.is_running:
        return "PowerOff"
    return "InPost" if machine.is_in_post else "FinishedPost"


def _closed_in_post(site: Site, method: str, path: str) -> None:
    """What the firmware reads while it starts cannot be changed then (HPE-020)."""
    machine = site.machine
    if method != "PATCH" or not machine.habits.locked_in_post or not machine.is_in_post:
        return
    layout = machine.layout
    system = layout.system_path
    if path in {system, layout.bios_settings_path, f"{system}/SecureBoot"}:
        raise Refused(
            400,
            "iLO.2.23.UnableToModifyDuringSystemPOST",
            "The value for the property cannot be changed while the computer system BIOS is in "
            "POST.",
        )


def _change_system(site: Site, path: str, document: Document, body: Body) -> Outcome:
    boot = body.get("Boot")
    given = boot if isinstance(boot, dict) else {}
    if given.get("BootSourceOverrideTarget") == "None" and "BootSourceOverrideEnabled" in given:
        raise Refused(
            400,
            "iLO.2.23.PropertyValueIncompatible",
            "BootSourceOverrideEnabled cannot be written while the target is None.",
        )
    return changes(site.machine.layout)[path](site, path, document, body)


def _change_media(site: Site, path: str, document: Document, body: Body) -> Outcome:
    """Booting from a drive once is a property of the drive (HPE-016)."""
    if "Oem" not in body:
        return changes(site.machine.layout)[path](site, path, document, body)
    check_writable(document, body, ("Oem",))
    hpe_section = body["Oem"].get("Hpe") if isinstance(body["Oem"], dict) else None
    if not isinstance(hpe_section, dict) or set(hpe_section) != {"BootOnNextServerReset"}:
        raise wrong_type("Oem", body["Oem"])
    once = hpe_section["BootOnNextServerReset"]
    if not isinstance(once, bool):
        raise wrong_type("Oem/Hpe/BootOnNextServerReset", once)
    machine = site.machine
    target = "Cd" if "CD" in document["MediaTypes"] else "Usb"
    mode = machine.override.mode
    machine.override = (
        Override(enabled="Once", target=target, mode=mode) if once else Override(mode=mode)
    )
    machine.kept[_ONCE] = {"drive": path if once else ""}
    return None


def _show_media(machine: Machine, document: Document) -> Document:
    path = document["@odata.id"].rstrip("/")
    waits = machine.override.enabled == "Once"
    once = waits and machine.kept.get(_ONCE, {}).get("drive") == path
    return {**document, "Oem": {"Hpe": {"BootOnNextServerReset": once}}}


def _press(site: Site, resource: str, body: Body) -> None:
    """The power button: held, it cuts the power."""
    check_parameters("HpeComputerSystemExt.PowerButton", body, {"PushType": str}, "PushType")
    kinds = {"Press": "PushPowerButton", "PressAndHold": "ForceOff"}
    if body["PushType"] not in kinds:
        raise wrong_type("PushType", body["PushType"])
    site.machine.power.reset(kinds[body["PushType"]])


def _aux_cycle(site: Site, resource: str, body: Body) -> None:
    """Cuts even the standby power: the BMC restarts with the host, which must be off (HPE-024)."""
    check_parameters("HpeComputerSystemExt.SystemReset", body, {"ResetType": str}, "ResetType")
    if body["ResetType"] != "AuxCycle" or site.machine.power.is_running:
        raise Refused(
            400, "iLO.2.23.InvalidOperationForSystemState", "The system must be switched off."
        )
    site.machine.reset_bmc()


def _update(site: Site, resource: str, body: Body) -> Outcome:
    """The image says what it is for, so there are no targets (HPE-033)."""
    if "Targets" in body:
        raise unknown_parameter("UpdateService.SimpleUpdate", "Targets")
    return ACTIONS["UpdateService.SimpleUpdate"](site, resource, body)


def _upload(site: Site, request: Request) -> Outcome:
    """The form of iLO's web page: the session's key twice, parameters, and the image (HPE-031)."""
    form = {part.name: part for part in parts(request.body, boundary_of(request))}
    cookie = request.headers.get("cookie", "").removeprefix("sessionKey=")
    key = form.get("sessionKey")
    if key is None or key.content.decode(errors="replace") != cookie:
        raise Refused(403, "iLO.2.23.UnauthorizedLoginAttempt", "The session key is missing.")
    try:
        parameters = json.loads(form["parameters"].content)
        image = form.get("files[]") or form["file"]
        flashes = parameters["UpdateTarget"]
    except (KeyError, TypeError, ValueError):
        raise Refused(400, "MalformedJSON", "The form lacks parameters or a file.") from None
    if flashes:
        site.machine.flash.begin(image.file_name or "image.bin", [])
    return None


def _show_update(machine: Machine, document: Document) -> Document:
    """How far it is shows here, not at a task (HPE-032)."""
    tasks = [task for task in machine.tasks.jobs if task.kind == "FirmwareUpdate"]
    if not tasks:
        return {**document, "Oem": {"Hpe": {"State": "Idle", "FlashProgressPercent": 0}}}
    shown = machine.tasks.document(tasks[-1])
    state = _WORDS.get(shown["TaskState"], "Error")
    percent = shown["PercentComplete"]
    return {**document, "Oem": {"Hpe": {"State": state, "FlashProgressPercent": percent}}}


def _show_post(machine: Machine, document: Document) -> Document:
    oem = {**document["Oem"]["Hpe"], "PostState": post_state(machine)}
    discovered = "vMainDeviceDiscoveryComplete"
    busy = machine.is_in_post or not machine.power.is_running
    oem["DeviceDiscoveryComplete"] = {
        "DeviceDiscovery": "vAuxDeviceDiscoveryComplete" if busy else discovered,
        "SmartArrayDiscovery": "Busy" if machine.is_in_post else "Complete",
    }
    return {**document, "Oem": {"Hpe": oem}}


def _show_dropped(machine: Machine, document: Document) -> Document:
    """What the last start made of the pending settings."""
    messages = [
        {"MessageId": f"Base.1.18.{refused.message_id}", "Message": refused.message}
        for refused in machine.bios.dropped
    ] or [{"MessageId": "Base.1.18.Success", "Message": "The settings were applied."}]
    settings = {**document["@Redfish.Settings"], "Messages": messages}
    return {**document, "@Redfish.Settings": settings}


def _generate(site: Site, resource: str, body: Body) -> None:
    """The request is ready after a while only, and read at the certificate."""
    names = ("CommonName", "OrgName", "OrgUnit", "City", "State", "Country")
    check_parameters(
        "HpeHttpsCert.GenerateCSR",
        body,
        {**dict.fromkeys(names, str), "IncludeIP": bool},
        *("CommonName", "OrgName", "City", "State", "Country"),
    )
    subject = {**body, "Organization": body["OrgName"], "OrganizationalUnit": body.get("OrgUnit")}
    tls = site.machine.tls
    csr = tls.request(subject, [])
    tls.csr = None
    site.machine.schedule.after(CSR_S, lambda: setattr(tls, "csr", csr))


def _import(site: Site, resource: str, body: Body) -> None:
    """iLO restarts itself for it."""
    check_parameters("HpeHttpsCert.ImportCertificate", body, {"Certificate": str}, "Certificate")
    install(site.machine, body["Certificate"])


def _show_certificate(machine: Machine, document: Document) -> Document:
    shown = machine.tls.described()
    information = {
        "Issuer": str(shown["Issuer"]),
        "Subject": str(shown["Subject"]),
        "SerialNumber": shown["SerialNumber"],
        "ValidNotBefore": shown["ValidNotBefore"],
        "ValidNotAfter": shown["ValidNotAfter"],
    }
    csr = machine.tls.csr
    return {
        **document,
        "CertificateSigningRequest": csr,
        "X509CertificateInformation": information,
    }
