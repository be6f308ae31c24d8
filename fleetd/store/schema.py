"""The schema's version: bring it up, take it down, and refuse one that doesn't fit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fleetd.domain.errors import SchemaMismatch
from fleetd.store.transactions import DirectTransactions

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 7_310_593_118  # any number: daemons that migrate one PostgreSQL take turns by it


async def upgrade(engine: AsyncEngine, revision: str = "head") -> None:
    """Bring the database to ``revision``, whole or not at all; nothing where it's there already.

    Raises:
        SchemaMismatch: The database was written by a newer fleetd.
        StoreBusy, StoreUnavailable: Nothing was changed.
    """
    found = await current(engine)
    if found is not None and found not in revisions():
        raise SchemaMismatch(_newer(found))
    await _migrate(engine, lambda config: command.upgrade(config, revision))


async def downgrade(engine: AsyncEngine, revision: str) -> None:
    """Take the database back to ``revision`` ("base": to nothing), losing what that can't hold."""
    await _migrate(engine, lambda config: command.downgrade(config, revision))


async def check(engine: AsyncEngine) -> None:
    """Refuse a database whose schema isn't the one this version needs.

    Raises:
        SchemaMismatch: It's older, newer, or there's none; the message says what to do.
    """
    found, needed = await current(engine), revisions()[0]
    if found == needed:
        return
    if found is None:
        raise SchemaMismatch("the database is empty: run `fleetd migrate`")
    if found not in revisions():
        raise SchemaMismatch(_newer(found))
    raise SchemaMismatch(
        f"the database's schema is {found}, this version needs {needed}: "
        "stop fleetd and run `fleetd migrate`"
    )


async def current(engine: AsyncEngine) -> str | None:
    """The revision that the database is at; None where it has no schema."""

    async def work(connection: AsyncConnection) -> str | None:
        return await connection.run_sync(
            lambda bound: MigrationContext.configure(bound).get_current_revision()
        )

    return await DirectTransactions(engine).read("read the schema's version", work)


def revisions() -> tuple[str, ...]:
    """The revisions that this version knows, the newest first."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    return tuple(script.revision for script in scripts.walk_revisions())


async def _migrate(engine: AsyncEngine, go: Callable[[Config], None]) -> None:
    def migrate(bound: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = bound
        go(config)

    async def work(connection: AsyncConnection) -> None:
        if connection.dialect.name == "postgresql":
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        await connection.run_sync(migrate)

    await DirectTransactions(engine).write("migrate the database", work)


def _newer(found: str) -> str:
    return (
        f"the database's schema is {found}, which this version doesn't know: "
        "it was written by a newer fleetd; install that version again"
    )
