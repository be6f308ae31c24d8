"""Storing a fleet against a plain executemany of the same rows, side by side on one database.

``measure`` is what ``make bench`` calls; run as a program it prints what it measured.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import insert, select

from fleetd.config.daemon import StoreSection
from fleetd.domain.device import (
    Change,
    ChangeKind,
    Component,
    ComponentKind,
    Description,
    Device,
    DeviceId,
    DeviceKind,
    EndpointId,
    Health,
    Identity,
    PowerState,
)
from fleetd.domain.lifecycle import State
from fleetd.domain.ports import StoredDevice
from fleetd.store.database import Database, open_database
from fleetd.store.rows import METADATA

NOW = datetime(2026, 1, 1, tzinfo=UTC)
AT_ONCE = 20  # devices a transaction, on both sides
LOOK_S = 0.005  # between two looks at whether the loop is held
IN_FLIGHT = 3  # saves under way, as a sweep of many endpoints has them; they're written in turn


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSpeed:
    """Seconds each way took for the same rows, on the wall and of the processor.

    ``lag_ms`` is the longest that the loop was held.
    """

    devices: int
    components: int
    store_seconds: float
    store_cpu_seconds: float
    plain_seconds: float
    plain_cpu_seconds: float
    sqlite3_seconds: float
    unchanged_seconds: float
    lag_ms: float

    @property
    def ratio(self) -> float:
        """The store's time over the executemany's."""
        return self.store_seconds / self.plain_seconds

    @property
    def cpu_ratio(self) -> float:
        """The same of the processor's time, which other processes hardly change."""
        return self.store_cpu_seconds / self.plain_cpu_seconds


def fleet(devices: int, components: int) -> list[StoredDevice]:
    """Servers as a first sweep stores them."""
    return [_server(number, components) for number in range(devices)]


def _server(number: int, components: int) -> StoredDevice:
    device_id = DeviceId(str(UUID(int=(number * 0x9E3779B97F4A7C15) % 2**64 << 64 | number)))
    parts = tuple(_part(number, index) for index in range(components))
    description = Description(
        kind=DeviceKind.SERVER,
        identity=Identity(
            uuid=str(UUID(int=number + 1)),
            serial=f"SN{number:08d}",
            manufacturer="Contoso",
            model="3500",
            macs=tuple(f"02:00:00:{number >> 8:02x}:{number & 255:02x}:0{n}" for n in range(4)),
            manager_id=f"bmc-{number}",
            path="/redfish/v1/Systems/1",
        ),
        name=f"server-{number}",
        bios_version="2.1.0",
        bmc_version="7.10",
        health=Health.OK,
        power_state=PowerState.ON,
        components=parts,
    )
    device = Device(
        id=device_id,
        endpoint_id=EndpointId(f"endpoint-{number}"),
        description=description,
        state=State.INVENTORIED,
        driver="redfish.server",
        vendor="Contoso",
        first_seen=NOW,
        last_seen=NOW,
    )
    change = Change(
        device_id=device_id,
        kind=ChangeKind.ADDED,
        subject="device",
        field="",
        before=None,
        after=description.name,
        at=NOW,
        sweep_id="bench",
    )
    return StoredDevice(device=device, changes=(change,))


def _part(number: int, index: int) -> Component:
    kind = (ComponentKind.MEMORY, ComponentKind.DRIVE, ComponentKind.FIRMWARE)[index % 3]
    return Component(
        kind=kind,
        key=f"Systems/1/{kind}/{index}",
        name=f"{kind} {index}",
        manufacturer="Contoso",
        model=f"M{index}",
        serial=f"{number:06d}{index:03d}",
        part_number="P-1",
        health=Health.OK,
        attributes={"capacity_bytes": 34_359_738_368, "slot": f"A{index}", "speed_mhz": 4_800},
    )


async def measure(devices: int = 1_000, components: int = 40, rounds: int = 3) -> StoreSpeed:
    """Store the fleet, then the same rows by executemany into a second database, in turns.

    Each time is the best of the rounds: what else the machine does only ever adds. The plain way
    goes through SQLAlchemy as the store does; ``sqlite3_seconds`` is the bare module.
    """
    stored = fleet(devices, components)
    gc.collect()
    gc.freeze()  # the fleet held here isn't the store's: collecting it isn't measured
    found = [await _round(stored) for _ in range(rounds)]
    gc.unfreeze()
    best = {name: min(getattr(one, name) for one in found) for name in StoreSpeed.__slots__}
    return StoreSpeed(**best)


async def _round(stored: Sequence[StoredDevice]) -> StoreSpeed:
    with tempfile.TemporaryDirectory() as folder:
        first, second, third = (Path(folder) / name for name in ("store", "plain", "bare"))
        for path in (first, second, third):
            path.mkdir()
        async with open_database(StoreSection(), first) as database:
            await database.upgrade()
            cpu = time.process_time()
            store_seconds, lag = await _timed_save(database, stored)
            store_cpu_seconds = time.process_time() - cpu
            later = [_seen_again(one) for one in stored]
            unchanged_seconds, _ = await _timed_save(database, later)
            rows = await _rows(database)
        plain_seconds, plain_cpu_seconds = await _plain(second, rows)
        await _schema(third)
        sqlite3_seconds = await asyncio.to_thread(_bare, third, rows)
    return StoreSpeed(
        devices=len(stored),
        components=len(stored[0].device.description.components),
        store_seconds=store_seconds,
        store_cpu_seconds=store_cpu_seconds,
        plain_seconds=plain_seconds,
        plain_cpu_seconds=plain_cpu_seconds,
        sqlite3_seconds=sqlite3_seconds,
        unchanged_seconds=unchanged_seconds,
        lag_ms=lag * 1_000,
    )


def _seen_again(stored: StoredDevice) -> StoredDevice:
    device = replace(stored.device, last_seen=NOW + timedelta(hours=6))
    return StoredDevice(device=device, changes=())


async def _timed_save(database: Database, stored: Sequence[StoredDevice]) -> tuple[float, float]:
    watch = asyncio.create_task(_lag(stop := asyncio.Event()))
    began = time.perf_counter()
    turns = asyncio.Semaphore(IN_FLIGHT)

    async def save(batch: Sequence[StoredDevice]) -> None:
        async with turns:
            await database.devices.save(batch)

    async with asyncio.TaskGroup() as group:
        for start in range(0, len(stored), AT_ONCE):
            group.create_task(save(stored[start : start + AT_ONCE]))
    seconds = time.perf_counter() - began
    stop.set()
    return seconds, await watch


async def _lag(stop: asyncio.Event) -> float:
    worst, before = 0.0, time.perf_counter()
    while not stop.is_set():
        await asyncio.sleep(LOOK_S)
        now = time.perf_counter()
        worst, before = max(worst, now - before - LOOK_S), now
    return worst


Rows = dict[str, list[dict[str, object]]]


async def _rows(database: Database) -> Rows:
    async with database.engine.connect() as connection:
        return {
            table.name: [dict(row._mapping) for row in await connection.execute(select(table))]  # noqa: SLF001
            for table in METADATA.sorted_tables
        }


def _batches(rows: Rows) -> list[Rows]:
    """The rows cut into the transactions that the store used, in the store's order."""
    ids = [row["id"] for row in rows["device"]]
    turns = {device_id: place // AT_ONCE for place, device_id in enumerate(ids)}
    batches: list[Rows] = [{name: [] for name in rows} for _ in range(max(turns.values()) + 1)]
    for name, some in rows.items():
        key = "id" if name == "device" else "device_id"
        for row in some:
            batches[turns[row[key]]][name].append(row)
    return batches


async def _schema(folder: Path) -> None:
    async with open_database(StoreSection(), folder) as database:
        await database.upgrade()


async def _plain(folder: Path, rows: Rows) -> tuple[float, float]:
    async with open_database(StoreSection(), folder) as database:
        await database.upgrade()
        batches = _batches(rows)
        began, cpu = time.perf_counter(), time.process_time()
        for batch in batches:
            async with database.engine.begin() as connection:
                for table in METADATA.sorted_tables:
                    if batch[table.name]:
                        await connection.execute(insert(table), batch[table.name])
        return time.perf_counter() - began, time.process_time() - cpu


def _bare(folder: Path, rows: Rows) -> float:
    batches = [
        {name: [_bindable(row) for row in some] for name, some in batch.items() if some}
        for batch in _batches(rows)
    ]
    with closing(sqlite3.connect(folder / "fleetd.sqlite", isolation_level=None)) as connection:
        for pragma in ("synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")
        began = time.perf_counter()
        for batch in batches:
            connection.execute("BEGIN IMMEDIATE")
            for table in METADATA.sorted_tables:
                if table.name in batch:
                    names = rows[table.name][0].keys()
                    places = ", ".join("?" * len(names))
                    columns = ", ".join(f'"{name}"' for name in names)
                    statement = f"INSERT INTO {table.name} ({columns}) VALUES ({places})"
                    connection.executemany(statement, batch[table.name])
            connection.execute("COMMIT")
        return time.perf_counter() - began


def _bindable(row: dict[str, object]) -> tuple[object, ...]:
    return tuple(
        value.replace(tzinfo=None).isoformat(" ") if isinstance(value, datetime) else value
        for value in row.values()
    )


def main() -> None:
    """Measure and print."""
    speed = asyncio.run(measure(*(int(word) for word in sys.argv[1:3])))
    print(
        json.dumps({**asdict(speed), "ratio": speed.ratio, "cpu_ratio": speed.cpu_ratio}, indent=2)
    )


if __name__ == "__main__":
    main()
