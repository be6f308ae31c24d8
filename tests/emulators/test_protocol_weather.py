from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import aiohttp
import pytest

from fleetd_emulators.admin import FAULTS
from tests.support.emulators import client_of, rack_of, until

CHASSIS = "/redfish/v1/Chassis"


def fault(kind: str, **options: Any) -> list[dict[str, Any]]:
    return [{"kind": kind, "path": CHASSIS, **options}]


@pytest.mark.asyncio
async def test_latency_is_added_to_every_answer_it_strikes() -> None:
    async with (
        rack_of(pdus=1, faults=fault("latency", ms=80)) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        started = time.perf_counter()
        answer = await client.get(CHASSIS)

        assert answer.status == 200
        assert time.perf_counter() - started >= 0.08


@pytest.mark.asyncio
async def test_a_fault_strikes_only_the_bmc_and_path_it_names() -> None:
    for_ever = fault("latency", bmc="pdu-1", ms=3_600_000)
    async with (
        rack_of(pdus=2, faults=for_ever) as rack,
        client_of(rack.bmc("pdu-1")) as slow,
        client_of(rack.bmc("pdu-2")) as quick,
    ):
        assert (await slow.get("/redfish/v1/Managers")).status == 200
        assert (await quick.get(CHASSIS)).status == 200
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await slow.get(CHASSIS)


@pytest.mark.asyncio
async def test_a_busy_bmc_says_when_to_come_back_and_then_answers() -> None:
    busy = fault("unavailable", skip=1, times=2, retry_after_s=7)
    async with rack_of(pdus=1, faults=busy) as rack, client_of(rack.bmcs[0]) as client:
        answers = [await client.get(CHASSIS) for _ in range(4)]

        assert [answer.status for answer in answers] == [200, 503, 503, 200]
        assert answers[1].headers["Retry-After"] == "7"


@pytest.mark.asyncio
async def test_every_bmc_has_its_own_count_of_a_fault() -> None:
    once = fault("unavailable", times=1)
    async with (
        rack_of(pdus=2, faults=once) as rack,
        client_of(rack.bmcs[0]) as first,
        client_of(rack.bmcs[1]) as second,
    ):
        statuses = [(await client.get(CHASSIS)).status for client in (first, second, first)]

        assert statuses == [503, 503, 200]


@pytest.mark.asyncio
async def test_what_goes_on_at_once_is_counted() -> None:
    slow = fault("latency", ms=50)
    async with rack_of(pdus=1, faults=slow) as rack, client_of(rack.bmcs[0]) as client:
        await asyncio.gather(*(client.get(CHASSIS) for _ in range(5)))
        counters = rack.journal.counters("pdu-1")

        assert counters["peak_in_flight"] == 5
        assert counters["peak_connections"] == rack.journal.all_connections.peak == 5
        rack.journal.reset()
        assert rack.journal.counters("pdu-1")["peak_in_flight"] == 0


@pytest.mark.asyncio
@pytest.mark.parametrize("when", ["before_headers", "in_headers", "in_body"])
async def test_a_dropped_connection_is_no_answer(when: str) -> None:
    drop = fault("drop", when=when)
    async with rack_of(pdus=1, faults=drop) as rack, client_of(rack.bmcs[0]) as client:
        await client.get("/redfish/v1")
        with pytest.raises(aiohttp.ClientError):
            await client.get(CHASSIS)

        rack.weather.change(())
        assert (await client.get(CHASSIS)).status == 200
        assert rack.journal.count(status=0) >= 1


@pytest.mark.asyncio
async def test_a_slow_body_arrives_whole_in_the_end() -> None:
    async with rack_of(pdus=1) as rack, client_of(rack.bmcs[0]) as client:
        whole = (await client.get(CHASSIS)).body
        slow = fault("slow_body", bytes_per_s=len(whole) * 8)
        async with rack_of(pdus=1, faults=slow) as other, client_of(other.bmcs[0]) as patient:
            started = time.perf_counter()
            body = (await patient.get(CHASSIS)).body

            assert body == whole
            assert time.perf_counter() - started >= 0.1


@pytest.mark.asyncio
async def test_a_forgotten_session_gets_401_and_a_new_one_works() -> None:
    forgetful = fault("expire_session", times=1)
    async with rack_of(pdus=1, faults=forgetful) as rack, client_of(rack.bmcs[0]) as client:
        first = {"X-Auth-Token": (await client.login()).headers["X-Auth-Token"]}

        expired = await client.ask("GET", CHASSIS, headers=first)
        second = {"X-Auth-Token": (await client.login()).headers["X-Auth-Token"]}
        renewed = await client.ask("GET", CHASSIS, headers=second)

        assert (expired.status, renewed.status) == (401, 200)


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", ["malformed_json", "truncated_json"])
async def test_a_broken_body_comes_with_status_200(kind: str) -> None:
    async with rack_of(pdus=1, faults=fault(kind)) as rack, client_of(rack.bmcs[0]) as client:
        answer = await client.get(CHASSIS)

        assert answer.status == 200
        with pytest.raises(json.JSONDecodeError):
            json.loads(answer.body)


@pytest.mark.asyncio
async def test_a_body_can_be_deep_or_huge() -> None:
    async with rack_of(pdus=1) as rack, client_of(rack.bmcs[0]) as client:
        rack.weather.change(fleet_faults(fault("deep_json", depth=5000)))
        deep = await client.get(CHASSIS)
        rack.weather.change(fleet_faults(fault("huge_body", size=3_000_000)))
        huge = await client.get(CHASSIS)

        assert deep.body.count(b'{"a":') == 5000
        assert len(huge.body) > 3_000_000
        assert huge.json["Members"]


@pytest.mark.asyncio
async def test_links_can_lead_nowhere() -> None:
    dangling = [{"kind": "dangling_link"}]
    async with rack_of(pdus=1, faults=dangling) as rack, client_of(rack.bmcs[0]) as client:
        members = (await client.get(CHASSIS)).json["Members"]
        root = (await client.get("/redfish/v1")).json

        assert len(members) == 2
        assert (await client.get(members[-1]["@odata.id"])).status == 404
        assert (await client.get(root["Managers"]["@odata.id"])).status == 404


@pytest.mark.asyncio
async def test_a_body_can_be_labelled_as_something_else() -> None:
    wrong = fault("wrong_content_type", content_type="text/html")
    async with rack_of(pdus=1, faults=wrong) as rack, client_of(rack.bmcs[0]) as client:
        assert (await client.get(CHASSIS)).headers["Content-Type"] == "text/html"


@pytest.mark.asyncio
async def test_a_bmc_that_reboots_refuses_connections_and_forgets_its_sessions() -> None:
    reboot = fault("reboot", down_s=0.5)
    async with rack_of(pdus=1, faults=reboot) as rack, client_of(rack.bmcs[0]) as client:
        token = {"X-Auth-Token": (await client.login()).headers["X-Auth-Token"]}
        with pytest.raises(aiohttp.ClientError):
            await client.ask("GET", CHASSIS, headers=token)
        with pytest.raises(aiohttp.ClientConnectorError):
            await client.get("/redfish/v1")

        async def answers() -> bool:
            try:
                return (await client.get("/redfish/v1")).status == 200
            except aiohttp.ClientError:
                return False

        await until(answers)
        assert (await client.ask("GET", CHASSIS, headers=token)).status == 401


@pytest.mark.asyncio
async def test_an_overlay_changes_what_a_device_says_of_itself() -> None:
    other = [
        {
            "kind": "overlay",
            "path": "/redfish/v1/Chassis/1",
            "merge": {"SerialNumber": "OTHER", "AssetTag": None},
        }
    ]
    async with rack_of(pdus=1, faults=other) as rack, client_of(rack.bmcs[0]) as client:
        chassis = (await client.get("/redfish/v1/Chassis/1")).json

        assert chassis["SerialNumber"] == "OTHER"
        assert "AssetTag" not in chassis
        assert chassis["Model"]


def fleet_faults(faults: list[dict[str, Any]]) -> Any:
    return FAULTS.validate_python(faults)
