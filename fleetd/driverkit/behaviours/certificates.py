"""The BMC's TLS certificate: a signing request made there, and a certificate put in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.actions import action
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import link, value
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a certificate names (DSP0268 'CertificateService', GenerateCSR)."""

    common_name: str
    alternative_names: tuple[str, ...] = ()
    organization: str = "unknown"
    organizational_unit: str = "unknown"
    city: str = "unknown"
    state: str = "unknown"
    country: str = "XX"


class Certificates(Behaviour):
    """CertificateService and the certificates of HTTPS (DSP0268 'CertificateService')."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "ServiceRoot": (Follow("CertificateService", "CertificateService"),),
        "Manager": (Follow("NetworkProtocol", "ManagerNetworkProtocol"),),
        "ManagerNetworkProtocol": (Follow("HTTPS/Certificates", "Certificate"),),
    }

    def collection(self, protocol: Resource) -> str:
        """Where the certificates of HTTPS are.

        Raises:
            Unsupported: The BMC shows none.
        """
        path = link(value(protocol.body, "HTTPS/Certificates"))
        if path is None:
            raise Unsupported("HTTPS shows no certificates", endpoint="", uri=protocol.path)
        return path

    def signing_request(
        self, service: Resource, documents: Documents, protocol: Resource, subject: Subject
    ) -> tuple[Request, ...]:
        """The requests that make a key in the BMC and answer with ``CSRString``.

        Raises:
            Unsupported: The BMC can't.
        """
        return (
            action(service, "CertificateService.GenerateCSR", documents).request(
                CertificateCollection={"@odata.id": self.collection(protocol)},
                CommonName=subject.common_name,
                AlternativeNames=list(subject.alternative_names or (subject.common_name,)),
                Organization=subject.organization,
                OrganizationalUnit=subject.organizational_unit,
                City=subject.city,
                State=subject.state,
                Country=subject.country,
            ),
        )

    def replace(
        self, service: Resource, documents: Documents, certificate: Resource, pem: str
    ) -> tuple[Request, ...]:
        """The requests that put a signed certificate in the place of the one that is served.

        Raises:
            Unsupported: The BMC can't.
        """
        return (
            action(service, "CertificateService.ReplaceCertificate", documents).request(
                CertificateUri={"@odata.id": certificate.path},
                CertificateType="PEM",
                CertificateString=pem,
            ),
        )
