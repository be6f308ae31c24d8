from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from fleetd_emulators.devices import catalogue
from fleetd_emulators.devices.storage import Array, ArrayBackend
from fleetd_emulators.protocol.exchange import Request, Response

STORAGE = "/redfish/v1/Storage/1"
POOLS = f"{STORAGE}/StoragePools"
POOL = f"{POOLS}/Pool1"
VOLUMES = f"{STORAGE}/Volumes"
FABRIC = "/redfish/v1/Fabrics/SAN"
TERABYTE = 10**12
HOST = "nqn.2014-08.org.nvmexpress:uuid:00000000-1111-4222-8333-444444444444"


class Clock:
    """Seconds that pass when a test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """A client of one array, without a network between."""

    def __init__(self, array: Array) -> None:
        self.clock = Clock()
        self.backend = ArrayBackend(array, clock=self.clock)

    async def ask(self, method: str, path: str, body: Any = None) -> Response:
        content = b"" if body is None else orjson.dumps(body)
        return await self.backend.handle(Request(method=method, path=path, body=content))

    async def get(self, path: str) -> dict[str, Any]:
        answer = await self.ask("GET", path)
        assert answer.status == 200, path
        document: dict[str, Any] = orjson.loads(answer.body)
        return document

    async def make(self, collection: str, body: Any) -> str:
        answer = await self.ask("POST", collection, body)
        assert answer.status == 201, answer.body
        return answer.headers["location"]

    async def free(self, pool: str = POOL) -> int:
        data = (await self.get(pool))["Capacity"]["Data"]
        return int(data["AllocatedBytes"]) - int(data["ConsumedBytes"])

    async def members(self, collection: str) -> list[str]:
        return [item["@odata.id"] for item in (await self.get(collection))["Members"]]


@pytest.fixture
def desk() -> Desk:
    return Desk(catalogue.array(1, "array-1"))


def from_pool(path: str) -> list[dict[str, Any]]:
    return [{"ProvidingPools": [{"@odata.id": path}]}]


def of_size(amount: int) -> dict[str, Any]:
    return {"Data": {"AllocatedBytes": amount}}


@pytest.mark.asyncio
async def test_a_pool_is_cut_from_a_pool_and_gives_its_room_to_its_own_volumes(desk: Desk) -> None:
    before = await desk.free()

    inner = await desk.make(POOLS, {"Name": "gold", "Capacity": of_size(10 * TERABYTE)})
    body = {"Name": "db", "CapacityBytes": 4 * TERABYTE, "CapacitySources": from_pool(inner)}
    volume = await desk.make(VOLUMES, body)

    assert await desk.free() == before - 10 * TERABYTE
    assert await desk.free(inner) == 6 * TERABYTE
    assert await desk.members(f"{POOL}/AllocatedPools") == [inner]
    assert await desk.members(f"{inner}/AllocatedVolumes") == [volume]
    source = await desk.get((await desk.get(inner))["CapacitySources"][0]["@odata.id"])
    assert await desk.members(source["ProvidingPools"]["@odata.id"]) == [POOL]


@pytest.mark.asyncio
async def test_a_pool_goes_only_when_it_is_empty(desk: Desk) -> None:
    before = await desk.free()
    inner = await desk.make(POOLS, {"Capacity": of_size(TERABYTE)})
    volume = await desk.make(
        VOLUMES, {"CapacityBytes": TERABYTE, "CapacitySources": from_pool(inner)}
    )

    early = await desk.ask("DELETE", inner)
    await desk.ask("DELETE", volume)
    late = await desk.ask("DELETE", inner)

    assert (early.status, late.status) == (409, 204)
    assert await desk.free() == before
    assert (await desk.ask("GET", f"{inner}/CapacitySources/1")).status == 404


@pytest.mark.asyncio
async def test_a_volume_grows_within_its_pool_and_never_shrinks(desk: Desk) -> None:
    volume = await desk.make(VOLUMES, {"CapacityBytes": TERABYTE})
    before = await desk.free()

    grown = await desk.ask("PATCH", volume, {"CapacityBytes": 3 * TERABYTE})
    shrunk = await desk.ask("PATCH", volume, {"CapacityBytes": TERABYTE})
    too_big = await desk.ask("PATCH", volume, {"CapacityBytes": 10**18})

    assert (grown.status, shrunk.status, too_big.status) == (200, 400, 400)
    assert await desk.free() == before - 2 * TERABYTE
    assert (await desk.get(volume))["CapacityBytes"] == 3 * TERABYTE


@pytest.mark.asyncio
async def test_a_thin_volume_may_promise_more_than_there_is(desk: Desk) -> None:
    before = await desk.free()

    volume = await desk.make(
        VOLUMES, {"CapacityBytes": 500 * TERABYTE, "ProvisioningPolicy": "Thin"}
    )

    assert await desk.free() == before
    data = (await desk.get(volume))["Capacity"]["Data"]
    assert data == {"AllocatedBytes": 0, "ProvisionedBytes": 500 * TERABYTE}


@pytest.mark.asyncio
@pytest.mark.parametrize("groups", [False, True])
async def test_a_host_sees_a_volume_while_they_are_connected(*, groups: bool) -> None:
    desk = Desk(replace(catalogue.array(1, "array-1"), storage_groups=groups))
    volume = await desk.make(VOLUMES, {"CapacityBytes": TERABYTE})
    names = [{"DurableName": HOST, "DurableNameFormat": "NQN"}]
    host = await desk.make(f"{FABRIC}/Endpoints", {"Name": "compute-9", "Identifiers": names})
    place, body = mapping(volume, host, groups=groups)

    connection = await desk.make(place, body)
    seen = (await desk.get(volume))["Links"]["ClientEndpoints"]
    refused = [(await desk.ask("DELETE", path)).status for path in (volume, host)]
    await desk.ask("DELETE", connection)

    assert seen == [{"@odata.id": host}]
    assert refused == [409, 409]
    assert (await desk.get(volume))["Links"]["ClientEndpoints"] == []
    assert [(await desk.ask("DELETE", path)).status for path in (volume, host)] == [204, 204]


def mapping(volume: str, host: str, *, groups: bool) -> tuple[str, dict[str, Any]]:
    rows = [{"Volume": {"@odata.id": volume}}]
    if groups:
        clients = [{"@odata.id": f"{FABRIC}/EndpointGroups/Host-compute-9"}]
        return (
            "/redfish/v1/StorageServices/1/StorageGroups",
            {"MappedVolumes": rows, "ClientEndpointGroups": clients},
        )
    return (
        f"{FABRIC}/Connections",
        {"VolumeInfo": rows, "Links": {"InitiatorEndpoints": [{"@odata.id": host}]}},
    )


@pytest.mark.asyncio
async def test_a_file_system_takes_room_and_goes_after_its_shares(desk: Desk) -> None:
    before = await desk.free()
    path = await desk.make(
        f"{STORAGE}/FileSystems", {"Name": "home", "Capacity": of_size(TERABYTE)}
    )
    shares = f"{path}/ExportedFileShares"

    share = await desk.make(shares, {"FileSharePath": "/", "FileSharingProtocols": ["NFSv4_1"]})
    during = await desk.free()
    early = await desk.ask("DELETE", path)
    await desk.ask("DELETE", share)
    late = await desk.ask("DELETE", path)

    assert during == before - TERABYTE
    assert (early.status, late.status) == (409, 204)
    assert await desk.free() == before
    assert (await desk.ask("GET", shares)).status == 404


@pytest.mark.asyncio
async def test_a_volume_stays_while_a_consistency_group_needs_it(desk: Desk) -> None:
    volume = await desk.make(VOLUMES, {"CapacityBytes": TERABYTE})
    group = await desk.make(f"{STORAGE}/ConsistencyGroups", {"Volumes": [{"@odata.id": volume}]})

    early = await desk.ask("DELETE", volume)
    await desk.ask("DELETE", group)
    late = await desk.ask("DELETE", volume)

    assert (early.status, late.status) == (409, 204)


@pytest.mark.asyncio
async def test_a_hot_spare_takes_a_failed_drives_place(desk: Desk) -> None:
    failed, spare = (f"/redfish/v1/Chassis/1/Drives/{bay}" for bay in (3, 21))

    await desk.backend.incidents["fail-drive-3"]()
    desk.clock.now = 900.0
    midway = [await desk.get(path) for path in (spare, POOL, f"{VOLUMES}/1")]
    desk.clock.now = 3600.0
    after = [await desk.get(path) for path in (spare, POOL, f"{VOLUMES}/1")]

    assert midway[0]["StatusIndicator"] == "Rebuild"
    assert midway[0]["Operations"][0]["PercentageComplete"] == 25
    assert [item["Status"]["Health"] for item in midway[1:]] == ["Warning", "Warning"]
    assert after[0]["StatusIndicator"] == "OK"
    assert [item["Status"]["Health"] for item in after] == ["OK", "OK", "OK"]
    assert after[2]["Operations"] == []
    providing = await desk.members(f"{POOL}/CapacitySources/1/ProvidingDrives")
    assert spare in providing
    assert failed not in providing
    assert (await desk.get(failed))["Status"]["Health"] == "Critical"


@pytest.mark.asyncio
async def test_a_pool_without_a_spare_left_stays_degraded(desk: Desk) -> None:
    for bay in ("1", "2", "3"):
        await desk.backend.incidents[f"fail-drive-{bay}"]()
    desk.clock.now = 10_000.0

    assert (await desk.get(POOL))["Status"]["Health"] == "Warning"


@pytest.mark.asyncio
async def test_a_new_drive_in_a_failed_ones_bay_completes_the_pool(desk: Desk) -> None:
    path = "/redfish/v1/Chassis/1/Drives/3"
    before = (await desk.get(path))["SerialNumber"]
    for bay in ("1", "2", "3"):
        await desk.backend.incidents[f"fail-drive-{bay}"]()

    await desk.backend.incidents["replace-drive-3"]()
    during = (await desk.get(path))["StatusIndicator"]
    desk.clock.now = 10_000.0

    assert during == "Rebuild"
    assert (await desk.get(path))["SerialNumber"] != before
    assert (await desk.get(POOL))["Status"]["Health"] == "OK"
    assert "replace-drive-3" not in desk.backend.incidents


REFUSED = [
    (POOLS, {"Capacity": of_size(10**18)}),
    (POOLS, {"Capacity": "much"}),
    (POOLS, {"Capacity": of_size(1), "CapacitySources": from_pool("/redfish/v1")}),
    (VOLUMES, {"CapacityBytes": 1, "CapacitySources": ["Pool1"]}),
    (VOLUMES, {"CapacityBytes": 1, "ProvisioningPolicy": ["Thin"]}),
    (f"{FABRIC}/Endpoints", {"Identifiers": [{"DurableName": "../x"}]}),
    (f"{FABRIC}/Connections", {"VolumeInfo": [{"Volume": {"@odata.id": "/redfish/v1"}}]}),
    (f"{FABRIC}/Connections", {"VolumeInfo": [{"Volume": {"@odata.id": f"{VOLUMES}/1"}}]}),
    (f"{STORAGE}/FileSystems", {"Capacity": of_size(0)}),
    (f"{STORAGE}/ConsistencyGroups", {"Volumes": [{"@odata.id": f"{VOLUMES}/99"}]}),
]


@pytest.mark.asyncio
@pytest.mark.parametrize(("collection", "body"), REFUSED)
async def test_what_cannot_be_made_is_refused_and_leaves_nothing(
    desk: Desk, collection: str, body: Any
) -> None:
    free, members = await desk.free(), await desk.members(collection)

    answer = await desk.ask("POST", collection, body)

    assert answer.status == 400
    assert await desk.free() == free
    assert await desk.members(collection) == members
