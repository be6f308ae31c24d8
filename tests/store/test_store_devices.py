"""Devices are kept whole, written only where they differ, and found again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from typing import Any

import pytest
from sqlalchemy import event

from fleetd.domain.comparison import compare
from fleetd.domain.device import (
    ComponentKind,
    Device,
    DeviceId,
    DeviceKind,
    EndpointId,
    Health,
    Identity,
    Placement,
    PowerState,
)
from fleetd.domain.errors import Conflict, InvalidInput
from fleetd.domain.lifecycle import State
from fleetd.domain.ports import DeviceFilter, FleetCount, Standing
from fleetd.store.database import Database
from tests.support.stored import (
    LATER,
    NOW,
    a_change,
    a_description,
    a_device,
    a_drive,
    a_fan,
    stored,
)

pytestmark = pytest.mark.asyncio

MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")


def _with_macs(name: str, macs: tuple[str, ...]) -> Device:
    description = a_description(name)
    identity = replace(description.identity, macs=macs)
    return a_device(name, description=replace(description, identity=identity))


@asynccontextmanager
async def statements(database: Database) -> AsyncIterator[list[str]]:
    """What is written to the database while the context lasts."""
    written: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.split(maxsplit=1)[0] in {"INSERT", "UPDATE", "DELETE"}:
            written.append(" ".join(statement.split()))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield written
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def test_a_device_comes_back_as_it_was_kept(database: Database) -> None:
    device = a_device(
        description=a_description(
            identity=Identity(
                uuid="11111111-2222-4333-8444-555555555555",
                serial="Sn-Ä1",
                manufacturer="Contoso",
                model="3500",
                macs=MACS,
                manager_id="bmc-1",
                path="/redfish/v1/Systems/1",
            ),
            sku="S",
            part_number="P",
            asset_tag="T",
            hostname="h",
            bios_version="1",
            bmc_version="2",
            architecture="x86",
            health=Health.WARNING,
            power_state=PowerState.POWERING_ON,
            placement=Placement(site="s", room="o", row="r", rack="k", unit=41, slot="7"),
            inside="/redfish/v1/Chassis/E",
            stale=frozenset({"drive", "device"}),
        ),
        state=State.QUARANTINED,
        state_reason="a disk failed",
        replaces=DeviceId("device-before"),
        part_of=DeviceId("device-around"),
        last_seen=LATER,
    )

    await database.devices.save([stored(device)])

    assert await database.devices.device(device.id) == device


async def test_a_device_that_nobody_kept_is_none(database: Database) -> None:
    assert await database.devices.device(DeviceId("nobody")) is None
    assert await database.devices.raw(DeviceId("nobody")) is None
    assert (await database.devices.history(DeviceId("nobody"), limit=1)).items == ()


async def test_components_are_changed_added_and_removed(database: Database) -> None:
    before = a_device(description=a_description(components=(a_drive("1"), a_drive("2"), a_fan())))
    await database.devices.save([stored(before)])
    components = (a_drive("2", health=Health.CRITICAL), a_drive("3"), a_fan())
    after = replace(before, description=a_description(components=components))

    await database.devices.save([stored(after)])

    assert await database.devices.device(before.id) == after


async def test_the_same_again_writes_only_when_it_was_seen(database: Database) -> None:
    device = _with_macs("a", MACS)
    documents = {"/redfish/v1": {"Name": "Root"}}
    await database.devices.save([stored(device, documents=documents)])
    again = replace(device, last_seen=LATER)

    async with statements(database) as written:
        await database.devices.save([stored(again, documents=documents)])

    assert [statement.split(" SET ")[0] for statement in written] == ["UPDATE device"]
    assert written[0].split(" SET ")[1].startswith("last_seen=")
    assert await database.devices.device(device.id) == again


async def test_only_the_component_that_differs_is_written(database: Database) -> None:
    device = a_device(description=a_description(components=(a_drive("1"), a_drive("2"))))
    await database.devices.save([stored(device)])
    rows: list[Any] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO component"):
            rows.extend(parameters if isinstance(parameters, list) else [parameters])

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    components = (a_drive("1"), a_drive("2", firmware_version="2.0"))
    after = replace(device, description=a_description(components=components))
    await database.devices.save([stored(after)])

    assert [row[2] for row in rows] == ["2"]


async def test_a_device_kept_and_read_differs_in_nothing_from_itself(database: Database) -> None:
    device = _with_macs("a", MACS)
    await database.devices.save([stored(device)])

    kept = await database.devices.device(device.id)

    assert kept is not None
    changes = compare(
        kept.description, device.description, device_id=device.id, at=LATER, sweep_id="s"
    )
    assert changes == ()


async def test_a_save_with_one_bad_device_keeps_none(database: Database) -> None:
    good, bad = a_device("good"), a_device("bad")
    orphan = a_change(a_device("nobody"))

    with pytest.raises(Conflict):
        await database.devices.save([stored(good), stored(bad, orphan)])

    assert (await database.devices.devices(DeviceFilter(), limit=10)).items == ()


async def test_a_device_given_twice_is_kept_as_given_last(database: Database) -> None:
    first = a_device(description=a_description(components=(a_drive("1"), a_drive("2"))))
    last = replace(first, description=a_description(components=(a_drive("3"),)))

    await database.devices.save([stored(first, a_change(first)), stored(last, a_change(last))])

    assert await database.devices.device(first.id) == last
    assert len((await database.devices.history(first.id, limit=10)).items) == 2


async def test_a_text_with_a_nul_is_kept_with_a_mark_in_its_place(database: Database) -> None:
    part = a_drive("nul", name="a\x00b", serial="\\u0000", attributes={"slot": "x\x00y"})
    device = a_device(description=a_description(components=(part,), hostname="h\x00"))

    await database.devices.save([stored(device, a_change(device, after="n\x00"))])
    kept = await database.devices.device(device.id)

    assert kept is not None
    assert kept.description.hostname == "h\ufffd"
    assert kept.description.components == (replace(part, name="a\ufffdb"),)


async def test_standings_change_health_power_and_last_seen_only(database: Database) -> None:
    device = a_device()
    await database.devices.save([stored(device)])
    standing = Standing(
        device_id=device.id, health=Health.CRITICAL, power_state=PowerState.OFF, seen_at=LATER
    )
    unknown = replace(standing, device_id=DeviceId("nobody"))

    await database.devices.save_standings([standing, unknown])

    description = replace(device.description, health=Health.CRITICAL, power_state=PowerState.OFF)
    expected = replace(device, description=description, last_seen=LATER)
    assert await database.devices.device(device.id) == expected


async def test_a_sweep_after_a_poll_brings_back_what_the_sweep_read(database: Database) -> None:
    device = a_device()
    await database.devices.save([stored(device)])
    standing = Standing(
        device_id=device.id, health=Health.CRITICAL, power_state=PowerState.OFF, seen_at=LATER
    )
    await database.devices.save_standings([standing])

    await database.devices.save([stored(device)])

    assert await database.devices.device(device.id) == device


def _named(value: object) -> str:
    if not isinstance(value, DeviceFilter):
        return str(value)
    return "-".join(item.name for item in fields(value) if getattr(value, item.name)) or "all"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (DeviceFilter(), "abc"),
        (DeviceFilter(kind=DeviceKind.SWITCH), "b"),
        (DeviceFilter(state=State.RETIRED), "c"),
        (DeviceFilter(vendor="Fabrikam"), "b"),
        (DeviceFilter(driver="dell.idrac"), "a"),
        (DeviceFilter(health=Health.WARNING), "b"),
        (DeviceFilter(power_state=PowerState.OFF), "c"),
        (DeviceFilter(site="south"), "c"),
        (DeviceFilter(site="north", rack="R2"), "b"),
        (DeviceFilter(endpoint_id=EndpointId("endpoint-a")), "a"),
        (DeviceFilter(part_of=DeviceId("device-a")), "b"),
        (DeviceFilter(text="sn-B"), "b"),
        (DeviceFilter(text="ÄPFEL 50%"), "c"),
        (DeviceFilter(text="_"), ""),
        (DeviceFilter(kind=DeviceKind.SERVER, state=State.INVENTORIED), "a"),
    ],
    ids=_named,
)
async def test_a_filter_lets_through_what_it_names(
    database: Database, where: DeviceFilter, expected: str
) -> None:
    a = a_device("a", driver="dell.idrac")
    b = a_device(
        "b",
        vendor="Fabrikam",
        part_of=DeviceId("device-a"),
        description=a_description(
            "b",
            kind=DeviceKind.SWITCH,
            health=Health.WARNING,
            placement=Placement(site="north", rack="R2"),
        ),
    )
    c = a_device(
        "c",
        state=State.RETIRED,
        description=replace(
            a_description("c"),
            name="äpfel 50% off",
            power_state=PowerState.OFF,
            placement=Placement(site="south"),
        ),
    )
    await database.devices.save([stored(device) for device in (c, a, b)])

    page = await database.devices.devices(where, limit=10)

    assert [device.id for device in page.items] == [f"device-{name}" for name in expected]


async def test_a_listing_has_the_components_of_the_named_kinds_only(database: Database) -> None:
    device = a_device(description=a_description(components=(a_drive("1"), a_drive("2"), a_fan())))
    await database.devices.save([stored(device)])

    bare = await database.devices.devices(DeviceFilter(), limit=1)
    fans = await database.devices.devices(
        DeviceFilter(), limit=1, components=frozenset({ComponentKind.FAN})
    )

    assert bare.items[0].description.components == ()
    assert fans.items[0].description.components == (a_fan(),)


async def test_pages_hold_every_device_once_in_order(database: Database) -> None:
    devices = [a_device(f"{number:03d}") for number in range(45)]
    await database.devices.save([stored(device) for device in reversed(devices)])

    found: list[Device] = []
    marker = None
    for _ in range(5):
        page = await database.devices.devices(
            DeviceFilter(), limit=10, marker=marker, components=frozenset(ComponentKind)
        )
        found += page.items
        marker = page.marker

    assert found == devices
    assert marker is None


@pytest.mark.parametrize("marker", ["", "nobody", "W10", "ö", "WyJlbmRwb2ludHMiLCJhIl0"])
async def test_a_marker_that_no_page_gave_is_refused(database: Database, marker: str) -> None:
    with pytest.raises(InvalidInput):
        await database.devices.devices(DeviceFilter(), limit=1, marker=marker)
    with pytest.raises(InvalidInput):
        await database.devices.history(DeviceId("device-a"), limit=1, marker=marker)
    with pytest.raises(InvalidInput):
        await database.discoveries.runs(limit=1, marker=marker)


async def test_candidates_share_the_endpoint_the_serial_the_uuid_or_a_mac(
    database: Database,
) -> None:
    devices = [_with_macs(name, (f"02:00:00:00:00:0{name}",)) for name in "abcde"]
    await database.devices.save([stored(device) for device in devices])
    a, b, c, d, _ = devices

    found = await database.devices.candidates(
        endpoint_id=a.endpoint_id,
        serials=["sn-B", "unknown"],
        uuids=[str(c.description.identity.uuid)],
        macs=["02:00:00:00:00:0d"],
    )

    assert found == (a, b, c, d)


async def test_candidates_of_nothing_known_are_none(database: Database) -> None:
    await database.devices.save([stored(a_device())])

    found = await database.devices.candidates(
        endpoint_id=EndpointId("other"), serials=[], uuids=[], macs=[]
    )

    assert found == ()


async def test_a_device_is_no_longer_found_by_a_mac_that_it_lost(database: Database) -> None:
    await database.devices.save([stored(_with_macs("a", MACS))])
    await database.devices.save([stored(_with_macs("a", MACS[1:]))])
    nowhere = EndpointId("nowhere")

    async def owners(mac: str) -> int:
        found = await database.devices.candidates(
            endpoint_id=nowhere, serials=[], uuids=[], macs=[mac]
        )
        return len(found)

    assert await owners(MACS[0]) == 0
    assert await owners(MACS[1]) == 1


async def test_candidates_by_thousands_of_macs_are_found(database: Database) -> None:
    await database.devices.save([stored(_with_macs("a", MACS))])
    many = [f"02:00:00:01:{n >> 8:02x}:{n & 255:02x}" for n in range(3_000)]

    found = await database.devices.candidates(
        endpoint_id=EndpointId("nowhere"), serials=[], uuids=[], macs=[*many, MACS[1]]
    )

    assert [device.id for device in found] == ["device-a"]


async def test_counts_tell_how_many_share_kind_vendor_state_health_and_power(
    database: Database,
) -> None:
    broken = a_description("c", health=Health.CRITICAL)
    devices = [a_device("a"), a_device("b"), a_device("c", description=broken)]
    await database.devices.save([stored(device) for device in devices])

    counts = await database.devices.counts()

    def count(health: Health, devices: int) -> FleetCount:
        return FleetCount(
            kind=DeviceKind.SERVER,
            vendor="Contoso",
            state=State.INVENTORIED,
            health=health,
            power_state=PowerState.ON,
            devices=devices,
        )

    assert set(counts) == {count(Health.OK, 2), count(Health.CRITICAL, 1)}


async def test_raw_documents_are_kept_until_others_replace_them(database: Database) -> None:
    device = a_device()
    first = {"/redfish/v1": {"Name": "Root", "ü": [1, 2.5, None, True]}}
    await database.devices.save([stored(device, documents=first)])

    await database.devices.save([stored(device)])
    kept = await database.devices.raw(device.id)
    await database.devices.save([stored(device, documents={"/redfish/v1": {}})])
    replaced = await database.devices.raw(device.id)

    assert kept == first
    assert replaced == {"/redfish/v1": {}}


async def test_a_moment_without_a_time_zone_is_refused(database: Database) -> None:
    naive = a_device(last_seen=NOW.replace(tzinfo=None))

    with pytest.raises(InvalidInput):
        await database.devices.save([stored(naive)])
