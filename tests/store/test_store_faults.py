"""A database that fails: the right error, nothing half-written, and work goes on afterwards."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from fleetd.config.daemon import StoreSection
from fleetd.domain.device import ComponentKind
from fleetd.domain.errors import (
    Next,
    SchemaMismatch,
    ShuttingDown,
    StoreBusy,
    StoreError,
    StoreUnavailable,
)
from fleetd.domain.ports import DeviceFilter
from fleetd.store.database import Database, open_database
from fleetd.store.rows import CHANGE, COMPONENT, DEVICE
from fleetd.store.transactions import WRITES
from tests.store.conftest import Place
from tests.support import postgresql, writing
from tests.support.stored import a_change, a_description, a_device, a_drive, stored

pytestmark = pytest.mark.asyncio

SHORT = timedelta(seconds=0.3)
A, B = a_device("a"), a_device("b")


@asynccontextmanager
async def held_lock(database: Database) -> AsyncIterator[None]:
    """Somebody else holds the lock that a writer needs."""
    async with database.engine.connect() as connection:
        await connection.execution_options(**{WRITES: True})
        async with connection.begin():
            if connection.dialect.name == "postgresql":
                await connection.execute(text("LOCK TABLE device IN ACCESS EXCLUSIVE MODE"))
            yield


async def ids(database: Database) -> list[str]:
    page = await database.devices.devices(DeviceFilter(), limit=1_000)
    return [device.id for device in page.items]


async def run_on_connect(database: Database, statement: str) -> None:
    """Every connection from now on runs the statement first."""
    await database.engine.dispose()

    def run(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(statement)
        cursor.close()

    event.listen(database.engine.sync_engine, "connect", run)


async def test_a_lock_that_is_held_too_long_is_busy_and_nothing_is_written(place: Place) -> None:
    async with place.open() as other, place.open(patience=SHORT) as database:
        async with held_lock(other):
            with pytest.raises(StoreBusy) as caught:
                await database.devices.save([stored(A)])

        assert caught.value.next is Next.LATER
        assert await ids(database) == []
        await database.devices.save([stored(A)])
        assert await ids(database) == [A.id]


async def test_a_lock_that_is_let_go_in_time_is_waited_for(place: Place) -> None:
    tried = asyncio.Event()
    loop = asyncio.get_running_loop()

    def note(*_arguments: Any) -> None:
        loop.call_soon_threadsafe(tried.set)

    async with place.open() as other, place.open(patience=timedelta(seconds=60)) as database:
        event.listen(database.engine.sync_engine, "before_cursor_execute", note)
        async with asyncio.timeout(30), asyncio.TaskGroup() as group, held_lock(other):
            group.create_task(database.devices.save([stored(A)]))
            await tried.wait()

        assert await ids(database) == [A.id]


async def test_readers_go_on_while_another_writes(place: Place) -> None:
    async with place.open() as other, place.open(patience=SHORT) as database:
        await database.devices.save([stored(A)])
        async with other.engine.connect() as connection:
            await connection.execution_options(**{WRITES: True})
            async with connection.begin():
                await connection.execute(DEVICE.delete())

                assert await ids(database) == [A.id]


async def _make_read_only(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        await run_on_connect(database, "PRAGMA query_only = ON")
        return
    async with database.engine.begin() as connection:
        name = database.engine.url.database
        setting = f"ALTER DATABASE {name} SET default_transaction_read_only = on"
        await connection.execute(text(setting))
    await database.engine.dispose()


async def test_a_read_only_database_is_unavailable_and_still_read(place: Place) -> None:
    async with place.open(patience=SHORT) as database:
        await database.devices.save([stored(A)])
        await _make_read_only(database)

        with pytest.raises(StoreUnavailable, match="read-only"):
            await database.devices.save([stored(B)])

        assert await ids(database) == [A.id]


async def test_a_full_database_is_unavailable_and_what_was_kept_stays(
    sqlite_place: Place,
) -> None:
    async with sqlite_place.open() as database:
        await database.devices.save([stored(A)])
        await run_on_connect(database, "PRAGMA max_page_count = 60")
        parts = tuple(a_drive(str(number), name="x" * 500) for number in range(1_000))
        large = a_device("large", description=a_description("large", components=parts))

        with pytest.raises(StoreUnavailable, match="full"):
            await database.devices.save([stored(B), stored(large)])

        assert await ids(database) == [A.id]
        assert await database.devices.device(A.id) == A
        await database.devices.save([stored(B)])
        assert await ids(database) == [A.id, B.id]


async def test_a_file_that_is_no_database_is_unavailable(sqlite_place: Place) -> None:
    sqlite_place.file.write_bytes(b"not a database at all" * 100)

    async with sqlite_place.open() as database:
        with pytest.raises(StoreUnavailable):
            await database.devices.save([stored(A)])


async def test_a_table_that_is_gone_asks_for_a_migration(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("DROP TABLE discovery_run"))

    with pytest.raises(SchemaMismatch, match="fleetd migrate"):
        await database.discoveries.runs(limit=1)


async def test_writers_of_two_daemons_lose_nothing(place: Place) -> None:
    async with place.open() as one, place.open() as other:
        shared = [a_device(f"shared-{number}") for number in range(5)]
        async with asyncio.TaskGroup() as group:
            for number in range(10):
                for name, database in (("one", one), ("other", other)):
                    own = a_device(f"{name}-{number}")
                    devices = [own, *(shared if name == "one" else reversed(shared))]
                    batch = [stored(device, a_change(device)) for device in devices]
                    group.create_task(database.devices.save(batch))

        assert len(await ids(one)) == 25
        for device in shared:
            history = await one.devices.history(device.id, limit=50)
            assert len(history.items) == 20
            assert await one.devices.device(device.id) == device


async def test_a_cancelled_save_is_whole_or_not_at_all(place: Place) -> None:
    began = asyncio.Event()

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO component"):
            began.set()

    many = [stored(a_device(f"{number:03d}")) for number in range(100)]
    async with place.open() as database:
        event.listen(database.engine.sync_engine, "before_cursor_execute", note)
        save = asyncio.create_task(database.devices.save(many))
        async with asyncio.timeout(30):
            await began.wait()
            save.cancel()
            with pytest.raises(asyncio.CancelledError):
                await save

        await database.devices.save([stored(a_device("after"))])
        assert len(await ids(database)) in {1, 101}


async def test_a_save_that_is_cancelled_while_it_waits_its_turn_is_taken_back(
    sqlite_place: Place,
) -> None:
    began = asyncio.Event()

    async with sqlite_place.open() as other, sqlite_place.open() as database:
        loop = asyncio.get_running_loop()
        event.listen(
            database.engine.sync_engine,
            "before_cursor_execute",
            lambda *_arguments: loop.call_soon_threadsafe(began.set),
        )
        async with asyncio.timeout(30), held_lock(other):
            first = asyncio.create_task(database.devices.save([stored(A)]))
            second = asyncio.create_task(database.devices.save([stored(B)]))
            await began.wait()
            second.cancel()
            await asyncio.wait([second])
        await first

        assert second.cancelled()
        assert await ids(database) == [A.id]


async def test_a_save_that_waits_is_finished_before_the_database_closes(
    sqlite_place: Place,
) -> None:
    began = asyncio.Event()
    async with asyncio.TaskGroup() as group, sqlite_place.open() as database:
        loop = asyncio.get_running_loop()
        event.listen(
            database.engine.sync_engine,
            "before_cursor_execute",
            lambda *_arguments: loop.call_soon_threadsafe(began.set),
        )
        for number in range(10):
            group.create_task(database.devices.save([stored(a_device(f"{number}"))]))
        await began.wait()  # by then the others have got as far as the queue

    async with sqlite_place.open() as again:
        assert len(await ids(again)) == 10
    with pytest.raises(ShuttingDown):
        await database.devices.save([stored(A)])


async def test_what_was_kept_is_there_after_a_restart(place: Place) -> None:
    async with place.open() as database:
        await database.devices.save([stored(A, a_change(A), documents={"/": {"a": 1}})])

    async with place.open() as again:
        assert await again.devices.device(A.id) == A
        assert len((await again.devices.history(A.id, limit=9)).items) == 1
        assert await again.devices.raw(A.id) == {"/": {"a": 1}}


async def test_a_writer_that_is_killed_leaves_whole_batches_and_all_it_was_told_are_kept(
    place: Place,
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.writing"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    order = {
        "url": place.section.url,
        "folder": str(place.folder),
        "password": place.password,
    }
    process.stdin.write(json.dumps(order).encode())
    process.stdin.close()
    async with asyncio.timeout(60):
        for _ in range(5):
            last = int(await process.stdout.readline())
        process.kill()
        rest = await process.stdout.read()
        await process.wait()
    told = [last, *(int(line) for line in rest.splitlines() if line)]

    async with place.open() as database, database.engine.connect() as connection:
        counts = [
            (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for table in (DEVICE, COMPONENT, CHANGE)
        ]
        page = await database.devices.devices(
            DeviceFilter(), limit=1, components=frozenset({ComponentKind.DRIVE})
        )
        if place.is_sqlite:
            check = await connection.exec_driver_sql("PRAGMA integrity_check")
            assert check.scalar_one() == "ok"

    batches, torn = divmod(counts[0], writing.BATCH)
    assert torn == 0
    assert batches >= told[-1] + 1
    assert counts == [counts[0], counts[0] * writing.PARTS, counts[0]]
    assert len(page.items[0].description.components) == writing.PARTS


class TestPostgresql:
    """What only a server can do."""

    async def _refused(self, section: StoreSection, place: Place, password: str) -> StoreError:
        async with open_database(section, place.folder, password) as database:
            with pytest.raises(StoreUnavailable) as caught:
                await database.devices.save([stored(A)])
        return caught.value

    async def test_a_server_that_is_not_there_is_unavailable(self, postgresql_place: Place) -> None:
        section = StoreSection(url="postgresql+asyncpg://fleetd@127.0.0.1:1/fleetd")

        await self._refused(section, postgresql_place, "any")

    async def test_a_wrong_password_is_unavailable_and_not_told(
        self, postgresql_place: Place
    ) -> None:
        error = await self._refused(postgresql_place.section, postgresql_place, "wrong-secret")

        chain = f"{error!r} {error.__cause__!r} {error.__cause__}"
        assert "wrong-secret" not in chain

    async def test_a_database_that_does_not_exist_is_unavailable(
        self, server: postgresql.Server, postgresql_place: Place
    ) -> None:
        section = StoreSection(url=server.url("nowhere"))

        await self._refused(section, postgresql_place, postgresql.PASSWORD)

    async def test_a_connection_that_the_server_closed_is_made_again(
        self, server: postgresql.Server, postgresql_place: Place
    ) -> None:
        async with postgresql_place.open() as database:
            await database.devices.save([stored(A)])
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'fleetd'"
            )

            await database.devices.save([stored(B)])

            assert await ids(database) == [A.id, B.id]

    async def test_a_server_lost_in_a_transaction_is_unavailable_and_nothing_is_written(
        self, server: postgresql.Server, postgresql_place: Place
    ) -> None:
        async with postgresql_place.open() as other, postgresql_place.open() as database:
            async with asyncio.timeout(30), held_lock(other):
                save = asyncio.create_task(database.devices.save([stored(A)]))
                lost = "0"
                while lost == "0":
                    lost = await asyncio.to_thread(
                        server.execute,
                        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                        "WHERE application_name = 'fleetd' AND wait_event_type = 'Lock'",
                    )
                with pytest.raises(StoreUnavailable):
                    await save

            assert await ids(database) == []

    async def test_a_device_that_two_daemons_write_at_once_is_as_the_last_wrote_it(
        self, server: postgresql.Server, postgresql_place: Place
    ) -> None:
        one_drive = a_description("a", components=(a_drive("1"),))
        two_drives = a_description("a", components=(a_drive("1"), a_drive("2")))
        first = a_device("a", description=two_drives)
        last = a_device("a", description=one_drive, driver="dell.idrac")

        async def waiting(count: int) -> None:
            query = (
                "SELECT count(*) FROM pg_stat_activity "
                f"WHERE datname = '{database.engine.url.database}' AND wait_event_type = 'Lock'"
            )
            while int(await asyncio.to_thread(server.execute, query)) < count:
                pass

        async with postgresql_place.open() as database, postgresql_place.open() as other:
            await database.devices.save([stored(a_device("a", description=one_drive))])
            async with (
                asyncio.timeout(30),
                asyncio.TaskGroup() as group,
                other.engine.begin() as connection,
            ):
                await connection.execute(select(DEVICE.c.id).with_for_update())
                group.create_task(database.devices.save([stored(first)]))
                await waiting(1)
                group.create_task(database.devices.save([stored(last)]))
                await waiting(2)

            assert await database.devices.device(last.id) == last
