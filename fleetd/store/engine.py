"""The connection to the database: which one, with what settings, and who may read its file."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from fleetd.config.daemon import StoreSection
from fleetd.domain.errors import ConfigError, StoreUnavailable
from fleetd.store.transactions import ATTEMPTS, WRITES

FILE_NAME: Final = "fleetd.sqlite"
PATIENCE: Final = timedelta(seconds=6)  # how long a writer waits for a held lock, all attempts
_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


def database_url(section: StoreSection, state_directory: Path, password: str | None) -> URL:
    """The URL to connect to, the password in it; its representation hides the password.

    Raises:
        ConfigError: It's no URL of a database that fleetd can use.
    """
    if section.url is None:
        return URL.create(_DRIVERS["sqlite"], database=str(state_directory / FILE_NAME))
    try:
        url = make_url(section.url)
    except ArgumentError as error:
        raise ConfigError("store.url is no SQLAlchemy URL") from error
    family = url.get_backend_name()
    if family not in _DRIVERS or url.drivername not in {family, _DRIVERS[family]}:
        known = " or ".join(_DRIVERS.values())
        raise ConfigError(f"store.url must begin with {known}, not {url.drivername}")
    if family == "sqlite" and (not url.database or url.database == ":memory:"):
        raise ConfigError("store.url must name a file: a database in memory is lost at the end")
    if password is not None:
        url = url.set(password=password)
    return url.set(drivername=_DRIVERS[family])


async def create_engine(url: URL, *, pool_size: int, patience: timedelta = PATIENCE) -> AsyncEngine:
    """An engine with our settings; on SQLite the file is made here, for its owner only.

    Raises:
        StoreUnavailable: The SQLite file can't be made.
        ConfigError: The PostgreSQL driver isn't installed.
    """
    if url.get_backend_name() == "sqlite":
        await asyncio.to_thread(_create_file, Path(str(url.database)))
        return _sqlite(url, pool_size, patience)
    try:
        return create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args=_postgresql_settings(patience),
        )
    except ModuleNotFoundError as error:
        raise ConfigError("PostgreSQL needs asyncpg: pip install 'fleetd[postgresql]'") from error


def _create_file(path: Path) -> None:
    try:
        # SQLite gives -wal and -shm the permissions of the database.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise StoreUnavailable(f"cannot create the database {path}: {reason}") from error


def _postgresql_settings(patience: timedelta) -> dict[str, Any]:
    lock_ms = int(patience.total_seconds() * 1000 / ATTEMPTS)
    return {
        "timeout": 10,
        "command_timeout": 120,
        "server_settings": {
            "application_name": "fleetd",
            "lock_timeout": str(lock_ms),
            "idle_in_transaction_session_timeout": "120000",
        },
    }


def _sqlite(url: URL, pool_size: int, patience: timedelta) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,
        # No transactions by the driver's guess: _begin starts them, around DDL too.
        connect_args={"isolation_level": None, "timeout": 0},
    )
    busy_ms = int(patience.total_seconds() * 1000 / ATTEMPTS)

    def configure(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {busy_ms}",
            "journal_mode = WAL",
            # FULL: what was reported as stored survives a power loss (docs/decisions/0003).
            "synchronous = FULL",
            "foreign_keys = ON",
            "temp_store = MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begin(connection: Connection) -> None:
        # A writer takes the lock at once: upgrading a reader's lock fails without waiting.
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine.sync_engine, "connect", configure)
    event.listen(engine.sync_engine, "begin", begin)
    return engine
