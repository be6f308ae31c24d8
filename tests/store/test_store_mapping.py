"""Values survive the way into rows and back, whatever they hold."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetd.config.daemon import StoreSection
from fleetd.domain.device import (
    Component,
    ComponentKind,
    Description,
    Device,
    DeviceId,
    DeviceKind,
    EndpointId,
    Health,
    Identity,
    Placement,
    PowerState,
)
from fleetd.domain.endpoint import Endpoint, Reach, Root, Source
from fleetd.domain.lifecycle import State
from fleetd.domain.ports import StoredDevice
from fleetd.store.database import Database, open_database
from fleetd.store.device_rows import (
    ComponentTuple,
    component_from_row,
    component_to_row,
    device_from_row,
    device_to_row,
)
from fleetd.store.endpoints import endpoint_from_row, endpoint_to_row
from fleetd.store.rows import COMPONENT as COMPONENT_TABLE

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
MAYBE = st.none() | TEXT
NUMBER = st.integers(-(2**53), 2**53)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBER | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
MOMENT = st.datetimes(timezones=st.just(UTC))

COMPONENT = st.builds(
    Component,
    kind=st.sampled_from(ComponentKind),
    key=TEXT,
    name=TEXT,
    manufacturer=MAYBE,
    model=MAYBE,
    serial=MAYBE,
    part_number=MAYBE,
    firmware_version=MAYBE,
    location=MAYBE,
    health=st.sampled_from(Health),
    present=st.booleans(),
    attributes=st.dictionaries(TEXT, JSON, max_size=3),
)


def _in_order(parts: list[Component]) -> tuple[Component, ...]:
    return tuple(sorted(parts, key=lambda part: (part.kind, part.key)))


DESCRIPTION = st.builds(
    Description,
    kind=st.sampled_from(DeviceKind),
    identity=st.builds(
        Identity,
        uuid=MAYBE,
        serial=MAYBE,
        manufacturer=MAYBE,
        model=MAYBE,
        macs=st.lists(TEXT, max_size=3, unique=True).map(tuple),
        manager_id=MAYBE,
        path=TEXT,
    ),
    name=TEXT,
    sku=MAYBE,
    part_number=MAYBE,
    asset_tag=MAYBE,
    hostname=MAYBE,
    bios_version=MAYBE,
    bmc_version=MAYBE,
    architecture=MAYBE,
    health=st.sampled_from(Health),
    power_state=st.sampled_from(PowerState),
    placement=st.builds(
        Placement,
        site=MAYBE,
        room=MAYBE,
        row=MAYBE,
        rack=MAYBE,
        unit=st.none() | st.integers(0, 100),
    ),
    components=st.lists(COMPONENT, max_size=3, unique_by=lambda part: (part.kind, part.key)).map(
        _in_order
    ),
    stale=st.frozensets(TEXT, max_size=2),
)
DEVICE = st.builds(
    Device,
    id=st.just(DeviceId("device-any")),
    endpoint_id=TEXT.map(EndpointId),
    description=DESCRIPTION,
    state=st.sampled_from(State),
    driver=TEXT,
    vendor=TEXT,
    first_seen=MOMENT,
    last_seen=MOMENT,
    replaces=st.none() | TEXT.map(DeviceId),
    state_reason=MAYBE,
)
ENDPOINT = st.builds(
    Endpoint,
    id=TEXT.map(EndpointId),
    address=TEXT,
    source=st.sampled_from(Source),
    labels=st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple),
    root=st.none()
    | st.builds(
        Root,
        redfish_version=TEXT,
        uuid=MAYBE,
        vendor=MAYBE,
        product=MAYBE,
        oem_keys=st.lists(TEXT, max_size=2).map(tuple),
        expand=st.booleans(),
    ),
    reach=st.sampled_from(Reach),
    error=MAYBE,
    error_since=st.none() | MOMENT,
    last_seen=st.none() | MOMENT,
    last_sweep_seconds=st.none() | st.floats(0, 1e6),
)


def as_row(values: dict[str, Any]) -> Any:
    return cast("Any", SimpleNamespace(**values))


@given(COMPONENT)
def test_a_component_survives_its_row(component: Component) -> None:
    row = component_to_row(DeviceId("any"), component)

    assert component_from_row(cast("Any", row)) == component


def test_a_component_row_has_the_columns_of_the_table_in_their_order() -> None:
    assert list(ComponentTuple._fields) == [column.name for column in COMPONENT_TABLE.c]


@given(DEVICE)
def test_a_device_survives_its_row(device: Device) -> None:
    row = device_to_row(device, b"")

    assert device_from_row(as_row(row), device.description.components) == device


@given(ENDPOINT)
def test_an_endpoint_survives_its_row(endpoint: Endpoint) -> None:
    assert endpoint_from_row(as_row(endpoint_to_row(endpoint))) == endpoint


@given(COMPONENT, COMPONENT)
def test_components_with_one_hash_are_equal(one: Component, other: Component) -> None:
    hashes = [component_to_row(DeviceId("any"), part).hash for part in (one, other, one)]

    assert hashes[0] == hashes[2]
    assert hashes[0] != hashes[1] or one == other


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Database]]:
    folder: Path = tmp_path_factory.mktemp("mapping")
    with asyncio.Runner() as runner:
        context = open_database(StoreSection(), folder)
        database = runner.run(context.__aenter__())
        runner.run(database.upgrade())
        yield runner, database
        runner.run(context.__aexit__(None, None, None))


@settings(max_examples=40, deadline=None)
@given(device=DEVICE)
def test_a_device_survives_the_database_after_any_other(
    opened: tuple[asyncio.Runner, Database], device: Device
) -> None:
    runner, database = opened

    async def keep() -> Device | None:
        await database.devices.save([StoredDevice(device=device, changes=())])
        return await database.devices.device(device.id)

    kept = runner.run(keep())

    assert kept is not None
    assert kept.description == device.description
    assert (kept.state, kept.last_seen) == (device.state, device.last_seen)
