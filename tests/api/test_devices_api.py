"""Devices over REST: listing, filters, one device and what belongs to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from fleetd.domain.device import DeviceId
from tests.support.fakes import FakeFleet, a_device


async def get(client: aiohttp.ClientSession, path: str, **options: Any) -> Any:
    async with client.get(path, **options) as response:
        assert response.status == 200, await response.text()
        return await response.json()


@pytest.mark.asyncio
@pytest.mark.parametrize("limit", [1, 3, 5, 14, 100])
async def test_pages_cover_every_device_once(client: aiohttp.ClientSession, limit: int) -> None:
    seen: list[str] = []
    marker: str | None = None

    while True:
        query = {"limit": str(limit), **({"marker": marker} if marker else {})}
        page = await get(client, "/v1/devices", params=query)
        assert len(page["items"]) <= limit
        seen += [item["id"] for item in page["items"]]
        marker = page["marker"]
        if marker is None:
            break

    assert seen == [f"dev-{number:04d}" for number in range(1, 15)]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("query", "member"),
    [
        ({"kind": "switch"}, "kind"),
        ({"state": "ready"}, "state"),
        ({"vendor": "HPE"}, "vendor"),
        ({"driver": "dell"}, "driver"),
        ({"health": "Warning"}, "health"),
        ({"power_state": "Off"}, "power_state"),
    ],
)
async def test_a_filter_gives_only_and_all_devices_that_fit(
    client: aiohttp.ClientSession, query: dict[str, str], member: str
) -> None:
    everything = (await get(client, "/v1/devices"))["items"]

    found = (await get(client, "/v1/devices", params=query))["items"]

    wanted = next(iter(query.values()))
    assert found == [item for item in everything if item[member] == wanted]
    assert 0 < len(found) < len(everything)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"rack": "R3", "kind": "server"}, ["dev-0003", "dev-0007", "dev-0011"]),
        ({"endpoint": "ep-0004"}, ["dev-0004"]),
        ({"q": "sn0005"}, ["dev-0005"]),
        ({"q": "pdu-"}, ["dev-0014"]),
        ({"site": "nowhere"}, []),
    ],
)
async def test_filters_reach_the_store(
    client: aiohttp.ClientSession, query: dict[str, str], ids: list[str]
) -> None:
    page = await get(client, "/v1/devices", params=query)

    assert [item["id"] for item in page["items"]] == ids


@pytest.mark.asyncio
async def test_the_parts_of_a_device_name_it_and_their_slot(
    client: aiohttp.ClientSession, fleet: FakeFleet
) -> None:
    blade = a_device(99)
    place = replace(blade.description.placement, slot="Bay 2")
    inside = replace(blade.description, placement=place)
    held = replace(blade, part_of=DeviceId("dev-0001"), description=inside)
    fleet.devices.by_id[held.id] = held

    holder = await get(client, "/v1/devices/dev-0001")
    (part,) = (await get(client, holder["links"]["parts"]))["items"]

    assert (part["id"], part["part_of"]) == ("dev-0099", "dev-0001")
    assert part["placement"]["slot"] == "Bay 2"
    assert holder["part_of"] is None


@pytest.mark.asyncio
async def test_the_links_of_a_device_lead_somewhere(client: aiohttp.ClientSession) -> None:
    device = await get(client, "/v1/devices/dev-0001")

    for path in device["links"].values():
        await get(client, path)


@pytest.mark.asyncio
async def test_components_can_be_asked_for_by_kind(client: aiohttp.ClientSession) -> None:
    every = await get(client, "/v1/devices/dev-0007/components")
    memory = await get(client, "/v1/devices/dev-0007/components", params={"kind": "memory"})

    assert [item["kind"] for item in every["items"]] == ["memory", "memory", "port", "processor"]
    assert [item["key"] for item in memory["items"]] == [
        "/redfish/v1/memory/1",
        "/redfish/v1/memory/2",
    ]
    assert [item["stale"] for item in every["items"]] == [True, True, False, False]


@pytest.mark.asyncio
async def test_history_is_paged_newest_first(client: aiohttp.ClientSession) -> None:
    path = "/v1/devices/dev-0001/history"

    first = await get(client, path, params={"limit": "3"})
    second = await get(client, path, params={"limit": "3", "marker": first["marker"]})

    times = [item["at"] for item in first["items"] + second["items"]]
    assert len(times) == 5
    assert times == sorted(times, reverse=True)
    assert second["marker"] is None
