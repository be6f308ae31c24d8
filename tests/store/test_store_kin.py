"""Who may hold whom, looked up: claims, what answers to them, and what is part of what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fleetd.domain.device import Component, ComponentKind, Device, DeviceId
from fleetd.store.database import Database
from tests.support.stored import a_description, a_device, stored

pytestmark = pytest.mark.asyncio


def holding(name: str, *modules: Component) -> Device:
    return a_device(name, description=a_description(name, components=modules))


def module(serial: str, **attributes: Any) -> Component:
    return Component(
        kind=ComponentKind.MODULE,
        key=f"Chassis/{serial}",
        name="Blade",
        serial=serial,
        attributes=attributes,
    )


async def ids(database: Database, **wanted: Any) -> set[str]:
    asked = {"held": (), "claimed": (), "holders": (), **wanted}
    return {one.id for one in await database.devices.kin(**asked)}


async def test_the_holder_of_a_serial_is_found_without_regard_to_case(database: Database) -> None:
    chassis = holding("chassis", module("Blade-Ä1", slot="3"))
    await database.devices.save([stored(chassis), stored(a_device("other"))])

    assert await ids(database, held=["BLADE-ä1"]) == {chassis.id}
    (found,) = await database.devices.kin(held=["blade-ä1"], claimed=(), holders=())
    assert found == chassis


async def test_what_is_claimed_is_found_by_serial_and_by_mac(database: Database) -> None:
    described = a_description("dpu")
    identity = replace(described.identity, serial="MT1", macs=("02:00:00:00:00:01",))
    dpu = a_device("dpu", description=replace(described, identity=identity))
    await database.devices.save([stored(dpu), stored(a_device("other"))])

    assert await ids(database, claimed=["mt1"]) == {dpu.id}
    assert await ids(database, claimed=["02:00:00:00:00:01"]) == {dpu.id}


async def test_what_is_part_of_a_holder_is_found(database: Database) -> None:
    blade = a_device("blade", part_of=DeviceId("device-chassis"))
    await database.devices.save([stored(blade), stored(a_device("other"))])

    assert await ids(database, holders=["device-chassis"]) == {blade.id}
    assert await ids(database) == set()


async def test_a_claim_ends_with_the_component_that_made_it(database: Database) -> None:
    chassis = holding("chassis", module("B1"), module("B2"))
    await database.devices.save([stored(chassis)])

    pulled = replace(chassis, description=a_description("chassis", components=(module("B2"),)))
    await database.devices.save([stored(pulled)])

    assert await ids(database, held=["b1"]) == set()
    assert await ids(database, held=["b2"]) == {chassis.id}


async def test_a_serial_that_two_components_give_claims_nothing(database: Database) -> None:
    twice = replace(module("B1"), key="Chassis/again")
    await database.devices.save([stored(holding("chassis", module("B1"), twice))])

    assert await ids(database, held=["b1"]) == set()
