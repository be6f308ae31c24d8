"""A BMC's certificate: asked for, signed, installed, and then really served."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fleetd_emulators.rack import Bmc
from tests.support.emulators import Answer, Client, client_of, rack_of, until

SERVICE = "/redfish/v1/CertificateService/Actions/CertificateService"
SUBJECT = {
    "CommonName": "bmc.example",
    "Organization": "Example",
    "City": "Basel",
    "State": "BS",
    "Country": "CH",
}


def signed(csr: str) -> str:
    """A certificate that an authority makes of a request."""
    request = x509.load_pem_x509_csr(csr.encode())
    authority = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Example CA")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(issuer)
        .public_key(request.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(authority, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


async def served(bmc: Bmc) -> str:
    """The certificate that a new connection meets."""
    host, _, port = bmc.url.partition("://")[2].rpartition(":")
    return await asyncio.to_thread(ssl.get_server_certificate, (host, int(port)))


async def generate(client: Client, manager: str) -> Answer:
    collection = f"/redfish/v1/Managers/{manager}/NetworkProtocol/HTTPS/Certificates"
    body = {**SUBJECT, "CertificateCollection": {"@odata.id": collection}}
    return await client.ask("POST", f"{SERVICE}.GenerateCSR", json=body, headers=client.basic)


async def replace(client: Client, manager: str, text: str) -> Answer:
    path = f"/redfish/v1/Managers/{manager}/NetworkProtocol/HTTPS/Certificates/1"
    body = {
        "CertificateString": text,
        "CertificateType": "PEM",
        "CertificateUri": {"@odata.id": path},
    }
    return await client.ask(
        "POST", f"{SERVICE}.ReplaceCertificate", json=body, headers=client.basic
    )


def fleet(personality: str) -> Any:
    return rack_of(servers=[{"personality": personality}], tls="self-signed")


@pytest.mark.parametrize(
    ("personality", "manager"), [("generic", "BMC"), ("lenovo", "1"), ("openbmc", "bmc")]
)
@pytest.mark.asyncio
async def test_a_signed_certificate_is_served_from_the_next_connection_on(
    personality: str, manager: str
) -> None:
    async with fleet(personality) as rack, client_of(rack.bmcs[0]) as client:
        first = await served(rack.bmcs[0])
        asked = await generate(client, manager)
        certificate = signed(asked.json["CSRString"])

        done = await replace(client, manager, certificate)

        path = f"/redfish/v1/Managers/{manager}/NetworkProtocol/HTTPS/Certificates/1"
        shown = (await client.get(path)).json
        assert (asked.status, done.status) == (200, 204)
        assert first.strip() != certificate.strip()
        assert (await served(rack.bmcs[0])).strip() == certificate.strip()
        assert shown["Subject"]["CommonName"] == "bmc.example"
        assert shown["Issuer"]["CommonName"] == "Example CA"


@pytest.mark.asyncio
async def test_the_first_certificate_is_shown_as_it_is_served() -> None:
    async with fleet("generic") as rack, client_of(rack.bmcs[0]) as client:
        path = "/redfish/v1/Managers/BMC/NetworkProtocol/HTTPS/Certificates/1"

        shown = (await client.get(path)).json["CertificateString"]

        assert shown.strip() == (await served(rack.bmcs[0])).strip()


@pytest.mark.asyncio
async def test_a_certificate_for_another_key_is_refused() -> None:
    async with fleet("generic") as rack, client_of(rack.bmcs[0]) as client:
        first = await served(rack.bmcs[0])
        old = (await generate(client, "BMC")).json["CSRString"]
        await generate(client, "BMC")

        stale = await replace(client, "BMC", signed(old))
        nonsense = await replace(client, "BMC", "-----BEGIN CERTIFICATE-----\nnone\n")

        assert (stale.status, nonsense.status) == (400, 400)
        assert await served(rack.bmcs[0]) == first


@pytest.mark.asyncio
async def test_idrac_serves_it_only_after_its_own_restart() -> None:
    """Quirk DEL-104."""
    manager = "iDRAC.Embedded.1"
    async with fleet("dell") as rack, client_of(rack.bmcs[0]) as client:
        bmc = rack.bmcs[0]
        certificate = signed((await generate(client, manager)).json["CSRString"])
        await replace(client, manager, certificate)
        before = await served(bmc)
        reset = f"/redfish/v1/Managers/{manager}/Actions/Manager.Reset"
        await client.ask("POST", reset, json={"ResetType": "GracefulRestart"}, headers=client.basic)

        async def renewed() -> bool:
            try:
                return (await served(bmc)).strip() == certificate.strip()
            except OSError:
                return False

        assert before.strip() != certificate.strip()
        await until(renewed)
