"""An emulated enclosure: blades are systems of it, and change bays while it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from fleetd_emulators.devices import catalogue
from fleetd_emulators.devices.enclosure import EnclosureBackend
from tests.support.emulators import Client, client_of, rack_of

pytestmark = pytest.mark.asyncio
BASE = "/redfish/v1"


@pytest_asyncio.fixture
async def client() -> AsyncIterator[Client]:
    async with rack_of(enclosures=1) as rack, client_of(rack.bmcs[0]) as one:
        yield one


async def members(client: Client, path: str) -> list[str]:
    listed = (await client.get(f"{BASE}/{path}")).json
    assert listed["Members@odata.count"] == len(listed["Members"])
    return [member["@odata.id"].removeprefix(f"{BASE}/") for member in listed["Members"]]


async def test_each_blade_is_a_system_in_a_chassis_in_the_enclosure(client: Client) -> None:
    systems = await members(client, "Systems")

    assert systems == [f"Systems/Bay{bay}" for bay in range(1, 5)]
    for system in systems:
        body = (await client.get(f"{BASE}/{system}")).json
        (chassis,) = body["Links"]["Chassis"]
        outer = (await client.get(chassis["@odata.id"])).json["Links"]["ContainedBy"]
        enclosure = (await client.get(outer["@odata.id"])).json
        assert enclosure["ChassisType"] == "Enclosure"
        assert chassis in enclosure["Links"]["Contains"]


async def test_a_blade_keeps_its_power_on_the_way_to_another_bay() -> None:
    backend = EnclosureBackend(catalogue.identity("enclosure", 1, "e"), catalogue.blades(1))
    serial = backend.documents[f"{BASE}/Systems/Bay1"]["SerialNumber"]
    backend.documents[f"{BASE}/Systems/Bay1"]["PowerState"] = "On"

    await backend.incidents["move-1-7"]()

    moved = backend.documents[f"{BASE}/Systems/Bay7"]
    assert (moved["SerialNumber"], moved["PowerState"]) == (serial, "On")
    assert not [path for path in backend.documents if "Bay1" in path]


async def test_what_was_pulled_can_be_put_in_elsewhere_and_swaps_lose_nobody() -> None:
    backend = EnclosureBackend(catalogue.identity("enclosure", 1, "e"), catalogue.blades(1))

    def serials() -> dict[str, str]:
        found = backend.documents[f"{BASE}/Systems"]["Members"]
        paths = [member["@odata.id"] for member in found]
        return {path[-1]: backend.documents[path]["SerialNumber"] for path in paths}

    before = serials()
    await backend.incidents["pull-2"]()
    pulled = serials()
    await backend.incidents["insert-6"]()
    await backend.incidents["swap-1-6"]()

    assert sorted(pulled) == ["1", "3", "4"]
    assert serials() == {"1": before["2"], "3": before["3"], "4": before["4"], "6": before["1"]}


async def test_a_blade_can_be_reset_and_another_reset_is_refused(client: Client) -> None:
    target = f"{BASE}/Systems/Bay3/Actions/ComputerSystem.Reset"

    done = await client.ask("POST", target, json={"ResetType": "ForceOff"})
    refused = await client.ask("POST", target, json={"ResetType": "Explode"})

    assert (done.status, refused.status) == (204, 400)
    assert (await client.get(f"{BASE}/Systems/Bay3")).json["PowerState"] == "Off"
    assert (await client.get(f"{BASE}/Systems/Bay2")).json["PowerState"] == "On"
