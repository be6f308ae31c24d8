from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulators import Client, client_of, rack_of, until

POOL = "/redfish/v1/Storage/1/StoragePools/Pool1"
VOLUMES = "/redfish/v1/Storage/1/Volumes"
PDU = "/redfish/v1/PowerEquipment/RackPDUs/1"
PORTS = "/redfish/v1/Fabrics/Ethernet/Switches/1/Ports"


async def crawl(client: Client) -> dict[str, Any]:
    """Every document that links lead to."""
    found: dict[str, Any] = {}
    waiting = ["/redfish/v1"]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        answer = await client.get(path)
        assert answer.status == 200, path
        found[path] = answer.json
        waiting += [link for link in links(answer.json) if link.startswith("/")]
    return found


def links(value: Any) -> list[str]:
    if isinstance(value, list):
        return [link for item in value for link in links(item)]
    if not isinstance(value, dict):
        return []
    if value.keys() == {"@odata.id"}:
        return [value["@odata.id"].partition("#")[0].rstrip("/")]
    return [link for item in value.values() for link in links(item)]


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", ["storage", "switches", "pdus"])
async def test_every_link_of_a_device_leads_to_a_resource_that_names_itself(kind: str) -> None:
    async with rack_of(**{kind: 1}) as rack, client_of(rack.bmcs[0]) as client:
        found = await crawl(client)

        assert len(found) > 20
        assert all(document["@odata.id"].rstrip("/") == path for path, document in found.items())
        assert all(document["@odata.type"].startswith("#") for document in found.values())


@pytest.mark.asyncio
async def test_a_new_volume_takes_its_capacity_from_the_pool_and_gives_it_back() -> None:
    async def remaining(client: Client) -> tuple[int, int]:
        data = (await client.get(POOL)).json["Capacity"]["Data"]
        return data["AllocatedBytes"], data["ConsumedBytes"]

    async with rack_of(storage=1) as rack, client_of(rack.bmcs[0]) as client:
        total, before = await remaining(client)
        made = await client.ask("POST", VOLUMES, json={"Name": "new", "CapacityBytes": 10**12})
        _, during = await remaining(client)
        path = made.headers["Location"]
        listed = (await client.get(VOLUMES)).json["Members"]
        removed = await client.ask("DELETE", path)
        _, after = await remaining(client)

        assert made.status == 201
        assert made.json["Name"] == "new"
        assert {"@odata.id": path} in listed
        assert (before, during, after) == (before, before + 10**12, before)
        assert total == 112 * 10**12
        assert removed.status == 204
        assert (await client.get(path)).status == 404


@pytest.mark.asyncio
@pytest.mark.parametrize("capacity", [0, -1, "1", True, 10**18])
async def test_a_volume_that_cannot_be_is_refused(capacity: object) -> None:
    async with rack_of(storage=1) as rack, client_of(rack.bmcs[0]) as client:
        answer = await client.ask("POST", VOLUMES, json={"CapacityBytes": capacity})

        assert answer.status == 400


@pytest.mark.asyncio
async def test_the_older_storage_service_leads_to_the_same_pools() -> None:
    async with rack_of(storage=1) as rack, client_of(rack.bmcs[0]) as client:
        service = (await client.get("/redfish/v1/StorageServices/1")).json
        storage = (await client.get("/redfish/v1/Storage/1")).json

        assert service["StoragePools"] == storage["StoragePools"]
        assert service["Volumes"] == storage["Volumes"]


@pytest.mark.asyncio
async def test_a_shut_port_has_no_link() -> None:
    async with rack_of(switches=1) as rack, client_of(rack.bmcs[0]) as client:
        shut = await client.ask("PATCH", f"{PORTS}/1", json={"InterfaceEnabled": False})
        bad = await client.ask("PATCH", f"{PORTS}/1", json={"InterfaceEnabled": "no"})

        assert shut.json["LinkStatus"] == "LinkDown"
        assert shut.json["LinkState"] == "Disabled"
        assert bad.status == 400


@pytest.mark.asyncio
async def test_an_outlet_switches_after_its_delay() -> None:
    async with rack_of(pdus=1, pace=0.05) as rack, client_of(rack.bmcs[0]) as client:
        outlet = f"{PDU}/Outlets/3"
        action = (await client.get(outlet)).json["Actions"]["#Outlet.PowerControl"]

        accepted = await client.ask("POST", action["target"], json={"PowerState": "Off"})

        async def is_off() -> bool:
            return bool((await client.get(outlet)).json["PowerState"] == "Off")

        assert accepted.status == 204
        await until(is_off)
        assert (await client.get(outlet)).json["PowerEnabled"] is False


@pytest.mark.asyncio
async def test_an_outlet_takes_only_the_states_it_names() -> None:
    async with rack_of(pdus=1) as rack, client_of(rack.bmcs[0]) as client:
        target = f"{PDU}/Outlets/3/Actions/Outlet.PowerControl"

        answer = await client.ask("POST", target, json={"PowerState": "Sideways"})

        assert answer.status == 400
        assert (await client.get(f"{PDU}/Outlets/3")).json["PowerState"] == "On"


@pytest.mark.asyncio
async def test_a_free_outlet_draws_nothing() -> None:
    async with rack_of(pdus=1) as rack, client_of(rack.bmcs[0]) as client:
        outlet = (await client.get(f"{PDU}/Outlets/1")).json

        assert outlet["PowerWatts"]["Reading"] == 0
        assert outlet["UserLabel"] == ""
        assert (await client.get(outlet["PowerWatts"]["DataSourceUri"])).json["Reading"] == 0
