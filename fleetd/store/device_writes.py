"""Writing devices: what is equal to what is stored isn't written, but for ``last_seen``."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, select, update
from sqlalchemy.engine import Result, Row
from sqlalchemy.ext.asyncio import AsyncConnection

from fleetd.domain.device import Component, Device, DeviceId
from fleetd.domain.ports import Standing, StoredDevice
from fleetd.store.device_rows import ComponentTuple, change_to_row, component_to_row, device_to_row
from fleetd.store.documents import dump, pack
from fleetd.store.rows import CHANGE, COMPONENT, DEVICE, DEVICE_MAC, DOCUMENT
from fleetd.store.statements import BATCH, batches, upsert, upsert_tuples
from fleetd.store.values import clean, digest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A device as rows, and the part of its stored row to compare it with."""

    stored: StoredDevice
    row: dict[str, Any]
    parts: dict[tuple[str, str], ComponentTuple]
    known: Row[Any] | None

    @property
    def device(self) -> Device:
        return self.stored.device

    @property
    def is_changed(self) -> bool:
        return self.known is None or any(
            getattr(self.known, name) != self.row[name]
            for name in ("content_hash", "health", "power_state")
        )

    @property
    def has_other_components(self) -> bool:
        return self.known is None or self.known.components_hash != self.row["components_hash"]


async def write_devices(connection: AsyncConnection, devices: Sequence[StoredDevice]) -> None:
    """Write the differences in a transaction, giving way to the event loop between batches.

    Of a device that's given twice the last is written, with the history of all.
    """
    # In order of id, so that two daemons on one PostgreSQL lock rows in the same order.
    last = sorted({stored.device.id: stored for stored in devices}.values(), key=_device_id)
    for batch in batches(last, BATCH):
        await _write_batch(connection, batch)
        await asyncio.sleep(0)
    changes = [change for stored in devices for change in stored.changes]
    for some in batches(changes, 1_000):
        await connection.execute(insert(CHANGE), [change_to_row(change) for change in some])


def _device_id(stored: StoredDevice) -> DeviceId:
    return stored.device.id


async def _write_batch(connection: AsyncConnection, batch: Sequence[StoredDevice]) -> None:
    known = await _known(connection, [stored.device.id for stored in batch])
    prepared = [_prepare(stored, known.get(stored.device.id)) for stored in batch]
    changed = [one for one in prepared if one.is_changed]
    await upsert(connection, DEVICE, [one.row for one in changed])
    await _write_seen(connection, [one for one in prepared if not one.is_changed])
    await _write_macs(connection, changed)
    await _write_components(connection, [one for one in changed if one.has_other_components])
    await _write_documents(connection, [one.stored for one in prepared])


async def _known(connection: AsyncConnection, ids: Sequence[DeviceId]) -> Mapping[str, Row[Any]]:
    query = (
        select(
            DEVICE.c.id,
            DEVICE.c.content_hash,
            DEVICE.c.components_hash,
            DEVICE.c.health,
            DEVICE.c.power_state,
            DEVICE.c.macs,
        )
        .where(DEVICE.c.id.in_(ids))
        .order_by(DEVICE.c.id)
        .with_for_update()
    )
    rows: Result[Any] = await connection.execute(query)
    return {row.id: row for row in rows}


def _prepare(stored: StoredDevice, known: Row[Any] | None) -> _Prepared:
    device = stored.device
    parts = _component_rows(device.id, device.description.components)
    components_hash = digest(*sorted(part.hash for part in parts.values()))
    row = device_to_row(device, components_hash)
    return _Prepared(stored=stored, row=row, parts=parts, known=known)


def _component_rows(
    device_id: DeviceId, components: Iterable[Component]
) -> dict[tuple[str, str], ComponentTuple]:
    rows = (component_to_row(device_id, part) for part in components)
    return {(row.kind, row.key): row for row in rows}


async def _write_seen(connection: AsyncConnection, devices: Sequence[_Prepared]) -> None:
    if not devices:
        return
    statement = (
        update(DEVICE).where(DEVICE.c.id == bindparam("of_id")).values(last_seen=bindparam("seen"))
    )
    rows = [{"of_id": one.device.id, "seen": one.device.last_seen} for one in devices]
    await connection.execute(statement, rows)


async def _write_macs(connection: AsyncConnection, devices: Sequence[_Prepared]) -> None:
    moved = [one for one in devices if one.known is None or one.known.macs != one.row["macs"]]
    gone = [one.device.id for one in moved if one.known is not None]
    if gone:
        await connection.execute(delete(DEVICE_MAC).where(DEVICE_MAC.c.device_id.in_(gone)))
    rows = [
        {"mac": clean(mac), "device_id": one.device.id}
        for one in moved
        for mac in one.device.description.identity.macs
    ]
    await upsert(connection, DEVICE_MAC, rows)


async def _write_components(connection: AsyncConnection, devices: Sequence[_Prepared]) -> None:
    known = [one.device.id for one in devices if one.known is not None]
    hashes: dict[str, dict[tuple[str, str], bytes]] = {device_id: {} for device_id in known}
    if known:
        query = select(
            COMPONENT.c.device_id, COMPONENT.c.kind, COMPONENT.c.key, COMPONENT.c.hash
        ).where(COMPONENT.c.device_id.in_(known))
        for row in await connection.execute(query):
            hashes[row.device_id][row.kind, row.key] = row.hash
    written: list[ComponentTuple] = []
    removed: list[dict[str, str]] = []
    for one in devices:
        before = hashes.get(one.device.id, {})
        written += [row for key, row in one.parts.items() if before.get(key) != row.hash]
        removed += [
            {"of_device": one.device.id, "of_kind": kind, "of_key": key}
            for kind, key in before.keys() - one.parts.keys()
        ]
    await upsert_tuples(connection, COMPONENT, written)
    if removed:
        await connection.execute(_REMOVE_COMPONENT, removed)


_REMOVE_COMPONENT = delete(COMPONENT).where(
    and_(
        COMPONENT.c.device_id == bindparam("of_device"),
        COMPONENT.c.kind == bindparam("of_kind"),
        COMPONENT.c.key == bindparam("of_key"),
    )
)


async def _write_documents(connection: AsyncConnection, devices: Sequence[StoredDevice]) -> None:
    dumped = {
        stored.device.id: dump(stored.documents)
        for stored in devices
        if stored.documents is not None
    }
    if not dumped:
        return
    query = select(DOCUMENT.c.device_id, DOCUMENT.c.hash).where(DOCUMENT.c.device_id.in_(dumped))
    known = {row.device_id: row.hash for row in await connection.execute(query)}
    changed = {key: value for key, value in dumped.items() if known.get(key) != value[1]}
    bodies = await asyncio.to_thread(lambda: [pack(plain) for plain, _ in changed.values()])
    rows = [
        {"device_id": device_id, "hash": content_hash, "body": body}
        for (device_id, (_, content_hash)), body in zip(changed.items(), bodies, strict=True)
    ]
    await upsert(connection, DOCUMENT, rows)


async def write_standings(connection: AsyncConnection, standings: Sequence[Standing]) -> None:
    """Write health, power state and ``last_seen`` only."""
    statement = (
        update(DEVICE)
        .where(DEVICE.c.id == bindparam("of_id"))
        .values(
            health=bindparam("its_health"),
            power_state=bindparam("its_power"),
            last_seen=bindparam("seen"),
        )
    )
    for batch in batches(standings, 500):
        rows = [
            {
                "of_id": standing.device_id,
                "its_health": standing.health.value,
                "its_power": standing.power_state.value,
                "seen": standing.seen_at,
            }
            for standing in batch
        ]
        await connection.execute(statement, rows)
        await asyncio.sleep(0)
