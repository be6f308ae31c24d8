"""The certificate service, and the certificate of the web server as a resource.

Source: DSP0268 "CertificateService" (GenerateCSR, ReplaceCertificate), "Certificate".
"""

from __future__ import annotations

from typing import Any, Final

from fleetd_emulators.servers.actions import check_parameters
from fleetd_emulators.servers.documents import ROOT, Document, Layout
from fleetd_emulators.servers.extension import Extension
from fleetd_emulators.servers.habits import Takes
from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.outcome import Outcome, Reply
from fleetd_emulators.servers.refusal import bad_parameter
from fleetd_emulators.servers.site import Site
from fleetd_emulators.servers.tls import NAMES

Body = dict[str, Any]
SERVICE: Final = f"{ROOT}/CertificateService"
_CSR: Final = {
    **dict.fromkeys(NAMES, str),
    "CertificateCollection": dict,
    "AlternativeNames": list,
    "KeyPairAlgorithm": str,
    "KeyBitLength": int,
    "KeyCurveId": str,
    "KeyUsage": list,
    "Email": str,
    "ContactPerson": str,
}
_REPLACE: Final = {"CertificateString": str, "CertificateType": str, "CertificateUri": dict}


def certificates(machine: Machine) -> Extension:
    """Signing requests and replacement, for the web server's certificate only."""
    if not machine.layout.certificates:
        return Extension()
    return Extension(
        actions={
            "CertificateService.GenerateCSR": _generate,
            "CertificateService.ReplaceCertificate": _replace,
        },
        overlays={f"{certificates_path(machine.layout)}/1": _overlay},
    )


def certificates_path(layout: Layout) -> str:
    """The collection of the web server's certificates."""
    return f"{layout.manager_path}/NetworkProtocol/HTTPS/Certificates"


def install(machine: Machine, text: str) -> None:
    """Take a certificate in and serve it when this BMC does.

    Raises:
        Refused: 400; it cannot be served.
    """
    machine.tls.stage(text)
    match machine.habits.certificate_takes:
        case Takes.AT_ONCE:
            machine.tls.serve()
        case Takes.RESTARTING:
            machine.reset_bmc()
    machine.note("The certificate of the web server was replaced.")


def _generate(site: Site, resource: str, body: Body) -> Outcome:
    action = "CertificateService.GenerateCSR"
    needed = ("CommonName", "Organization", "City", "State", "Country", "CertificateCollection")
    check_parameters(action, body, _CSR, *needed)
    collection = body["CertificateCollection"].get("@odata.id")
    if collection != certificates_path(site.machine.layout):
        raise bad_parameter(action, "CertificateCollection", collection)
    names = body.get("AlternativeNames") or []
    if not all(isinstance(name, str) for name in names):
        raise bad_parameter(action, "AlternativeNames", names)
    return Reply(
        document={
            "CertificateCollection": {"@odata.id": collection},
            "CSRString": site.machine.tls.request(body, names),
        }
    )


def _replace(site: Site, resource: str, body: Body) -> None:
    action = "CertificateService.ReplaceCertificate"
    check_parameters(
        action, body, _REPLACE, "CertificateString", "CertificateType", "CertificateUri"
    )
    uri = body["CertificateUri"].get("@odata.id")
    if uri != f"{certificates_path(site.machine.layout)}/1":
        raise bad_parameter(action, "CertificateUri", uri)
    if body["CertificateType"] not in {"PEM", "PEMchain"}:
        raise bad_parameter(action, "CertificateType", body["CertificateType"])
    install(site.machine, body["CertificateString"])


def _overlay(machine: Machine, document: Document) -> Document:
    return {**document, **machine.tls.described()}
