"""Databases for the tests: each test on SQLite and on PostgreSQL, in a database of its own."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from fleetd.config.daemon import StoreSection
from fleetd.store.database import Database, open_database
from fleetd.store.engine import FILE_NAME, PATIENCE
from tests.support import postgresql


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a database lies, to open it any number of times."""

    section: StoreSection
    folder: Path
    password: str | None = field(default=None, repr=False)

    @property
    def is_sqlite(self) -> bool:
        return self.section.url is None

    @property
    def file(self) -> Path:
        return self.folder / FILE_NAME

    def open(self, *, patience: timedelta = PATIENCE) -> AbstractAsyncContextManager[Database]:
        return open_database(self.section, self.folder, self.password, patience=patience)


async def _migrate(place: Place) -> None:
    async with place.open() as database:
        await database.upgrade()


def _postgresql_place(server: postgresql.Server, name: str, folder: Path) -> Place:
    section = StoreSection(url=server.url(name))
    return Place(section=section, folder=folder, password=postgresql.PASSWORD)


@pytest.fixture(scope="session")
def server() -> Iterator[postgresql.Server]:
    with postgresql.running_server() as running:
        yield running


@pytest.fixture(scope="session")
def postgresql_template(server: postgresql.Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    name = server.new_database()
    asyncio.run(_migrate(_postgresql_place(server, name, tmp_path_factory.mktemp("template"))))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = Place(section=StoreSection(), folder=tmp_path_factory.mktemp("template"))
    asyncio.run(_migrate(place))
    return place.file


@pytest.fixture
def sqlite_place(sqlite_template: Path, tmp_path: Path) -> Place:
    shutil.copy(sqlite_template, tmp_path)
    return Place(section=StoreSection(), folder=tmp_path)


@pytest.fixture
def postgresql_place(
    server: postgresql.Server, postgresql_template: str, tmp_path: Path
) -> Iterator[Place]:
    name = server.new_database(postgresql_template)
    yield _postgresql_place(server, name, tmp_path)
    server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> Place:
    """A database with our schema, and nothing in it."""
    found = request.getfixturevalue(f"{request.param}_place")
    assert isinstance(found, Place)
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A database without our schema."""
    if request.param == "sqlite":
        return Place(section=StoreSection(), folder=tmp_path)
    running: postgresql.Server = request.getfixturevalue("server")
    return _postgresql_place(running, running.new_database(), tmp_path)


@pytest_asyncio.fixture
async def database(place: Place) -> AsyncIterator[Database]:
    """The same, open."""
    async with place.open() as opened:
        yield opened
