"""Opening the database: which one, whose file, and what is refused."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import ValidationError

from fleetd.config.daemon import StoreSection
from fleetd.domain.errors import ConfigError, StoreUnavailable
from fleetd.store.database import open_database
from fleetd.store.engine import FILE_NAME, database_url
from tests.support.stored import an_endpoint


def _modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


@pytest.mark.asyncio
async def test_the_file_and_what_lies_beside_it_are_for_their_owner_only(tmp_path: Path) -> None:
    async with open_database(StoreSection(), tmp_path) as database:
        await database.upgrade()
        await database.endpoints.save_endpoints([an_endpoint()])
        modes = await asyncio.to_thread(_modes, tmp_path)

    assert modes == {FILE_NAME: 0o600, f"{FILE_NAME}-wal": 0o600, f"{FILE_NAME}-shm": 0o600}


@pytest.mark.asyncio
async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=str(tmp_path / "nowhere")):
        async with open_database(StoreSection(), tmp_path / "nowhere"):
            pytest.fail("it was opened")


@pytest.mark.asyncio
async def test_every_connection_has_the_settings_that_keep_what_was_written(
    tmp_path: Path,
) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    async with (
        open_database(StoreSection(), tmp_path) as database,
        database.engine.connect() as connection,
    ):
        settings = {
            name: (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one()
            for name in names
        }

    assert settings == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 2_000,
    }


@pytest.mark.parametrize(
    "url",
    [
        "mysql+aiomysql://host/name",
        "postgresql+psycopg://host/name",
        "sqlite://",
        "sqlite+aiosqlite:///:memory:",
        "no url",
    ],
)
def test_a_url_of_another_database_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"store\.url"):
        database_url(StoreSection(url=url), tmp_path, None)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (None, "sqlite+aiosqlite:///{folder}/fleetd.sqlite"),
        ("sqlite:////data/fleet.db", "sqlite+aiosqlite:////data/fleet.db"),
        ("postgresql://me@db:5433/fleet", "postgresql+asyncpg://me@db:5433/fleet"),
    ],
)
def test_a_url_gets_the_driver_that_fleetd_uses(
    url: str | None, expected: str, tmp_path: Path
) -> None:
    found = database_url(StoreSection(url=url), tmp_path, None)

    assert str(found) == expected.format(folder=tmp_path)


def test_the_password_goes_into_the_url_and_never_shows(tmp_path: Path) -> None:
    section = StoreSection(url="postgresql://me@db/fleet")

    found = database_url(section, tmp_path, "s/e:c@ret")

    assert found.password == "s/e:c@ret"
    assert "ret" not in f"{found} {found!r}"


def test_a_password_in_the_configured_url_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"store\.password"):
        StoreSection(url="postgresql://me:secret@db/fleet")
