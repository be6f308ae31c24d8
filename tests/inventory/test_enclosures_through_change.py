"""Machines, blades, DPUs and parts through change: each is told in the history as what it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from fleetd.domain.device import PowerState
from fleetd.domain.endpoint import Reach
from fleetd.domain.errors import DeviceError
from fleetd.domain.lifecycle import State
from tests.support.scripted_bmc import drops
from tests.support.swept import Tree, World, ref, running_world

UUIDS = {
    name: f"{number:08x}-2222-4333-8444-555555555555" for number, name in enumerate("ABCDEF", 1)
}
pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_world(2, tmp_path) as running:
        yield running


def mac(name: str, nth: int = 1) -> str:
    return f"02:00:00:00:{ord(name[0]):02x}:{nth:02x}"


def server(serial: str, **more: Any) -> Tree:
    """A machine with its own chassis, one port and its BMC's own port."""
    identity = {"SerialNumber": serial, "UUID": UUIDS.get(serial), "Manufacturer": "Contoso"}
    return {
        "Managers/1": {"FirmwareVersion": "1.0", "UUID": more.pop("bmc", UUIDS["F"])},
        "Managers/1/EthernetInterfaces/1": {"MACAddress": more.pop("bmc_mac", mac("z"))},
        "Systems/1": {
            "Boot": {"BootSourceOverrideTarget": "None"},
            "Links": {"Chassis": [ref("Chassis/1")]},
            **identity,
            **more,
        },
        "Systems/1/EthernetInterfaces/1": {"MACAddress": more.get("mac", mac(serial or "q"))},
        "Chassis/1": {"ChassisType": "RackMount", "SerialNumber": serial},
    }


def enclosure(**slots: str) -> Tree:
    """An enclosure with blades by slot."""
    found: Tree = {"Chassis/Enclosure": {"ChassisType": "Enclosure", "SerialNumber": "ENC1"}}
    for slot, serial in slots.items():
        found |= blade(slot, serial)
    return found


def blade(slot: str, serial: str) -> Tree:
    place = {"PartLocation": {"ServiceLabel": slot}}
    return {
        f"Systems/{slot}": {
            "Boot": {"BootSourceOverrideTarget": "None"},
            "SerialNumber": serial,
            "UUID": UUIDS[serial],
            "Links": {"Chassis": [ref(f"Chassis/{slot}")]},
        },
        f"Systems/{slot}/EthernetInterfaces/1": {"MACAddress": mac(serial)},
        f"Chassis/{slot}": {
            "ChassisType": "Blade",
            "SerialNumber": serial,
            "Location": place,
            "Links": {"ContainedBy": ref("Chassis/Enclosure")},
        },
    }


def drives(**bays: str) -> Tree:
    """A storage subsystem with drives by bay."""
    found: Tree = {"Systems/1/Storage/1": {"Name": "Storage"}}
    for bay, serial in bays.items():
        found[f"Systems/1/Storage/1/Drives/{bay}"] = {
            "Name": f"Drive {bay}",
            "SerialNumber": serial,
            "Model": "D1",
            "PhysicalLocation": {"PartLocation": {"ServiceLabel": bay}},
        }
    return found


def modules(**slots: str) -> Tree:
    """DIMMs by slot."""
    return {
        f"Systems/1/Memory/{slot}": {
            "SerialNumber": serial,
            "CapacityMiB": 32768,
            "DeviceLocator": slot,
        }
        for slot, serial in slots.items()
    }


def cards(**slots: str) -> Tree:
    """Network adapters by slot, each with a port."""
    found: Tree = {}
    for slot, serial in slots.items():
        path = f"Chassis/1/NetworkAdapters/{slot}"
        found[path] = {"SerialNumber": serial, "Model": "N1"}
        found[f"{path}/Ports/1"] = {
            "PortId": "1",
            "Ethernet": {"AssociatedMACAddresses": [mac(serial)]},
        }
    return found


async def settle(world: World, number: int, *steps: Tree) -> None:
    for step in steps:
        world.show(number, step)
        await world.sweep(number)


async def silence(world: World, number: int) -> None:
    """Let a BMC be gone, and fleetd see it."""
    world.bmcs[number].always["GET /redfish/v1/"] = drops
    with pytest.raises(DeviceError):
        await world.sweep(number)


async def test_a_blade_in_another_slot_has_moved_and_its_chassis_says_so_too(world: World) -> None:
    await settle(world, 0, enclosure(Bay1="A", Bay2="B"), enclosure(Bay1="A", Bay3="B"))

    found = await world.devices()
    moved, chassis = found["B"], found["ENC1"]
    assert (moved.part_of, moved.description.placement.slot) == (chassis.id, "Bay3")
    assert await world.told(moved.id) == [("moved", "device", "slot")]
    assert ("moved", "module/Chassis/Bay3", "key") in await world.told(chassis.id)
    assert await world.told(found["A"].id) == []


async def test_two_blades_that_swap_slots_both_move_and_neither_is_replaced(world: World) -> None:
    await settle(world, 0, enclosure(Bay1="A", Bay2="B"), enclosure(Bay1="B", Bay2="A"))

    found = await world.devices()
    assert sorted(found) == ["A", "B", "ENC1"]
    for name in ("A", "B"):
        assert await world.told(found[name].id) == [("moved", "device", "slot")]
        assert found[name].replaces is None


@pytest.mark.parametrize("swept", [False, True], ids=["before a sweep", "after a sweep"])
async def test_a_pulled_blade_does_not_take_its_neighbours_polls_away(
    swept: bool,  # noqa: FBT001 - a parameter of the test
    world: World,
) -> None:
    await settle(world, 0, enclosure(Bay1="A", Bay2="B", Bay3="C"))
    left = enclosure(Bay2="B", Bay3="C")
    left["Systems/Bay2"]["PowerState"] = "On"
    world.show(0, left)
    if swept:
        await world.sweep(0)

    await world.poll(0)

    found = await world.devices()
    assert found["B"].description.power_state is PowerState.ON
    assert (await world.endpoint(0)).reach is Reach.UP
    assert (found["A"].state is State.UNREACHABLE) == swept


async def test_a_blade_pushed_on_by_a_newcomer_moves_and_only_the_absent_is_gone(
    world: World,
) -> None:
    await settle(world, 0, enclosure(Bay1="A", Bay2="B"), enclosure(Bay1="C", Bay2="A"))

    found = await world.devices()
    assert await world.told(found["A"].id) == [("moved", "device", "slot")]
    assert found["B"].state is State.UNREACHABLE
    assert found["B"].part_of is None
    assert found["C"].part_of == found["ENC1"].id


async def test_a_blade_in_another_enclosure_has_moved_there(world: World) -> None:
    other = enclosure(Bay7="A")
    other["Chassis/Enclosure"]["SerialNumber"] = "ENC2"
    await settle(world, 0, enclosure(Bay1="A", Bay2="B"), enclosure(Bay2="B"))
    await settle(world, 1, other)

    found = await world.devices()
    told = await world.history(found["A"].id)
    moves = [(one.field, one.before, one.after) for one in told if one.kind == "moved"]
    assert ("slot", "Bay1", "Bay7") in moves
    assert ("endpoint_id", "bmc-0", "bmc-1") in moves
    assert found["A"].part_of == found["ENC2"].id
    assert found["A"].state is State.INVENTORIED


async def test_a_machine_at_a_new_address_has_moved_and_nothing_else(world: World) -> None:
    await settle(world, 0, server("A"))
    await silence(world, 0)
    await settle(world, 1, server("A"))

    (device,) = (await world.devices()).values()
    told = await world.told(device.id)
    assert device.endpoint_id == "bmc-1"
    assert [one for one in told if one[0] != "state"] == [("moved", "device", "endpoint_id")]


async def test_another_bmc_board_in_the_same_machine_is_told_as_that(world: World) -> None:
    later = server("A", bmc=UUIDS["E"], bmc_mac=mac("y"))
    await settle(world, 0, server("A"), later)

    (device,) = (await world.devices()).values()
    told = await world.told(device.id)
    assert ("replaced", "device", "bmc") in told
    assert ("replaced", "device", "board") not in told


async def test_a_bmc_that_renames_itself_is_no_other_bmc(world: World) -> None:
    await settle(world, 0, server("A"), server("A", bmc=UUIDS["E"]))

    (device,) = (await world.devices()).values()
    assert [one for one in await world.told(device.id) if one[0] == "replaced"] == []


async def test_another_mainboard_in_the_same_chassis_is_told_as_that(world: World) -> None:
    later = server("A", UUID=UUIDS["E"], mac=mac("e"), bmc=UUIDS["D"], bmc_mac=mac("y"))
    await settle(world, 0, server("A"), later)

    (device,) = (await world.devices()).values()
    replaced = [one for one in await world.history(device.id) if one.kind == "replaced"]
    assert [(one.field, one.before, one.after) for one in replaced] == [
        ("board", UUIDS["A"], UUIDS["E"])
    ]


async def test_a_machine_swapped_behind_one_address_is_replaced_and_found_again_elsewhere(
    world: World,
) -> None:
    """It's found though the endpoint that it left still answers, with the newcomer."""
    await settle(world, 0, server("A"), server("B"))
    between = await world.devices()
    await settle(world, 1, server("A"))

    found = await world.devices()
    assert between["A"].state is State.UNREACHABLE
    assert found["B"].replaces == found["A"].id
    assert found["A"].id == between["A"].id
    assert (found["A"].endpoint_id, found["A"].state) == ("bmc-1", State.INVENTORIED)
    assert ("replaced", "device", "device") in await world.told(found["A"].id)
    assert (await world.endpoint(1)).error is None


async def test_a_serial_that_is_filled_in_later_is_a_change_of_the_same_device(
    world: World,
) -> None:
    nameless = server("A", SerialNumber="To be filled by O.E.M.", UUID=None, mac="")
    nameless["Chassis/1"]["SerialNumber"] = "0123456789"
    named = server("A", UUID=None, mac="")
    await settle(world, 0, nameless, named)

    (device,) = (await world.devices()).values()
    assert ("changed", "device", "serial") in await world.told(device.id)
    assert not [one for one in await world.told(device.id) if one[0] == "replaced"]


async def test_one_serial_of_two_makers_is_two_machines(world: World) -> None:
    await settle(world, 0, server("A", UUID=None, mac=mac("m")))
    other = server("A", Manufacturer="Fabrikam", UUID=None, mac=mac("n"))
    await settle(world, 1, other)

    assert await world.count() == 2


async def test_a_drive_in_another_bay_has_moved_and_another_in_its_bay_is_added(
    world: World,
) -> None:
    before = server("A") | drives(Bay1="D1", Bay2="D2")
    after = server("A") | drives(Bay1="D3", Bay2="D2", Bay4="D1")
    await settle(world, 0, before, after)

    (device,) = (await world.devices()).values()
    key = "drive/Systems/1/Storage/1/Drives"
    told = [one for one in await world.told(device.id) if one[1].startswith("drive/")]
    assert told == [("added", f"{key}/Bay1", ""), ("moved", f"{key}/Bay4", "key")]


async def test_hot_plugged_and_pulled_drives_are_added_and_removed(world: World) -> None:
    both = server("A") | drives(Bay1="D1", Bay2="D2")
    await settle(world, 0, server("A") | drives(Bay1="D1"), both, server("A") | drives(Bay2="D2"))

    (device,) = (await world.devices()).values()
    key = "drive/Systems/1/Storage/1/Drives"
    told = [one for one in await world.told(device.id) if one[1].startswith("drive/")]
    assert told == [("added", f"{key}/Bay2", ""), ("removed", f"{key}/Bay1", "")]


async def test_another_drive_in_the_same_bay_is_a_replacement(world: World) -> None:
    await settle(world, 0, server("A") | drives(Bay1="D1"), server("A") | drives(Bay1="D9"))

    (device,) = (await world.devices()).values()
    told = [one for one in await world.history(device.id) if one.subject.startswith("drive/")]
    assert [(str(one.kind), one.field, one.before, one.after) for one in told] == [
        ("replaced", "serial", "D1", "D9")
    ]


async def test_modules_that_swap_slots_have_moved(world: World) -> None:
    before = server("A") | modules(DIMM1="M1", DIMM2="M2")
    await settle(world, 0, before, server("A") | modules(DIMM1="M2", DIMM2="M1"))

    (device,) = (await world.devices()).values()
    told = [one for one in await world.told(device.id) if one[1].startswith("memory/")]
    assert {(kind, field) for kind, _, field in told} == {("moved", "key")}
    assert len(told) == 2


async def test_another_network_card_is_no_other_mainboard(world: World) -> None:
    bare = server("A")
    del bare["Systems/1/EthernetInterfaces/1"]
    await settle(world, 0, bare | cards(Slot1="P"), bare | cards(Slot1="Q"))

    (device,) = (await world.devices()).values()
    replaced = [one for one in await world.history(device.id) if one.kind == "replaced"]
    assert [(one.subject, one.before, one.after) for one in replaced] == [
        ("nic/Chassis/1/NetworkAdapters/Slot1", "P", "Q")
    ]
