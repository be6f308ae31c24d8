"""The first look at an address, and which certificates are accepted there."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from fleetd.config.redfish import TlsSection, Trust
from fleetd.domain.errors import Busy, CertificateRejected, NotRedfish, Unreachable
from fleetd.redfish.client import RedfishClient
from tests.support.redfish_side import ANY_CERTIFICATE, Witness, connect_to, section
from tests.support.scripted_bmc import SYSTEM, ScriptedBmc, listening, running_bmc, says, sends


@pytest.mark.asyncio
async def test_the_root_is_read_without_a_login(client: RedfishClient, bmc: ScriptedBmc) -> None:
    found = await client.probe(bmc.address, tls=ANY_CERTIFICATE, fingerprint=None, timeout=2)

    assert found.root.vendor == "Contoso"
    assert found.root.oem_keys == ("Contoso",)
    assert not found.root.expand
    assert found.document["RedfishVersion"] == "1.15.0"
    assert bmc.requests == ["GET /redfish/v1/"]
    assert not {"X-Auth-Token", "Authorization"} & set(bmc.headers[0])


@pytest.mark.asyncio
async def test_a_root_without_its_last_slash_is_found(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    bmc.always["GET /redfish/v1/"] = says(308, Location="/redfish/v1")

    found = await client.probe(bmc.address, tls=ANY_CERTIFICATE, fingerprint=None, timeout=2)

    assert found.root.redfish_version == "1.15.0"


@pytest.mark.asyncio
@pytest.mark.parametrize("learn", [True, False])
async def test_a_fingerprint_is_learned_only_when_told(*, learn: bool) -> None:
    pin = TlsSection(trust=Trust.PIN, learn=learn)
    async with (
        running_bmc(tls=True) as bmc,
        RedfishClient(section(), observer=Witness()) as client,
    ):
        if learn:
            found = await client.probe(bmc.address, tls=pin, fingerprint=None, timeout=2)
            assert found.fingerprint == bmc.fingerprint
        else:
            with pytest.raises(CertificateRejected, match=bmc.fingerprint):
                await client.probe(bmc.address, tls=pin, fingerprint=None, timeout=2)


@pytest.mark.asyncio
async def test_a_learned_fingerprint_holds_for_the_connection() -> None:
    pin = TlsSection(trust=Trust.PIN, learn=True)
    async with (
        running_bmc(tls=True) as bmc,
        RedfishClient(section(), observer=Witness()) as client,
    ):
        connection = connect_to(client, bmc, tls=pin)
        await connection.get(SYSTEM)

        assert connection.fingerprint == bmc.fingerprint


async def _greets(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
    await writer.drain()
    writer.close()


async def _hangs_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


@pytest.mark.asyncio
async def test_a_port_that_speaks_something_else_is_not_redfish() -> None:
    async with (
        listening(_greets) as address,
        RedfishClient(section(), observer=Witness()) as client,
    ):
        with pytest.raises(NotRedfish, match="not HTTP"):
            await client.probe(address, tls=ANY_CERTIFICATE, fingerprint=None, timeout=2)


@pytest.mark.asyncio
async def test_a_port_that_hangs_up_is_unreachable() -> None:
    async with (
        listening(_hangs_up) as address,
        RedfishClient(section(), observer=Witness()) as client,
    ):
        with pytest.raises(Unreachable):
            await client.probe(address, tls=ANY_CERTIFICATE, fingerprint=None, timeout=2)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "act",
    [says(404), sends(b"<html>", "text/html"), sends(b'{"hello": 1}'), sends(b"{}", status=403)],
    ids=["404", "html", "other json", "403"],
)
async def test_a_web_server_is_not_redfish(
    client: RedfishClient, bmc: ScriptedBmc, act: object
) -> None:
    bmc.always["GET /redfish/v1/"] = bmc.always["GET /redfish/v1"] = act  # type: ignore[assignment]

    with pytest.raises(NotRedfish):
        await client.probe(bmc.address, tls=ANY_CERTIFICATE, fingerprint=None, timeout=2)


@pytest.mark.asyncio
async def test_a_busy_root_is_busy(client: RedfishClient, bmc: ScriptedBmc) -> None:
    bmc.always["GET /redfish/v1/"] = says(503, Retry_After="7")

    with pytest.raises(Busy) as caught:
        await client.probe(bmc.address, tls=ANY_CERTIFICATE, fingerprint=None, timeout=2)

    assert caught.value.retry_after == 7


@pytest.mark.asyncio
async def test_a_tls_only_bmc_addressed_by_http_is_told_so() -> None:
    async with (
        running_bmc(tls=True) as bmc,
        RedfishClient(section(), observer=Witness()) as client,
    ):
        plain = bmc.address.replace("https", "http")
        with pytest.raises(NotRedfish, match=f"address it as {bmc.address}"):
            await client.probe(plain, tls=ANY_CERTIFICATE, fingerprint=None, timeout=2)


@pytest.mark.asyncio
async def test_a_plain_bmc_addressed_by_https_is_told_so(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    secure = bmc.address.replace("http", "https")

    with pytest.raises(NotRedfish, match="does not speak TLS"):
        await client.probe(secure, tls=ANY_CERTIFICATE, fingerprint=None, timeout=2)


@pytest.mark.asyncio
async def test_queueing_for_a_connection_is_not_charged_to_a_probes_timeout() -> None:
    delay = 0.15

    async def answers_late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(delay)
        writer.close()

    settings = section(connections_opening=1, connect_timeout=timedelta(seconds=delay))
    async with (
        running_bmc() as bmc,
        listening(answers_late) as silent,
        RedfishClient(settings, observer=Witness()) as client,
    ):
        tls_on_silence = silent.replace("http", "https")
        blocked = [
            client.probe(tls_on_silence, tls=ANY_CERTIFICATE, fingerprint=None, timeout=5)
            for _ in range(4)
        ]
        waiting = client.probe(bmc.address, tls=ANY_CERTIFICATE, fingerprint=None, timeout=0.3)

        *failed, found = await asyncio.gather(*blocked, waiting, return_exceptions=True)

        assert all(isinstance(one, Unreachable) for one in failed)
        assert not isinstance(found, BaseException)


@pytest.mark.asyncio
async def test_a_pinned_certificate_is_accepted_and_another_is_not() -> None:
    pin = TlsSection(trust=Trust.PIN)
    async with running_bmc(tls=True) as bmc:
        async with RedfishClient(section(), observer=Witness()) as client:
            right = connect_to(client, bmc, tls=pin, fingerprint=bmc.fingerprint)
            assert (await right.get(SYSTEM))["Id"] == "1"
            seen = len(bmc.requests)
            wrong = connect_to(client, bmc, tls=pin, fingerprint="ab" * 32)
            with pytest.raises(CertificateRejected, match=bmc.fingerprint):
                await wrong.get(SYSTEM)
        assert "GET /redfish/v1/" not in bmc.requests[seen:]


@pytest.mark.asyncio
async def test_a_self_signed_certificate_is_not_trusted_by_authority() -> None:
    async with running_bmc(tls=True) as bmc:
        async with RedfishClient(section(), observer=Witness()) as client:
            with pytest.raises(CertificateRejected, match="self-signed"):
                await connect_to(client, bmc, tls=TlsSection()).get(SYSTEM)
        assert not bmc.requests
