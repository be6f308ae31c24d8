"""Writing devices: what is equal to what is stored isn't written, but for ``last_seen``."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, select, update
from sqlalchemy.engine import Result, Row
from sqlalchemy.ext.asyncio import AsyncConnection

from fleetd.domain.belonging import claims
from fleetd.domain.device import Change, Component, DeviceId
from fleetd.domain.ports import Standing, StoredDevice
from fleetd.store.device_rows import ComponentTuple, change_to_row, component_to_row, device_to_row
from fleetd.store.documents import dump, pack
from fleetd.store.rows import CHANGE, COMPONENT, DEVICE, DEVICE_CLAIM, DEVICE_MAC, DOCUMENT
from fleetd.store.statements import BATCH, batches, upsert, upsert_tuples
from fleetd.store.values import clean, digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A device as rows, made before the transaction so that the write lock is held shortly.

    ``document`` is the raw documents as bytes with their hash; None keeps those that are stored.
    """

    row: dict[str, Any]
    macs: tuple[str, ...]
    claims: tuple[str, ...]
    parts: dict[tuple[str, str], ComponentTuple]
    document: tuple[bytes, bytes] | None

    @property
    def id(self) -> str:
        device_id: str = self.row["id"]
        return device_id

    def differs(self, known: Row[Any] | None, *names: str) -> bool:
        """One of the named columns isn't as stored, or nothing is stored."""
        return known is None or any(getattr(known, name) != self.row[name] for name in names)


async def prepare(devices: Sequence[StoredDevice]) -> list[Prepared]:
    """The devices as rows, giving way to the event loop between batches.

    Of a device that's given twice the last is taken.
    """
    prepared: list[Prepared] = []
    # In order of id, so that two daemons on one PostgreSQL lock rows in the same order.
    last = sorted({stored.device.id: stored for stored in devices}.values(), key=_device_id)
    for batch in batches(last, BATCH):
        prepared += [_prepare(stored) for stored in batch]
        await asyncio.sleep(0)
    return prepared


def _device_id(stored: StoredDevice) -> DeviceId:
    return stored.device.id


def _prepare(stored: StoredDevice) -> Prepared:
    device = stored.device
    parts = _component_rows(device.id, device.description.components)
    components_hash = digest(*sorted(part.hash for part in parts.values()))
    return Prepared(
        row=device_to_row(device, components_hash),
        macs=device.description.identity.macs,
        claims=tuple({clean(name) for name in claims(device.description.components)}),
        parts=parts,
        document=None if stored.documents is None else dump(stored.documents),
    )


def _component_rows(
    device_id: DeviceId, components: Iterable[Component]
) -> dict[tuple[str, str], ComponentTuple]:
    rows = (component_to_row(device_id, part) for part in components)
    return {(row.kind, row.key): row for row in rows}


async def write_devices(
    connection: AsyncConnection, devices: Sequence[Prepared], changes: Sequence[Change]
) -> None:
    """Write the differences in a transaction, giving way to the event loop between batches."""
    for batch in batches(devices, BATCH):
        await _write_batch(connection, batch)
        await asyncio.sleep(0)
    for some in batches(changes, 1_000):
        await connection.execute(insert(CHANGE), [change_to_row(change) for change in some])


async def _write_batch(connection: AsyncConnection, batch: Sequence[Prepared]) -> None:
    known = await _known(connection, [one.id for one in batch])
    changed: list[Prepared] = []
    seen: list[Prepared] = []
    for one in batch:
        differs = one.differs(known.get(one.id), "content_hash", "health", "power_state")
        (changed if differs else seen).append(one)
    await upsert(connection, DEVICE, [one.row for one in changed])
    await _write_seen(connection, seen)
    await _write_macs(connection, changed, known)
    await _write_claims(connection, changed, known)
    await _write_components(connection, changed, known)
    await _write_documents(connection, batch)


async def _known(connection: AsyncConnection, ids: Sequence[str]) -> Mapping[str, Row[Any]]:
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


async def _write_seen(connection: AsyncConnection, devices: Sequence[Prepared]) -> None:
    if not devices:
        return
    statement = (
        update(DEVICE).where(DEVICE.c.id == bindparam("of_id")).values(last_seen=bindparam("seen"))
    )
    rows = [{"of_id": one.id, "seen": one.row["last_seen"]} for one in devices]
    await connection.execute(statement, rows)


async def _write_macs(
    connection: AsyncConnection, devices: Sequence[Prepared], known: Mapping[str, Row[Any]]
) -> None:
    moved = [one for one in devices if one.differs(known.get(one.id), "macs")]
    gone = [one.id for one in moved if one.id in known]
    if gone:
        await connection.execute(delete(DEVICE_MAC).where(DEVICE_MAC.c.device_id.in_(gone)))
    rows = [{"mac": clean(mac), "device_id": one.id} for one in moved for mac in one.macs]
    await upsert(connection, DEVICE_MAC, rows)


async def _write_claims(
    connection: AsyncConnection, devices: Sequence[Prepared], known: Mapping[str, Row[Any]]
) -> None:
    """Claims come from components alone, so they change with them."""
    changed = [one for one in devices if one.differs(known.get(one.id), "components_hash")]
    gone = [one.id for one in changed if one.id in known]
    if gone:
        await connection.execute(delete(DEVICE_CLAIM).where(DEVICE_CLAIM.c.device_id.in_(gone)))
    rows = [{"identifier": name, "device_id": one.id} for one in changed for name in one.claims]
    await upsert(connection, DEVICE_CLAIM, rows)


async def _write_components(
    connection: AsyncConnection, devices: Sequence[Prepared], known: Mapping[str, Row[Any]]
) -> None:
    changed = [one for one in devices if one.differs(known.get(one.id), "components_hash")]
    hashes = await _component_hashes(connection, [one.id for one in changed if one.id in known])
    written: list[ComponentTuple] = []
    removed: list[dict[str, str]] = []
    for one in changed:
        before = hashes.get(one.id, {})
        written += [row for key, row in one.parts.items() if before.get(key) != row.hash]
        removed += [
            {"of_device": one.id, "of_kind": kind, "of_key": key}
            for kind, key in before.keys() - one.parts.keys()
        ]
    await upsert_tuples(connection, COMPONENT, written)
    if removed:
        await connection.execute(_REMOVE_COMPONENT, removed)


async def _component_hashes(
    connection: AsyncConnection, ids: Sequence[str]
) -> dict[str, dict[tuple[str, str], bytes]]:
    hashes: dict[str, dict[tuple[str, str], bytes]] = {device_id: {} for device_id in ids}
    if ids:
        columns = (COMPONENT.c.device_id, COMPONENT.c.kind, COMPONENT.c.key, COMPONENT.c.hash)
        query = select(*columns).where(COMPONENT.c.device_id.in_(ids))
        for row in await connection.execute(query):
            hashes[row.device_id][row.kind, row.key] = row.hash
    return hashes


_REMOVE_COMPONENT = delete(COMPONENT).where(
    and_(
        COMPONENT.c.device_id == bindparam("of_device"),
        COMPONENT.c.kind == bindparam("of_kind"),
        COMPONENT.c.key == bindparam("of_key"),
    )
)


async def _write_documents(connection: AsyncConnection, devices: Sequence[Prepared]) -> None:
    dumped = {one.id: one.document for one in devices if one.document is not None}
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
