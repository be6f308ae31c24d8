"""The client against the emulated fleet, which was written from the specification without it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sushy

from fleetd.config.redfish import RedfishSection, TlsSection, Trust
from fleetd.domain.errors import Busy, CredentialHeld, DeviceError, Malformed, Unauthorised
from fleetd.domain.ports import Credential
from fleetd.redfish.client import RedfishClient
from fleetd.redfish.connection import Connection
from fleetd.redfish.traits import STANDARD, ConnectionTraits
from fleetd_emulators.rack import Bmc, Rack
from tests.support.emulators import rack_of
from tests.support.redfish_side import Witness, section

PERSONALITIES = ("dell", "hpe", "supermicro", "lenovo", "openbmc")
SYSTEMS = "/redfish/v1/Systems"
PIN = TlsSection(trust=Trust.PIN, learn=True)


@asynccontextmanager
async def rack_and_client(
    settings: RedfishSection | None = None, **spec: Any
) -> AsyncIterator[tuple[Rack, RedfishClient]]:
    """A rack in this loop, and a client that must leave no session in it."""
    async with rack_of(**spec) as rack:
        async with RedfishClient(settings or section(), observer=Witness()) as client:
            yield rack, client
        for bmc in rack.bmcs:
            assert counters(bmc)["open_sessions"] == 0, bmc.name


def counters(bmc: Bmc) -> dict[str, Any]:
    assert bmc.front is not None
    return dict(bmc.front.gate.counters())


def connect(
    client: RedfishClient,
    bmc: Bmc,
    *,
    password: str | None = None,
    fingerprint: str | None = None,
    traits: ConnectionTraits = STANDARD,
) -> Connection:
    account = Credential(name="t", username=bmc.username, password=password or bmc.password)
    return client.connect(
        bmc.url, credential=account, tls=PIN, fingerprint=fingerprint, traits=traits, driver="t"
    )


def power(root: sushy.Sushy) -> str:
    return str(root.get_system().power_state.value)


@pytest.mark.asyncio
@pytest.mark.parametrize("personality", PERSONALITIES)
async def test_every_personality_is_probed_read_and_left(personality: str) -> None:
    server = {"personality": personality, "tls": "self-signed"}
    async with rack_and_client(servers=[server]) as (rack, client):
        (bmc,) = rack.bmcs

        found = await client.probe(bmc.url, tls=PIN, fingerprint=None, timeout=5)
        connection = connect(client, bmc, fingerprint=found.fingerprint)
        (member,) = (await connection.get(SYSTEMS))["Members"]
        system = await connection.get(member["@odata.id"])

        assert found.fingerprint == bmc.fingerprint_sha256
        assert found.root.redfish_version
        assert system["PowerState"] == await connection.sushy_call(power)
        assert counters(bmc)["logins"] == 1


@pytest.mark.asyncio
async def test_expanded_members_are_what_the_members_themselves_say() -> None:
    rule = {"expand": "one-level"}
    async with rack_and_client(servers=[{"personality": "hpe"}], protocol=[rule]) as (rack, client):
        (bmc,) = rack.bmcs
        connection = connect(client, bmc)
        (system,) = (await connection.get(SYSTEMS, expand=True))["Members"]
        memory = system["Memory"]["@odata.id"]

        expanded = (await connection.get(memory, expand=True))["Members"]
        plain = (await connection.get(memory))["Members"]

        assert all(member.keys() == {"@odata.id"} for member in plain)
        single = [await connection.get(member["@odata.id"]) for member in plain]
        assert [(one["Id"], one.get("SerialNumber")) for one in single] == [
            (one["Id"], one.get("SerialNumber")) for one in expanded
        ]


@pytest.mark.asyncio
async def test_a_wrong_password_is_one_wrong_login_for_the_bmc() -> None:
    async with rack_and_client(servers=[{"personality": "dell"}]) as (rack, client):
        (bmc,) = rack.bmcs
        wrong = connect(client, bmc, password="wrong")

        outcomes = await asyncio.gather(
            *(wrong.get(SYSTEMS) for _ in range(5)), return_exceptions=True
        )
        with pytest.raises(CredentialHeld):
            await wrong.get(SYSTEMS)

        assert all(isinstance(one, Unauthorised) for one in outcomes)
        assert counters(bmc)["wrong_logins"] == 1


@pytest.mark.asyncio
async def test_a_session_table_filled_by_others_is_busy() -> None:
    async with rack_and_client(
        servers=[{"personality": "dell"}], protocol=[{"session_limit": 1}]
    ) as (rack, client):
        (bmc,) = rack.bmcs
        await connect(client, bmc).get(SYSTEMS)
        async with RedfishClient(section(retries=0), observer=Witness()) as other:
            with pytest.raises(Busy, match="no session left"):
                await connect(other, bmc).get(SYSTEMS)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "unavailable", "times": 2, "retry_after_s": 0},
        {"kind": "drop", "times": 1},
        {"kind": "expire_session", "times": 1},
        {"kind": "latency", "ms": 50},
        {"kind": "wrong_content_type"},
    ],
    ids=lambda fault: fault["kind"],
)
async def test_passing_weather_does_not_show(fault: dict[str, Any]) -> None:
    struck = {**fault, "path": SYSTEMS, "method": "GET"}
    async with rack_and_client(servers=[{"personality": "lenovo"}], faults=[struck]) as (
        rack,
        client,
    ):
        assert (await connect(client, rack.bmcs[0]).get(SYSTEMS))["Members@odata.count"] == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", ["malformed_json", "truncated_json", "deep_json", "huge_body"])
async def test_answers_that_cannot_be_used_are_malformed(kind: str) -> None:
    struck = {"kind": kind, "path": SYSTEMS}
    async with rack_and_client(servers=[{"personality": "hpe"}], faults=[struck]) as (rack, client):
        connection = connect(client, rack.bmcs[0])

        with pytest.raises(Malformed):
            await connection.get(SYSTEMS)

        assert (await connection.get("/redfish/v1/Chassis"))["Members"]


@pytest.mark.asyncio
async def test_a_bmc_that_restarts_in_the_middle_is_lost_and_found() -> None:
    struck = {"kind": "reboot", "path": SYSTEMS, "times": 1, "down_s": 0.2}
    patient = section(breaker_failures=100)
    async with rack_and_client(
        patient, servers=[{"personality": "supermicro"}], faults=[struck]
    ) as (rack, client):
        connection = connect(client, rack.bmcs[0])
        await connection.get("/redfish/v1/Chassis")

        async with asyncio.timeout(10):
            while True:
                try:
                    systems = await connection.get(SYSTEMS)
                except DeviceError:
                    await asyncio.sleep(0.02)
                else:
                    break

        assert systems["Members@odata.count"] == 1
        assert counters(rack.bmcs[0])["logins"] == 2
