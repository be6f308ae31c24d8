"""Storage as arrays and fabrics of several makes and ages show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
import pytest

from fleetd.domain.device import Component, Description
from fleetd.driverkit.registry import Registry
from fleetd_emulators.devices import catalogue
from fleetd_emulators.devices.storage import ArrayBackend
from fleetd_emulators.devices.storage_seagate import SeagateArray
from fleetd_emulators.protocol.exchange import Request
from tests.support.trees import TreeReader, captured, captures, read

STORAGE = "/redfish/v1/Storage/1"
HOST = "nqn.2014-08.org.nvmexpress:uuid:00000000-1111-4222-8333-444444444444"


async def device_of(documents: Mapping[str, Any], registry: Registry) -> Description:
    """The one device of a tree."""
    (device,) = (await read(TreeReader(documents), registry)).descriptions
    return device


def parts(device: Description, kind: str) -> dict[str, Component]:
    """The components of a kind by key."""
    return {item.key: item for item in device.components if item.kind == kind}


def only(device: Description, kind: str) -> Component:
    (part,) = parts(device, kind).values()
    return part


async def make(backend: ArrayBackend, collection: str, body: Any) -> str:
    """Make a resource of the emulated array; its path."""
    answer = await backend.handle(Request(method="POST", path=collection, body=orjson.dumps(body)))
    assert answer.status == 201, answer.body
    return answer.headers["location"]


@pytest.mark.asyncio
async def test_pools_within_pools_are_told_apart_with_what_each_gives(registry: Registry) -> None:
    backend = ArrayBackend(catalogue.array(1, "array-1"))
    size = {"Data": {"AllocatedBytes": 10**13}}
    inner = await make(backend, f"{STORAGE}/StoragePools", {"Name": "gold", "Capacity": size})
    source = [{"ProvidingPools": [{"@odata.id": inner}]}]
    body = {"Name": "db", "CapacityBytes": 10**12, "CapacitySources": source}
    await make(backend, f"{STORAGE}/Volumes", body)

    device = await device_of(backend.documents, registry)

    base, gold = parts(device, "storage_pool").values()
    volumes = {item.name: item.attributes["pool"] for item in parts(device, "volume").values()}
    assert len(base.attributes["drives"]) == 20
    assert gold.attributes["pools"] == [base.key]
    assert gold.attributes["consumed_bytes"] == 10**12
    assert volumes == {"images": base.key, "volumes": base.key, "db": gold.key}


@pytest.mark.asyncio
@pytest.mark.parametrize("older", [False, True])
async def test_who_reaches_a_volume_is_told_alike_in_old_and_new_words(
    *, older: bool, registry: Registry
) -> None:
    backend = ArrayBackend(replace(catalogue.array(1, "array-1"), storage_groups=older))

    device = await device_of(backend.documents, registry)

    connection = only(device, "connection")
    endpoints = parts(device, "fabric_endpoint")
    (initiator,) = connection.attributes["initiators"]
    targets = [endpoints[key] for key in connection.attributes["targets"]]
    assert connection.attributes["volumes"] == ["Storage/1/Volumes/1"]
    assert connection.attributes["unit_numbers"] == {"Storage/1/Volumes/1": "1"}
    assert endpoints[initiator].attributes["role"] == "Initiator"
    assert endpoints[initiator].attributes["names"][0].startswith("nqn.")
    assert [item.attributes["addresses"] for item in targets] == [
        ["192.0.2.10:4420"],
        ["192.0.2.11:4420"],
    ]
    assert len(endpoints) == 3


@pytest.mark.asyncio
async def test_file_systems_shares_and_groups_are_found_once(registry: Registry) -> None:
    backend = ArrayBackend(catalogue.array(1, "array-1"))
    size = {"Data": {"AllocatedBytes": 10**12}}
    home = await make(backend, f"{STORAGE}/FileSystems", {"Name": "home", "Capacity": size})
    share = {"FileSharePath": "/home", "FileSharingProtocols": ["NFSv4_1"]}
    await make(backend, f"{home}/ExportedFileShares", share)
    volumes = [{"@odata.id": f"{STORAGE}/Volumes/{number}"} for number in (1, 2)]
    await make(backend, f"{STORAGE}/ConsistencyGroups", {"Volumes": volumes})

    device = await device_of(backend.documents, registry)

    shared, kept = only(device, "file_share"), only(device, "consistency_group")
    assert only(device, "file_system").attributes["pools"] == ["Storage/1/StoragePools/Pool1"]
    assert shared.attributes["path"] == "/home"
    assert shared.attributes["file_system"] == only(device, "file_system").key
    assert kept.attributes["volumes"] == ["Storage/1/Volumes/1", "Storage/1/Volumes/2"]
    assert kept.attributes["consistent"] is True


@pytest.mark.asyncio
async def test_a_rebuild_and_the_spares_that_are_left_are_seen(registry: Registry) -> None:
    backend = ArrayBackend(catalogue.array(1, "array-1"), clock=lambda: 0.0)
    await backend.incidents["fail-drive-3"]()
    await backend.refresh()

    device = await device_of(backend.documents, registry)

    drives = parts(device, "drive")
    conditions = [drives[f"Chassis/1/Drives/{n}"].attributes["condition"] for n in (3, 21, 22)]
    pool, volume = only(device, "storage_pool"), parts(device, "volume")["Storage/1/Volumes/1"]
    assert conditions == ["Fail", "Rebuild", "Hotspare"]
    assert drives["Chassis/1/Drives/22"].attributes["hotspare"] == "Global"
    assert "Chassis/1/Drives/21" in pool.attributes["drives"]
    assert "Chassis/1/Drives/3" not in pool.attributes["drives"]
    assert volume.attributes["operations"] == ["Rebuild"]
    assert volume.health == "Warning"


@pytest.mark.asyncio
async def test_an_array_is_read_in_few_requests(registry: Registry) -> None:
    backend = ArrayBackend(catalogue.array(1, "array-1"))
    reader = TreeReader(backend.documents)

    await read(reader, registry)

    assert len(reader.asked) == len(set(reader.asked))
    assert len(reader.asked) <= len(backend.documents)


@pytest.mark.asyncio
async def test_an_array_that_shows_a_system_is_storage_and_no_server(registry: Registry) -> None:
    device = await device_of(SeagateArray().documents, registry)

    assert (device.kind, device.identity.serial) == ("storage", "SGFTJ2032520531")
    assert len(parts(device, "storage_controller")) == 2
    assert len(parts(device, "drive")) == 4
    assert all("wwn" not in drive.attributes for drive in parts(device, "drive").values())


@pytest.mark.asyncio
async def test_what_two_controllers_show_at_two_places_is_counted_once(
    registry: Registry,
) -> None:
    device = await device_of(SeagateArray().documents, registry)

    base = {item.name: item for item in parts(device, "storage_pool").values()}
    volume = only(device, "volume")
    connection = only(device, "connection")
    assert sorted(base) == ["A", "dgA01"]
    assert base["A"].attributes["pools"] == [base["dgA01"].key]
    assert base["dgA01"].attributes["drives"] == list(parts(device, "drive"))
    assert volume.attributes["pool"] == base["A"].key
    assert connection.attributes["volumes"] == [volume.key]
    assert sorted(
        str(item.attributes["role"]) for item in parts(device, "fabric_endpoint").values()
    ) == ["Initiator", "Target"]


CAPTURED = [
    ("snia-swordfish-ebof-emulator", {"drive": 2, "volume": 2, "connection": 2}),
    ("snia-swordfish-fileserver-kryst", {"drive": 2, "volume": 2, "file_system": 1}),
]


@pytest.mark.asyncio
@pytest.mark.parametrize(("name", "counts"), CAPTURED)
async def test_a_captured_array_has_each_part_once(
    name: str, counts: Mapping[str, int], registry: Registry
) -> None:
    if name not in captures():
        pytest.skip("this tree isn't here")

    reading = await read(TreeReader(captured(name)), registry)

    (array,) = [item for item in reading.descriptions if item.kind == "storage"]
    assert {kind: len(parts(array, kind)) for kind in counts} == counts
