"""Habits that a fleet's file gives to any BMC, over the network."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from fleetd_emulators.fleet import Fleet
from tests.support.emulators import Answer, Client, client_of, rack_of, until

SERVICE = "/redfish/v1/UpdateService"
PROTOCOL = "/redfish/v1/Managers/BMC/NetworkProtocol"


def fleet(**habits: Any) -> Any:
    return rack_of(servers=[{"personality": "generic"}], habits=[habits])


async def update(client: Client, image: str = "http://127.0.0.1:9/bios-9.8.7.bin") -> Answer:
    target = f"{SERVICE}/Actions/UpdateService.SimpleUpdate"
    return await client.ask("POST", target, json={"ImageURI": image}, headers=client.basic)


@pytest.mark.parametrize(
    ("pointer", "place"),
    [("monitor", "/TaskMonitors/"), ("task", "/Tasks/"), ("nothing", None)],
)
@pytest.mark.asyncio
async def test_a_202_leads_where_the_habit_says(pointer: str, place: str | None) -> None:
    async with fleet(accepted_location=pointer) as rack, client_of(rack.bmcs[0]) as client:
        accepted = await update(client)

        location = accepted.headers.get("Location")
        assert accepted.status == 202
        assert (location is None) if place is None else (location and place in location)


@pytest.mark.asyncio
async def test_an_ended_task_vanishes() -> None:
    async with fleet(task_kept_s=0.0) as rack, client_of(rack.bmcs[0]) as client:
        task = (await update(client)).json["@odata.id"]

        async def gone() -> bool:
            return (await client.get(task)).status == 404

        await until(gone)
        assert b"9.8.7" in (await client.get(f"{SERVICE}/FirmwareInventory/BIOS")).body


@pytest.mark.parametrize("restarts", [True, False])
@pytest.mark.asyncio
async def test_a_bmc_restarts_for_its_own_update_or_waits_for_it(*, restarts: bool) -> None:
    habits = {"restarts_for_own_update": restarts, "tasks_end_with_bmc": True}
    async with fleet(**habits) as rack, client_of(rack.bmcs[0]) as client:
        task = (await update(client, "http://127.0.0.1:9/bmc-9.8.7.bin")).json["@odata.id"]

        async def ended() -> bool:
            try:
                answer = await client.get(task)
            except OSError:
                return False
            return answer.status == 404 or answer.json.get("TaskState") == "Completed"

        await until(ended)
        if restarts:
            assert (await client.get(task)).status == 404
        version = (await client.get("/redfish/v1/Managers/BMC")).json["FirmwareVersion"]
        assert version.startswith("9.8.7") is restarts


@pytest.mark.asyncio
async def test_a_monitor_that_is_read_once_takes_its_task_along() -> None:
    """Quirks LEN-005 and OBM-002."""
    async with fleet(monitor_read_once=True) as rack, client_of(rack.bmcs[0]) as client:
        monitor = (await update(client)).headers["Location"]

        async def ended() -> bool:
            return (await client.get(monitor)).status == 200

        await until(ended)
        assert (await client.get(monitor)).status == 404


@pytest.mark.asyncio
async def test_what_is_written_to_the_network_protocol_is_kept_and_checked() -> None:
    async with fleet() as rack, client_of(rack.bmcs[0]) as client:
        body = {"NTP": {"ProtocolEnabled": True, "NTPServers": ["10.0.0.1"]}}

        done = await client.ask("PATCH", PROTOCOL, json=body, headers=client.basic)
        kept = (await client.get(PROTOCOL)).json["NTP"]
        wrong = [
            await client.ask("PATCH", PROTOCOL, json=one, headers=client.basic)
            for one in ({"NTP": {"Clock": 1}}, {"NTP": {"ProtocolEnabled": 1}}, {"Id": "x"}, {})
        ]

        assert done.status == 204
        assert kept == body["NTP"]
        assert {answer.status for answer in wrong} == {400}


@pytest.mark.parametrize("habits", [{"tea_at_five": True}, {"accepted_location": "moon"}])
def test_an_unknown_habit_is_a_mistake(habits: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Fleet.model_validate({"servers": [{"personality": "generic"}], "habits": [habits]})
