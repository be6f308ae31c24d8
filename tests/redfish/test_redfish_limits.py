"""Limits: on one BMC, on the fleet, and on patience with a BMC that is gone."""

from __future__ import annotations

import asyncio

import pytest

from fleetd.domain.errors import CircuitOpen, Unreachable
from fleetd.redfish.client import RedfishClient
from tests.support.redfish_side import ANY_CERTIFICATE, Witness, connect_to, section
from tests.support.scripted_bmc import (
    SYSTEM,
    ScriptedBmc,
    breaks_within_the_body,
    running_bmc,
    says,
    waits_for,
)

GET = f"GET {SYSTEM}"


@pytest.mark.asyncio
async def test_a_lost_bmc_is_left_alone_and_found_again() -> None:
    now = 0.0
    settings = section(breaker_failures=3, retries=0)
    async with (
        running_bmc() as bmc,
        RedfishClient(settings, observer=Witness(), clock=lambda: now) as client,
    ):
        connection = connect_to(client, bmc)
        await connection.get(SYSTEM)
        bmc.always[GET] = breaks_within_the_body
        for _ in range(3):
            with pytest.raises(Unreachable, match="broke"):
                await connection.get(SYSTEM)
        asked = bmc.count(GET)

        with pytest.raises(CircuitOpen):
            await connection.get(SYSTEM)

        assert bmc.count(GET) == asked
        del bmc.always[GET]
        now = settings.breaker_rest.total_seconds() * 1.3
        assert (await connection.get(SYSTEM))["Id"] == "1"


@pytest.mark.asyncio
async def test_a_bmc_that_answers_a_probe_is_left_alone_no_longer() -> None:
    settings = section(breaker_failures=1, retries=0)
    async with running_bmc() as bmc, RedfishClient(settings, observer=Witness()) as client:
        connection = connect_to(client, bmc)
        await connection.get(SYSTEM)
        bmc.always[GET] = breaks_within_the_body
        with pytest.raises(Unreachable):
            await connection.get(SYSTEM)
        del bmc.always[GET]

        await client.probe(bmc.address, tls=ANY_CERTIFICATE, fingerprint=None, timeout=2)

        assert (await connection.get(SYSTEM))["Id"] == "1"


@pytest.mark.asyncio
async def test_a_trial_after_the_rest_is_made_by_one_request_only() -> None:
    now = 0.0
    settings = section(breaker_failures=1, retries=0, requests_per_endpoint=4)
    async with (
        running_bmc() as bmc,
        RedfishClient(settings, observer=Witness(), clock=lambda: now) as client,
    ):
        connection = connect_to(client, bmc)
        await connection.get(SYSTEM)
        bmc.always[GET] = breaks_within_the_body
        with pytest.raises(Unreachable):
            await connection.get(SYSTEM)
        asked = bmc.count(GET)
        now = 1000.0

        outcomes = await asyncio.gather(
            *(connection.get(SYSTEM) for _ in range(4)), return_exceptions=True
        )

        assert bmc.count(GET) == asked + 1
        assert sum(isinstance(outcome, CircuitOpen) for outcome in outcomes) == 3


@pytest.mark.asyncio
async def test_the_fleet_keeps_its_limit_on_requests() -> None:
    settings = section(requests_total=3)
    async with (
        running_bmc() as one,
        running_bmc() as other,
        RedfishClient(settings, observer=Witness()) as client,
    ):
        release = asyncio.Event()
        for bmc in (one, other):
            await connect_to(client, bmc).get(SYSTEM)
            bmc.always[GET] = waits_for(release)
        async with asyncio.TaskGroup() as group:
            for bmc in (one, one, one, other, other, other):
                group.create_task(connect_to(client, bmc).get(SYSTEM))
            async with asyncio.timeout(5):
                while one.in_flight + other.in_flight < 3:  # noqa: ASYNC110
                    await asyncio.sleep(0.005)
            assert one.in_flight + other.in_flight == 3
            release.set()

        assert max(one.most_in_flight, other.most_in_flight) <= 2


@pytest.mark.asyncio
async def test_observers_hear_of_every_request_and_its_outcome(
    client: RedfishClient, bmc: ScriptedBmc, witness: Witness
) -> None:
    bmc.then(GET, says(503, Retry_After="0"))

    await connect_to(client, bmc).get(SYSTEM)

    assert witness.seen == [
        ("generic", "GET", "ok"),
        ("generic", "POST", "ok"),
        ("generic", "GET", "busy"),
        ("generic", "GET", "ok"),
    ]
