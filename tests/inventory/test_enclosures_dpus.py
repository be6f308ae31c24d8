"""DPUs are devices of their own that belong to their host, in whatever order both are found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from fleetd.domain.device import ComponentKind, Device, DeviceKind
from tests.support.swept import Tree, World, ref, running_world

pytestmark = pytest.mark.asyncio

HOST, OTHER, CARD, LATER = 0, 1, 2, 3
MAC = "02:00:00:00:00:d1"


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running_world(4, tmp_path) as running:
        yield running


def host(serial: str, **card: Any) -> Tree:
    """A server, with a DPU in slot 5 where one is given."""
    found: Tree = {
        "Systems/1": {
            "SerialNumber": serial,
            "Boot": {"BootSourceOverrideTarget": "None"},
            "Links": {"Chassis": [ref("Chassis/1")]},
        },
        "Chassis/1": {"ChassisType": "RackMount", "SerialNumber": serial},
    }
    if card:
        found["Chassis/1/NetworkAdapters/5"] = {
            "Model": "BlueField-3 DPU",
            "Location": {"PartLocation": {"ServiceLabel": "Slot 5"}},
            **card,
        }
    return found


def with_port(tree: Tree) -> Tree:
    path = "Chassis/1/NetworkAdapters/5/Ports/1"
    return tree | {path: {"PortId": "1", "Ethernet": {"AssociatedMACAddresses": [MAC]}}}


def dpu(serial: str | None, system: str = "Bluefield", **more: Any) -> Tree:
    """A DPU behind its own BMC."""
    return {
        f"Systems/{system}": {
            "SerialNumber": serial,
            "SystemType": "DPU",
            "Boot": {"BootSourceOverrideTarget": "None"},
            **more,
        },
        f"Systems/{system}/EthernetInterfaces/oob": {"MACAddress": MAC},
    }


async def the_dpu(world: World) -> Device:
    (found,) = [
        one for one in (await world.devices()).values() if one.description.kind is DeviceKind.DPU
    ]
    return found


@pytest.mark.parametrize("order", [(HOST, CARD, CARD), (CARD, HOST, CARD)], ids=["host", "dpu"])
@pytest.mark.parametrize(
    ("shown", "own"),
    [
        (host("H1", SerialNumber="MT1"), dpu("MT1")),
        (with_port(host("H1", Name="Card")), dpu(None)),
        (host("H1", SerialNumber="mt1"), dpu("MT1", SystemType=None)),
    ],
    ids=["serial", "mac", "id only"],
)
async def test_a_dpu_belongs_to_the_host_that_shows_it_whichever_is_found_first(
    order: tuple[int, ...], shown: Tree, own: Tree, world: World
) -> None:
    world.show(HOST, shown)
    world.show(CARD, own)

    await world.sweep(*order)

    card = await the_dpu(world)
    assert card.part_of == (await world.devices())["H1"].id
    assert card.description.placement.slot == "Slot 5"
    (part,) = [
        one
        for one in (await world.devices())["H1"].description.components
        if one.kind is ComponentKind.DPU
    ]
    assert part.attributes["slot"] == "Slot 5"


async def test_it_stays_so_sweep_after_sweep(world: World) -> None:
    world.show(HOST, host("H1", SerialNumber="MT1"))
    world.show(CARD, dpu("MT1"))
    await world.sweep(CARD, HOST, CARD)
    before = await world.told((await the_dpu(world)).id)

    await world.sweep(HOST, CARD, HOST, CARD)

    assert await world.told((await the_dpu(world)).id) == before
    assert before == [("changed", "device", "part_of"), ("changed", "device", "slot")]


async def test_a_dpu_that_was_taken_out_belongs_to_nobody(world: World) -> None:
    world.show(HOST, host("H1", SerialNumber="MT1"))
    world.show(CARD, dpu("MT1"))
    await world.sweep(CARD, HOST, CARD)

    world.show(HOST, host("H1"))
    await world.sweep(HOST, CARD)

    card = await the_dpu(world)
    assert card.part_of is None
    assert card.description.placement.slot is None
    told = await world.history(card.id)
    assert [(one.field, one.after) for one in told if one.after is None] == [
        ("part_of", None),
        ("slot", None),
    ]


@pytest.mark.parametrize("order", [(HOST, OTHER), (OTHER, HOST)], ids=["left first", "came first"])
async def test_a_dpu_in_another_host_has_moved_there(order: tuple[int, int], world: World) -> None:
    world.show(HOST, host("H1", SerialNumber="MT1"))
    world.show(OTHER, host("H2"))
    world.show(CARD, dpu("MT1"))
    await world.sweep(HOST, OTHER, CARD)

    world.show(HOST, host("H1"))
    world.show(OTHER, host("H2", SerialNumber="MT1"))
    await world.sweep(*order, CARD)

    card = await the_dpu(world)
    assert card.part_of == (await world.devices())["H2"].id


async def test_a_dpu_shown_by_its_host_s_bmc_is_a_device_inside_it(world: World) -> None:
    world.show(HOST, host("H1") | dpu("MT1"))

    await world.sweep(HOST)

    found = await world.devices()
    assert (found["MT1"].description.kind, found["MT1"].part_of) == (DeviceKind.DPU, found["H1"].id)
    parts = found["H1"].description.components
    assert [one.serial for one in parts if one.kind is ComponentKind.DPU] == ["MT1"]


async def test_a_dpu_goes_to_its_own_bmc_once_that_is_known_and_stays_there(world: World) -> None:
    world.show(HOST, host("H1") | dpu("MT1"))
    world.show(CARD, dpu("MT1", system="1"))
    await world.sweep(HOST)

    await world.sweep(CARD, HOST, CARD, HOST)

    card = await the_dpu(world)
    found = await world.devices()
    moves = [one for one in await world.told(card.id) if one[0] == "moved"]
    assert (card.endpoint_id, card.part_of) == ("bmc-2", found["H1"].id)
    assert moves == [("moved", "device", "endpoint_id")]
    assert (await world.endpoint(HOST)).error is None
    assert (await world.endpoint(CARD)).error is None


async def test_two_hosts_that_say_to_hold_one_dpu_do_not_take_turns(world: World) -> None:
    for number, serial in ((HOST, "H1"), (OTHER, "H2")):
        world.show(number, host(serial, SerialNumber="MT1"))
    world.show(CARD, dpu("MT1"))
    await world.sweep(HOST, CARD)
    first = await the_dpu(world)

    await world.sweep(OTHER, CARD, HOST, OTHER, CARD)

    assert (await the_dpu(world)).part_of == first.part_of
