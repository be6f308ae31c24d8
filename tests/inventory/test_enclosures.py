"""What stands in an enclosure: nodes with their own parts, and what they share with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from fleetd.domain.device import ComponentKind, Description, DeviceKind
from fleetd.domain.errors import Faulted, Missing
from fleetd.driverkit.registry import Registry
from tests.support.swept import Tree, World, ref, running_world, tree
from tests.support.trees import TreeReader, captured, captures, read

pytestmark = pytest.mark.asyncio

# By captured tree, every device that stands there: its kind, and within which of them it is.
EXPECTED: dict[str, dict[str, int]] = {
    "accton-asgvolt64-rsd-mockup": {"switch": 1},
    "cisco-ucsx-210cm6-5.0.1f-iserver": {"server": 1},
    "cisco-ucsx-9508-4.2.2c-iserver": {"chassis": 1},
    "cray-nodecard-a-smd": {"server in chassis": 2, "chassis": 1},
    "dmtf-public-bladed": {"server in chassis": 4, "chassis": 1},
    "dmtf-public-bladed-partitions": {"server": 3, "chassis": 1},
    "dmtf-public-composability": {"server": 2, "chassis": 1},
    "dmtf-public-expansion-box": {"chassis": 1},
    "dmtf-public-rackmount1-2023.3": {"server": 1},
    "dmtf-public-sasfabric": {"switch": 2},
    "dell-idrac9-6.00.30-r750-libredfish": {"server": 1},
    "gigabyte-ami-12.03-h262z63-smd": {"server": 1},
    "hpe-ilo5-2.55-xl675d-a40-csm": {"server": 1},
    "hpe-ilo5-2.70-xl675d-a100-csm": {"server": 1},
    "hpe-ilo6-1.66-dl380agen11-iloemu": {"server": 1},
    "hpecray-cmm-csm": {"chassis": 1},
    "hpecray-ex235a-bardpeak-csm": {"server": 1},
    "hpecray-ex420-csm": {"server in chassis": 2, "chassis": 1},
    "hpecray-ex425-csm": {"server in chassis": 2, "chassis": 1},
    "hpecray-ex4252-csm": {"server in chassis": 4, "chassis": 1},
    "intel-bmc-1.93-s2600bpb-csm": {"server": 1},
    "liteon-powershelf-pf1333-lambda": {"pdu": 1},
    "nvidia-dgxh100-ami-23.11.20-libredfish": {"server": 1},
    "nvidia-gb200-lambda": {"server": 1},
    "nvidia-nvlinkswitch-n5110ld-88.0002-libredfish": {"switch": 1},
    "nvidia-openbmc-gh200-24.05-libredfish": {"server": 1},
    "snia-swordfish-ebof-emulator": {"storage": 1, "switch": 2},
    "supermicro-a21ge-nbrt-lambda": {"server": 1},
    "supermicro-gb300-lambda": {"server": 1},
    "supermicro-openbmc-gb300-70.01-redfishctl": {"server": 1},
}


def whole(name: str) -> Mapping[str, bytes]:
    if name not in captures():
        pytest.skip("this tree isn't here")
    return captured(name)


def of_capture(name: str) -> TreeReader:
    return TreeReader(whole(name))


def kinds(found: tuple[Description, ...]) -> dict[str, int]:
    at = {one.identity.path: one.kind.value for one in found}
    return dict(
        Counter(f"{one.kind} in {at[one.inside]}" if one.inside else str(one.kind) for one in found)
    )


def counted(device: Description) -> Counter[str]:
    return Counter(part.kind.value for part in device.components)


@pytest.mark.parametrize("name", EXPECTED)
async def test_a_captured_tree_shows_each_device_once(name: str, registry: Registry) -> None:
    reading = await read(of_capture(name), registry)

    assert kinds(reading.descriptions) == EXPECTED[name]


async def test_a_node_has_only_its_own_parts_and_the_enclosure_what_they_share(
    registry: Registry,
) -> None:
    reading = await read(of_capture("hpecray-ex4252-csm"), registry)

    nodes = [one for one in reading.descriptions if one.kind is DeviceKind.SERVER]
    (enclosure,) = (one for one in reading.descriptions if one.kind is DeviceKind.CHASSIS)
    firmware = {
        part.key
        for one in reading.descriptions
        for part in one.components
        if part.kind == "firmware"
    }
    assert sorted(str(one.placement.slot) for one in nodes) == ["Node0", "Node1", "Node2", "Node3"]
    assert {counted(one)["memory"] for one in nodes} == {24}
    assert sum(counted(one)["firmware"] for one in reading.descriptions) == len(firmware)
    assert "UpdateService/FirmwareInventory/BMC" in {part.key for part in enclosure.components}


async def test_an_enclosure_manager_shows_what_is_in_its_bays(registry: Registry) -> None:
    (chassis,) = (await read(of_capture("cisco-ucsx-9508-4.2.2c-iserver"), registry)).descriptions

    bays = {
        part.serial: part.attributes["slot"]
        for part in chassis.components
        if part.kind is ComponentKind.MODULE and part.attributes["type"] == "Blade"
    }
    assert bays == {"FCH25337EHM": "1", "FCH25337EJ9": "5", "FCH25337EHW": "7"}


async def test_a_dpu_listed_at_several_places_is_one(registry: Registry) -> None:
    name = "dell-idrac9-6.00.30-r750-libredfish"

    (server,) = (await read(of_capture(name), registry)).descriptions

    (dpu,) = [part for part in server.components if part.kind is ComponentKind.DPU]
    assert (dpu.serial, dpu.attributes["slot"]) == ("MT2242XZ00QA", "NIC.Slot.5")


def host(**more: Any) -> dict[str, Any]:
    return {"Boot": {"BootSourceOverrideTarget": "None"}, **more}


def twins() -> Tree:
    """Two nodes that link nothing, beside the enclosure that they are in."""
    return {
        "Systems/Node0": host(),
        "Systems/Node1": host(),
        "Chassis/Node0": {"ChassisType": "Blade"},
        "Chassis/Node1": {"ChassisType": "Blade"},
        "Chassis/Enclosure": {"ChassisType": "Enclosure", "SerialNumber": "E1"},
    }


async def test_nodes_that_link_nothing_are_inside_the_only_enclosure(registry: Registry) -> None:
    reading = await read(TreeReader(tree(twins())), registry)

    assert kinds(reading.descriptions) == {"server in chassis": 2, "chassis": 1}
    assert [one.placement.slot for one in reading.descriptions] == ["Node0", "Node1", None]


async def test_of_two_enclosures_none_is_guessed(registry: Registry) -> None:
    both = twins() | {"Chassis/Other": {"ChassisType": "Enclosure", "SerialNumber": "E2"}}

    reading = await read(TreeReader(tree(both)), registry)

    assert kinds(reading.descriptions) == {"server": 2, "chassis": 2}


def with_storage() -> Tree:
    """A server whose storage and switch the service root lists too."""
    return {
        "Systems/1": host(SerialNumber="S1", Storage=ref("Storage")),
        "Chassis/1": {
            "ChassisType": "RackMount",
            "SerialNumber": "S1",
            "Links": {"ComputerSystems": [ref("Systems/1")]},
        },
        "Storage/1": {"Name": "RAID"},
        "Storage/1/Drives/1": {"SerialNumber": "D1"},
        "Fabrics/1": {"FabricType": "Ethernet"},
        "Fabrics/1/Switches/1": {"SwitchType": "Ethernet", "Model": "Inner"},
    }


@pytest.mark.parametrize("kind", [Faulted, Missing])
async def test_where_the_system_can_not_be_read_its_parts_are_no_devices(
    kind: type[Faulted | Missing], registry: Registry
) -> None:
    failing = {"/redfish/v1/Systems/1": kind("not now", endpoint="tree")}

    whole = await read(TreeReader(tree(with_storage())), registry)
    reading = await read(TreeReader(tree(with_storage()), failing), registry)

    assert kinds(whole.descriptions) == {"server": 1}
    assert reading.descriptions == ()


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_world(3, tmp_path) as running:
        yield running


def manager(**bays: str) -> Tree:
    """An enclosure's own manager, which shows the blades in its bays as chassis only."""
    found: Tree = {"Chassis/1": {"ChassisType": "Enclosure", "SerialNumber": "ENC1", "Model": "E"}}
    for bay, serial in bays.items():
        found[f"Chassis/{bay}"] = {
            "ChassisType": "Blade",
            "SerialNumber": serial,
            "Location": {"PartLocation": {"ServiceLabel": bay}},
        }
    return found


def blade(serial: str) -> Tree:
    """A blade behind its own BMC, which knows nothing of its enclosure."""
    return {"Systems/1": host(SerialNumber=serial)}


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0)], ids=["enclosure first", "blades first"])
async def test_blades_with_bmcs_of_their_own_are_part_of_the_enclosure_that_shows_them(
    order: tuple[int, ...], world: World
) -> None:
    world.show(0, manager(Bay1="B1", Bay2="B2"))
    world.show(1, blade("B1"))
    world.show(2, blade("B2"))

    await world.sweep(*order)
    await world.sweep(1, 2)

    found = await world.devices()
    assert {found["B1"].part_of, found["B2"].part_of} == {found["ENC1"].id}
    assert found["B2"].description.placement.slot == "Bay2"


async def test_a_blade_that_changes_bays_has_moved_though_its_own_bmc_says_nothing(
    world: World,
) -> None:
    world.show(0, manager(Bay1="B1"))
    world.show(1, blade("B1"))
    await world.sweep(0, 1)

    world.show(0, manager(Bay4="B1"))
    await world.sweep(0, 1)

    device = (await world.devices())["B1"]
    slots = [one for one in await world.history(device.id) if one.field == "slot"]
    assert [(str(one.kind), one.before, one.after) for one in slots] == [("moved", "Bay1", "Bay4")]


def node(serial: str, enclosure: str = "ENC1") -> Tree:
    """A node whose BMC also shows the enclosure that it's in, as its neighbours' BMCs do."""
    return {
        "Systems/1": host(SerialNumber=serial, Links={"Chassis": [ref("Chassis/1")]}),
        "Chassis/1": {
            "ChassisType": "Blade",
            "SerialNumber": serial,
            "Links": {"ContainedBy": ref("Chassis/Enclosure")},
        },
        "Chassis/Enclosure": {"ChassisType": "Enclosure", "SerialNumber": enclosure},
    }


async def test_an_enclosure_that_every_node_s_bmc_shows_is_one_device_around_them_all(
    world: World,
) -> None:
    for number in range(3):
        world.show(number, node(f"N{number}"))

    for _ in range(2):
        await world.sweep(0, 1, 2)

    found = await world.devices()
    assert sorted(found) == ["ENC1", "N0", "N1", "N2"]
    assert {found[name].part_of for name in ("N0", "N1", "N2")} == {found["ENC1"].id}
    assert [(await world.endpoint(number)).error for number in range(3)] == [None] * 3
    assert await world.told(found["N2"].id) == []


async def test_a_captured_blade_is_part_of_the_captured_chassis_that_shows_it(
    world: World,
) -> None:
    for number, name in enumerate(
        ("cisco-ucsx-9508-4.2.2c-iserver", "cisco-ucsx-210cm6-5.0.1f-iserver")
    ):
        world.serve(number, whole(name))

    await world.sweep(1, 0)

    found = await world.devices()
    blade, chassis = found["FCH25337EHM"], found["FOX2521P34M"]
    assert (blade.part_of, blade.description.placement.slot) == (chassis.id, "1")
    assert await world.told(blade.id) == [("changed", "device", "part_of")]
