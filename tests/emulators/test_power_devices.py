"""Emulated power and cooling equipment behaves: what is off, trips, fails or leaks shows."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from fleetd_emulators.devices.cooling_unit import CDU
from fleetd_emulators.devices.pdu import PDU
from fleetd_emulators.devices.shelf import SHELF, SUPPLIES
from fleetd_emulators.devices.transfer_switch import TRANSFER_SWITCH
from fleetd_emulators.rack import Bmc, Rack
from tests.emulators.test_devices import crawl
from tests.support.emulators import Client, client_of, rack_of, until

LEAKS = f"{CDU}/LeakDetection/LeakDetectors"
PORTS = "/redfish/v1/Fabrics/Ethernet/Switches/1/Ports"


async def happen(bmc: Bmc, incident: str) -> None:
    await bmc.incidents[incident]()


async def told(client: Client, path: str, *names: str) -> Any:
    found = (await client.get(path)).json
    for name in names:
        found = found[name]
    return found


async def order(client: Client, path: str, action: str, body: dict[str, Any]) -> int:
    target = await told(client, path, "Actions", action, "target")
    return (await client.ask("POST", target, json=body)).status


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", ["transfer_switches", "power_shelves", "cdus"])
async def test_every_link_of_the_equipment_leads_somewhere(kind: str) -> None:
    async with rack_of(**{kind: 1}) as rack, client_of(rack.bmcs[0]) as client:
        found = await crawl(client)

        assert len(found) > 20
        assert all(document["@odata.id"].rstrip("/") == path for path, document in found.items())


@pytest.mark.asyncio
async def test_a_group_switches_the_outlets_that_are_not_locked() -> None:
    async with rack_of(pdus=1, pace=0.01) as rack, client_of(rack.bmcs[0]) as client:
        locked = {"PowerControlLocked": True}
        await client.ask("PATCH", f"{PDU}/Outlets/2", json=locked)

        status = await order(
            client,
            f"{PDU}/OutletGroups/Branch1",
            "#OutletGroup.PowerControl",
            {"PowerState": "Off"},
        )

        async def first_is_off() -> bool:
            return bool(await told(client, f"{PDU}/Outlets/1", "PowerState") == "Off")

        assert status == 204
        await until(first_is_off)
        assert await told(client, f"{PDU}/Outlets/2", "PowerState") == "On"
        assert await told(client, f"{PDU}/Outlets/9", "PowerState") == "On"


@pytest.mark.asyncio
async def test_a_locked_outlet_refuses_to_be_switched_until_it_is_unlocked() -> None:
    async with rack_of(pdus=1, pace=0.01) as rack, client_of(rack.bmcs[0]) as client:
        outlet, action = f"{PDU}/Outlets/2", "#Outlet.PowerControl"
        await client.ask("PATCH", outlet, json={"PowerControlLocked": True})
        refused = await order(client, outlet, action, {"PowerState": "Off"})

        await client.ask("PATCH", outlet, json={"PowerControlLocked": False})

        assert refused == 409
        assert await order(client, outlet, action, {"PowerState": "Off"}) == 204


@pytest.mark.asyncio
async def test_a_tripped_branch_gives_no_power_until_its_breaker_is_reset() -> None:
    async with rack_of(pdus=1) as rack, client_of(rack.bmcs[0]) as client:
        await happen(rack.bmcs[0], "trip-1")
        tripped = await told(client, f"{PDU}/Branches/1", "BreakerState")
        dead = await told(client, f"{PDU}/Outlets/1", "Voltage", "Reading")
        other = await told(client, f"{PDU}/Outlets/9", "Voltage", "Reading")

        status = await order(
            client, f"{PDU}/Branches/1", "#Circuit.BreakerControl", {"PowerState": "On"}
        )

        assert (tripped, dead, other, status) == ("Tripped", 0, 230, 204)
        assert await told(client, f"{PDU}/Branches/1", "BreakerState") == "Normal"
        assert await told(client, f"{PDU}/Outlets/1", "Voltage", "Reading") == 230


def of(rack: Rack, kind: str) -> Bmc:
    return rack.of_kind(kind)[0]


@pytest.mark.asyncio
async def test_a_server_whose_outlets_trip_goes_dark_and_drops_its_links() -> None:
    servers = [{"personality": "generic", "powered_on": True}]
    async with rack_of(servers=servers, switches=1, pdus=1, pace=0.01) as rack:
        pdu, server = of(rack, "pdu"), of(rack, "server")
        async with client_of(of(rack, "switch")) as client:
            before = await told(client, f"{PORTS}/1", "LinkStatus")
            await happen(pdu, "trip-1")
            during = await told(client, f"{PORTS}/1", "LinkStatus")
            heard = await told(client, f"{PORTS}/1", "Ethernet", "LLDPReceive", "ChassisIdSubtype")

        assert (before, during, heard) == ("LinkUp", "LinkDown", "NotTransmitted")
        assert server.front is not None
        assert not server.front.is_up


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"LinkState": "Disabled"}, 200),
        ({"InterfaceEnabled": False}, 200),
        ({"LinkState": "Sleepy"}, 400),
        ({"LinkState": True}, 400),
        ({"Name": "x"}, 400),
        ({}, 400),
    ],
)
async def test_a_port_is_shut_in_either_of_two_ways(body: dict[str, Any], status: int) -> None:
    async with rack_of(switches=1) as rack, client_of(rack.bmcs[0]) as client:
        answer = await client.ask("PATCH", f"{PORTS}/1", json=body)

        assert answer.status == status
        shut = await told(client, f"{PORTS}/1", "LinkState")
        assert shut == ("Disabled" if status == 200 else "Enabled")


@pytest.mark.asyncio
async def test_a_transfer_switch_goes_over_where_its_mains_fails_and_back() -> None:
    async with rack_of(transfer_switches=1, pace=0.001) as rack, client_of(rack.bmcs[0]) as client:
        active = ("TransferConfiguration", "ActiveMainsId")

        async def is_on(name: str) -> bool:
            return bool(await told(client, TRANSFER_SWITCH, *active) == name)

        await happen(rack.bmcs[0], "fail-A")
        await until(lambda: is_on("B"))
        fed = await told(client, f"{TRANSFER_SWITCH}/Outlets/1", "PowerState")
        dead = await told(client, f"{TRANSFER_SWITCH}/Mains/A", "Voltage", "Reading")
        await happen(rack.bmcs[0], "restore-A")

        assert (fed, dead) == ("On", 0)
        await until(lambda: is_on("A"))


@pytest.mark.asyncio
async def test_a_transfer_switch_without_any_mains_feeds_nothing() -> None:
    async with rack_of(transfer_switches=1) as rack, client_of(rack.bmcs[0]) as client:
        action = "#PowerDistribution.TransferControl"
        await happen(rack.bmcs[0], "fail-B")

        refused = await order(client, TRANSFER_SWITCH, action, {})
        await happen(rack.bmcs[0], "fail-A")

        assert refused == 409
        assert await told(client, f"{TRANSFER_SWITCH}/Outlets/1", "PowerState") == "Off"


@pytest.mark.asyncio
async def test_the_rest_of_a_shelf_carries_the_load_of_a_supply_that_fails() -> None:
    async with rack_of(power_shelves=1) as rack, client_of(rack.bmcs[0]) as client:
        reading = (f"{SUPPLIES}/1/Metrics", "OutputPowerWatts", "Reading")
        before = await told(client, *reading)
        await happen(rack.bmcs[0], "fail-2")
        warned = await told(client, SHELF, "Status", "Health")
        after = await told(client, *reading)

        await order(client, f"{SUPPLIES}/3", "#PowerSupply.Reset", {"ResetType": "ForceOff"})

        assert (before, after, warned) == (3000, 3600, "Warning")
        assert await told(client, SHELF, "Status", "Health") == "Critical"


@pytest.mark.asyncio
async def test_one_pump_of_a_cooling_unit_is_enough_and_none_is_critical() -> None:
    async with rack_of(cdus=1) as rack, client_of(rack.bmcs[0]) as client:
        flow = (f"{CDU}/SecondaryCoolantConnectors/A", "FlowLitersPerMinute", "Reading")
        await happen(rack.bmcs[0], "fail-pump-1")
        warned = await told(client, CDU, "Status", "Health")
        kept = await told(client, *flow)

        await order(client, f"{CDU}/Pumps/2", "#Pump.SetMode", {"Mode": "Disabled"})

        assert (warned, kept) == ("Warning", 60)
        assert await told(client, *flow) == 0
        assert await told(client, CDU, "Status", "Health") == "Critical"


@pytest.mark.asyncio
async def test_a_leak_raises_the_alarm_until_it_is_dry() -> None:
    async with rack_of(cdus=1) as rack, client_of(rack.bmcs[0]) as client:
        await happen(rack.bmcs[0], "leak-Manifold")
        wet = await told(client, f"{LEAKS}/Manifold", "DetectorState")
        alarm = await told(client, CDU, "Status", "Health")

        await happen(rack.bmcs[0], "dry-Manifold")

        assert (wet, alarm) == ("Critical", "Critical")
        assert await told(client, CDU, "Status", "Health") == "OK"


@pytest.mark.asyncio
async def test_an_incident_is_let_happen_through_the_side_channel() -> None:
    async with (
        rack_of(cdus=1) as rack,
        client_of(rack.bmcs[0]) as client,
        aiohttp.ClientSession() as side,
    ):
        incidents = f"{rack.admin_url}/bmcs/{rack.bmcs[0].name}/incidents"

        async with side.post(f"{incidents}/leak-Manifold") as answer:
            happened = answer.status
        async with side.post(f"{incidents}/earthquake") as answer:
            unknown = answer.status

        assert (happened, unknown) == (204, 404)
        assert await told(client, f"{LEAKS}/Manifold", "DetectorState") == "Critical"
