"""The schema: what the migrations make is what the code declares, up, down and refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from fleetd.domain.errors import SchemaMismatch
from fleetd.domain.ports import DeviceFilter
from fleetd.store import schema
from fleetd.store.database import Database
from fleetd.store.rows import METADATA
from tests.store.conftest import Place
from tests.support.stored import a_device, stored

pytestmark = pytest.mark.asyncio


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "compare_server_default": True}
    )
    return list(compare_metadata(context, METADATA))


async def _tables(database: Database) -> set[str]:
    async with database.engine.connect() as connection:
        names = await connection.run_sync(lambda bound: inspect(bound).get_table_names())
    return set(names)


async def test_migrations_make_the_schema_that_the_code_declares(database: Database) -> None:
    async with database.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_the_comparison_sees_a_difference(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("DROP INDEX ix_device_uuid"))

        assert await connection.run_sync(_differences) != []


async def test_a_database_without_schema_is_refused_with_what_to_do(bare_place: Place) -> None:
    async with bare_place.open() as database:
        with pytest.raises(SchemaMismatch, match="fleetd migrate"):
            await database.check()
        with pytest.raises(SchemaMismatch, match="fleetd migrate"):
            await database.devices.devices(DeviceFilter(), limit=1)


async def test_an_upgraded_database_is_accepted_and_upgrading_again_keeps_it(
    bare_place: Place,
) -> None:
    device = a_device()
    async with bare_place.open() as database:
        await database.upgrade()
        await database.check()
        await database.devices.save([stored(device)])

        await database.upgrade()

        await database.check()
        assert await database.devices.device(device.id) == device


async def test_going_down_to_the_base_leaves_no_table_of_ours(database: Database) -> None:
    await schema.downgrade(database.engine, "base")

    assert await _tables(database) == {"alembic_version"}
    await database.upgrade()
    await database.check()


async def test_a_newer_database_is_refused_and_left_alone(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'from-future'"))

    for refused in (database.check, database.upgrade):
        with pytest.raises(SchemaMismatch, match="newer fleetd"):
            await refused()

    assert await schema.current(database.engine) == "from-future"


async def test_two_daemons_that_upgrade_at_once_both_succeed(bare_place: Place) -> None:
    async with bare_place.open() as one, bare_place.open() as other:
        await asyncio.gather(one.upgrade(), other.upgrade())

        await one.check()
        await other.check()


async def test_an_upgrade_that_fails_changes_nothing(bare_place: Place) -> None:
    async with bare_place.open() as database:
        async with database.engine.begin() as connection:
            # The last table of the migration is in the way.
            await connection.execute(text("CREATE TABLE enrollment (id INTEGER)"))

        with pytest.raises(Exception, match="cannot migrate"):
            await database.upgrade()

        assert await _tables(database) == {"enrollment"}
