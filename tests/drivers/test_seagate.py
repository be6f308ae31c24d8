"""Seagate's arrays, as their tutorials show them."""

from __future__ import annotations

import pytest

from fleetd.domain.device import Description
from fleetd.driverkit.registry import Registry
from fleetd_emulators.devices.storage_seagate import SeagateArray
from tests.support.trees import TreeReader, read


async def read_array(serial: str, registry: Registry) -> Description:
    reading = await read(TreeReader(SeagateArray(serial).documents), registry)
    assert reading.driver == "seagate.array"
    (device,) = reading.descriptions
    return device


@pytest.mark.asyncio
async def test_arrays_are_told_apart_though_their_roots_share_a_uuid(registry: Registry) -> None:
    first, second = [await read_array(serial, registry) for serial in ("SGF1", "SGF2")]

    assert (first.identity.serial, second.identity.serial) == ("SGF1", "SGF2")
    assert first.identity.manager_id is None
    assert first.kind == "storage"


@pytest.mark.asyncio
async def test_a_drive_is_unencrypted_with_all_its_letters(registry: Registry) -> None:
    device = await read_array("SGF1", registry)

    drives = [part for part in device.components if part.kind == "drive"]
    assert [item.attributes["encryption_status"] for item in drives] == 4 * ["Unencrypted"]


@pytest.mark.asyncio
async def test_an_enclosures_number_is_no_rack(registry: Registry) -> None:
    device = await read_array("SGF1", registry)

    assert (device.placement.rack, device.placement.unit) == (None, None)
