"""The database, opened: the repositories over one engine, and its end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from fleetd.config.daemon import StoreSection
from fleetd.store import schema
from fleetd.store.devices import SqlDevices
from fleetd.store.discoveries import SqlDiscoveries
from fleetd.store.endpoints import SqlEndpoints
from fleetd.store.engine import PATIENCE, create_engine, database_url
from fleetd.store.enrollments import SqlEnrollments
from fleetd.store.transactions import DirectTransactions, QueuedTransactions, Transactions


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """An open database: the ports that it fulfils, and its schema's version."""

    engine: AsyncEngine
    endpoints: SqlEndpoints
    devices: SqlDevices
    discoveries: SqlDiscoveries
    enrollments: SqlEnrollments

    async def upgrade(self) -> None:
        """Bring the schema to this version; nothing where it's there already.

        Raises:
            SchemaMismatch: A newer fleetd wrote it.
        """
        await schema.upgrade(self.engine)

    async def check(self) -> None:
        """Refuse a schema that isn't this version's.

        Raises:
            SchemaMismatch: The message says what to do.
        """
        await schema.check(self.engine)

    async def prune(self, before: datetime) -> int:
        """Forget history and discovery runs older than ``before``; how many rows that were."""
        return await self.devices.prune_history(before) + await self.discoveries.prune_runs(before)


@asynccontextmanager
async def open_database(
    section: StoreSection,
    state_directory: Path,
    password: str | None = None,
    *,
    patience: timedelta = PATIENCE,
) -> AsyncIterator[Database]:
    """Open the configured database; its schema is neither looked at nor changed by this.

    At the end writes that wait are finished and every connection is closed.

    Args:
        section: Which database.
        state_directory: Where the SQLite file lies if the section names none; it must exist.
        password: Of the database's user, for PostgreSQL.
        patience: How long a writer waits for a lock that another process holds.

    Raises:
        ConfigError: The URL is of no database that fleetd can use.
        StoreUnavailable: The SQLite file can't be made.
    """
    url = database_url(section, state_directory, password)
    engine = await create_engine(url, pool_size=section.pool_size, patience=patience)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        transactions: Transactions
        if engine.dialect.name == "sqlite":
            transactions = queued = QueuedTransactions(engine)
            await stack.enter_async_context(queued.running())
        else:
            transactions = DirectTransactions(engine)
        yield Database(
            engine=engine,
            endpoints=SqlEndpoints(transactions),
            devices=SqlDevices(transactions),
            discoveries=SqlDiscoveries(transactions),
            enrollments=SqlEnrollments(transactions),
        )
