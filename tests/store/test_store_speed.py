"""The store stays out of the way: the loop isn't held, and listings go by an index."""

from __future__ import annotations

import asyncio
import gc
import re
import time
from typing import Any

import pytest
from sqlalchemy import event

from fleetd.domain.device import ComponentKind, DeviceKind, EndpointId, Health
from fleetd.domain.lifecycle import State
from fleetd.domain.ports import DeviceFilter
from fleetd.store.database import Database
from tests.store.conftest import Place
from tests.support.stored import a_description, a_device, a_drive, stored

pytestmark = pytest.mark.asyncio

HELD_AT_MOST_S = 0.05


class Watch:
    """The longest time that the loop's thread worked without giving way."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Watch:
        # What other tests left behind isn't the store's to collect.
        gc.collect()
        gc.freeze()
        self._task = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        gc.unfreeze()

    async def _look(self) -> None:
        # The thread's own time: other processes on the machine don't count.
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.longest = max(self.longest, now - before)
            before = now


async def test_saving_and_reading_a_large_fleet_gives_way_to_the_loop(
    database: Database,
) -> None:
    parts = tuple(a_drive(f"{number}") for number in range(40))
    names = [f"{number:04d}" for number in range(200)]
    batch = [
        stored(
            a_device(name, description=a_description(name, components=parts)),
            documents={f"/redfish/v1/{number}": {"Id": name} for number in range(30)},
        )
        for name in names
    ]

    async with Watch() as watch:
        await database.devices.save(batch)
        await database.devices.save(batch)
        page = await database.devices.devices(
            DeviceFilter(), limit=1_000, components=frozenset(ComponentKind)
        )

    assert len(page.items) == 200
    assert watch.longest < HELD_AT_MOST_S


@pytest.mark.parametrize(
    "where",
    [
        DeviceFilter(),
        DeviceFilter(kind=DeviceKind.SERVER),
        DeviceFilter(state=State.READY),
        DeviceFilter(vendor="Contoso"),
        DeviceFilter(driver="generic"),
        DeviceFilter(health=Health.CRITICAL),
        DeviceFilter(site="north", rack="R1"),
        DeviceFilter(endpoint_id=EndpointId("one")),
    ],
    ids=lambda where: str(sorted({getattr(where, name) or "" for name in where.__slots__})),
)
async def test_a_page_of_devices_is_found_by_an_index(
    sqlite_place: Place, where: DeviceFilter
) -> None:
    async with sqlite_place.open() as database:
        plans = await _plans(database, database.devices.devices(where, limit=10, marker=None))

    assert [plan for plan in plans if re.search(r"SCAN \w+$|TEMP B-TREE", plan)] == []


async def test_candidates_are_found_by_indexes(sqlite_place: Place) -> None:
    async with sqlite_place.open() as database:
        plans = await _plans(
            database,
            database.devices.candidates(
                endpoint_id=EndpointId("one"), serials=["a"], uuids=["b"], macs=["c"]
            ),
        )

    used = " ".join(plans)
    assert not re.search(r"SCAN device", used)
    for name in ("endpoint_id", "serial_key", "uuid"):
        assert f"ix_device_{name}" in used
    assert "PRIMARY KEY (mac=?)" in used


async def _plans(database: Database, reading: Any) -> list[str]:
    """How SQLite would look up what the reading asks for."""
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    await reading
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    assert asked
    async with database.engine.connect() as connection:
        return [
            row.detail
            for statement, parameters in asked
            for row in await connection.exec_driver_sql(
                f"EXPLAIN QUERY PLAN {statement}", parameters
            )
        ]
