"""Devices with their components, history and raw documents, kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, delete, func, select, union
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from fleetd.domain.device import (
    Change,
    Component,
    ComponentKind,
    Device,
    DeviceId,
    DeviceKind,
    EndpointId,
    Health,
    Json,
    PowerState,
)
from fleetd.domain.lifecycle import State
from fleetd.domain.ports import DeviceFilter, FleetCount, Page, Standing, StoredDevice
from fleetd.store.device_rows import (
    change_from_row,
    component_from_row,
    device_from_row,
    fold,
    folded,
)
from fleetd.store.device_writes import prepare, write_devices, write_standings
from fleetd.store.documents import unpack
from fleetd.store.paging import checked_limit, decode_marker, encode_marker, page_of
from fleetd.store.rows import CHANGE, COMPONENT, DEVICE, DEVICE_CLAIM, DEVICE_MAC, DOCUMENT
from fleetd.store.statements import BATCH, VALUES, batches
from fleetd.store.transactions import Transactions

_LISTING: Final = "devices"
_HISTORY: Final = "history"
_ALL_KINDS: Final = frozenset(ComponentKind)
_PRUNED_AT_ONCE: Final = 5_000  # rows: a pruning transaction stays short for other writers


class SqlDevices:
    """The port ``DeviceStore`` on a database."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def device(self, device_id: DeviceId) -> Device | None:
        """With its components, in order of kind and key."""

        async def work(connection: AsyncConnection) -> tuple[Device, ...]:
            return await _load(connection, _by_id([device_id]), _ALL_KINDS)

        found = await self._transactions.read("read a device", work)
        return found[0] if found else None

    async def devices(
        self,
        where: DeviceFilter,
        *,
        limit: int,
        marker: str | None = None,
        components: frozenset[ComponentKind] = frozenset(),
    ) -> Page[Device]:
        """In order of id; each with its components of the named kinds only."""
        query = select(DEVICE).where(*_conditions(where))
        query = query.order_by(DEVICE.c.id).limit(checked_limit(limit) + 1)
        if marker is not None:
            query = query.where(DEVICE.c.id > decode_marker(_LISTING, marker, str)[0])

        async def work(connection: AsyncConnection) -> tuple[Device, ...]:
            return await _load(connection, query, components)

        found = await self._transactions.read("list devices", work)
        return page_of(found, limit=limit, marker=lambda last: encode_marker(_LISTING, last.id))

    async def candidates(
        self,
        *,
        endpoint_id: EndpointId,
        serials: Sequence[str],
        uuids: Sequence[str],
        macs: Sequence[str],
    ) -> tuple[Device, ...]:
        """The devices (with components) at the endpoint or with any of these identifiers.

        Serials are compared without regard to case, as ``domain/recognition.py`` does.
        """
        return await self._matching(
            "look up devices",
            (DEVICE.c.endpoint_id, [endpoint_id], DEVICE.c.id),
            (DEVICE.c.serial_key, folded(serials), DEVICE.c.id),
            (DEVICE.c.uuid, folded(uuids), DEVICE.c.id),
            (DEVICE_MAC.c.mac, folded(macs), DEVICE_MAC.c.device_id),
        )

    async def kin(
        self, *, held: Sequence[str], claimed: Sequence[str], holders: Sequence[DeviceId]
    ) -> tuple[Device, ...]:
        """The devices (with components) that may hold others, or be held by them."""
        return await self._matching(
            "look up what belongs together",
            (DEVICE_CLAIM.c.identifier, folded(held), DEVICE_CLAIM.c.device_id),
            (DEVICE.c.serial_key, folded(claimed), DEVICE.c.id),
            (DEVICE_MAC.c.mac, folded(claimed), DEVICE_MAC.c.device_id),
            (DEVICE.c.part_of, holders, DEVICE.c.id),
        )

    async def _matching(
        self, task: str, *wanted: tuple[ColumnElement[str], Sequence[str], ColumnElement[str]]
    ) -> tuple[Device, ...]:
        """The devices of which a column holds one of the values; the last column is their id."""
        queries = [
            select(key).where(column.in_(some))
            for column, values, key in wanted
            for some in batches(values, VALUES)
        ]
        if not queries:
            return ()

        async def work(connection: AsyncConnection) -> tuple[Device, ...]:
            ids = sorted((await connection.execute(union(*queries))).scalars())
            found: list[Device] = []
            for some in batches(ids, VALUES):
                found += await _load(connection, _by_id(some), _ALL_KINDS)
            return tuple(found)

        return await self._transactions.read(task, work)

    async def save(self, devices: Sequence[StoredDevice]) -> None:
        """Write differences only; all or nothing.

        Some 20 devices at a time are best: more hold the write lock for longer.

        Raises:
            StoreBusy, StoreUnavailable: Nothing was written.
        """
        prepared = await prepare(devices)
        changes = [change for stored in devices for change in stored.changes]

        async def work(connection: AsyncConnection) -> None:
            await write_devices(connection, prepared, changes)

        if devices:
            await self._transactions.write("save devices", work)

    async def save_standings(self, standings: Sequence[Standing]) -> None:
        """Write what a poll saw; a device that isn't there is left out."""

        async def work(connection: AsyncConnection) -> None:
            await write_standings(connection, standings)

        if standings:
            await self._transactions.write("save standings", work)

    async def history(
        self, device_id: DeviceId, *, limit: int, marker: str | None = None
    ) -> Page[Change]:
        """Newest first."""
        query = select(CHANGE).where(CHANGE.c.device_id == device_id)
        query = query.order_by(CHANGE.c.id.desc()).limit(checked_limit(limit) + 1)
        if marker is not None:
            query = query.where(CHANGE.c.id < decode_marker(_HISTORY, marker, int)[0])

        async def work(connection: AsyncConnection) -> Sequence[Row[Any]]:
            return (await connection.execute(query)).all()

        rows = page_of(
            await self._transactions.read("read the history", work),
            limit=limit,
            marker=lambda last: encode_marker(_HISTORY, last.id),
        )
        return Page(items=tuple(change_from_row(row) for row in rows.items), marker=rows.marker)

    async def raw(self, device_id: DeviceId) -> Mapping[str, Json] | None:
        """The raw documents by path, as last kept."""

        async def work(connection: AsyncConnection) -> bytes | None:
            query = select(DOCUMENT.c.body).where(DOCUMENT.c.device_id == device_id)
            body: bytes | None = (await connection.execute(query)).scalar_one_or_none()
            return body

        body = await self._transactions.read("read raw documents", work)
        if body is None:
            return None
        documents: Mapping[str, Json] = await asyncio.to_thread(unpack, body)
        return documents

    async def counts(self) -> tuple[FleetCount, ...]:
        """How many devices share kind, vendor, state, health and power state."""
        columns = (
            DEVICE.c.kind,
            DEVICE.c.vendor,
            DEVICE.c.state,
            DEVICE.c.health,
            DEVICE.c.power_state,
        )
        query = select(*columns, func.count().label("devices")).group_by(*columns)

        async def work(connection: AsyncConnection) -> tuple[FleetCount, ...]:
            return tuple(
                FleetCount(
                    kind=DeviceKind(row.kind),
                    vendor=row.vendor,
                    state=State(row.state),
                    health=Health(row.health),
                    power_state=PowerState(row.power_state),
                    devices=row.devices,
                )
                for row in await connection.execute(query.order_by(*columns))
            )

        return await self._transactions.read("count devices", work)

    async def prune_history(self, before: datetime) -> int:
        """Forget the history older than ``before``; how many entries that were."""

        async def work(connection: AsyncConnection) -> int:
            old = select(CHANGE.c.id).where(CHANGE.c.at < before).limit(_PRUNED_AT_ONCE)
            return (await connection.execute(delete(CHANGE).where(CHANGE.c.id.in_(old)))).rowcount

        total = 0
        while pruned := await self._transactions.write("prune the history", work):
            total += pruned
        return total


def _by_id(ids: Sequence[str]) -> Select[Any]:
    return select(DEVICE).where(DEVICE.c.id.in_(ids)).order_by(DEVICE.c.id)


def _conditions(where: DeviceFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        column == value
        for column, value in (
            (DEVICE.c.kind, where.kind),
            (DEVICE.c.state, where.state),
            (DEVICE.c.vendor, where.vendor),
            (DEVICE.c.driver, where.driver),
            (DEVICE.c.health, where.health),
            (DEVICE.c.power_state, where.power_state),
            (DEVICE.c.site, where.site),
            (DEVICE.c.rack, where.rack),
            (DEVICE.c.endpoint_id, where.endpoint_id),
            (DEVICE.c.part_of, where.part_of),
        )
        if value is not None
    ]
    if where.text is not None:
        conditions.append(DEVICE.c.search.contains(fold(where.text), autoescape=True))
    return conditions


async def _load(
    connection: AsyncConnection, query: Select[Any], kinds: frozenset[ComponentKind]
) -> tuple[Device, ...]:
    """Read the devices of a query, giving way to the event loop between batches."""
    devices: list[Device] = []
    for rows in batches((await connection.execute(query)).all(), BATCH):
        parts = await _components(connection, [row.id for row in rows], kinds)
        devices += [device_from_row(row, tuple(parts[row.id])) for row in rows]
        await asyncio.sleep(0)
    return tuple(devices)


async def _components(
    connection: AsyncConnection, ids: Sequence[str], kinds: frozenset[ComponentKind]
) -> dict[str, list[Component]]:
    parts: dict[str, list[Component]] = {device_id: [] for device_id in ids}
    if not kinds:
        return parts
    query = select(COMPONENT).where(COMPONENT.c.device_id.in_(ids))
    if kinds != _ALL_KINDS:
        query = query.where(COMPONENT.c.kind.in_(sorted(kinds)))
    for row in await connection.execute(query):
        parts[row.device_id].append(component_from_row(row))
    for some in parts.values():
        some.sort(key=lambda part: (part.kind, part.key))
    return parts
