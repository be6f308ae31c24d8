"""Statements that both databases understand, written once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Insert, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")

BATCH: Final = 20
"""Devices worked on between two chances for the event loop: 800 rows at 40 components each."""
VALUES: Final = 500
"""Values in one IN list: the databases take 32,766 and more, but plan slowly."""


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in order, at most ``size`` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


async def upsert(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert the rows; where the primary key is there already, overwrite the rest of that row."""
    if rows:
        await connection.execute(_upsert(table, connection.dialect.name), rows)


async def upsert_tuples(
    connection: AsyncConnection, table: Table, rows: Sequence[tuple[Any, ...]]
) -> None:
    """The same for rows that hold every column in order, as the driver takes it.

    Half of the time of an executemany goes into SQLAlchemy's preparing each row by name; the
    table with forty rows a device goes around that.
    """
    if rows:
        await connection.exec_driver_sql(_upsert_text(table, connection.dialect), list(rows))


async def count_by(connection: AsyncConnection, column: ColumnElement[str]) -> dict[str, int]:
    """How many rows have each value of the column."""
    query = select(column, func.count()).group_by(column)
    rows = (await connection.execute(query)).all()
    return {row[0]: row[1] for row in rows}


@lru_cache(maxsize=64)
def _upsert(table: Table, dialect_name: str) -> Insert:
    keys = [column.name for column in table.primary_key]
    insert: sqlite.Insert | postgresql.Insert = (
        postgresql.insert(table) if dialect_name == "postgresql" else sqlite.insert(table)
    )
    rest = {name: value for name, value in insert.excluded.items() if name not in keys}
    if not rest:
        return insert.on_conflict_do_nothing(index_elements=keys)
    return insert.on_conflict_do_update(index_elements=keys, set_=rest)


@lru_cache(maxsize=8)
def _upsert_text(table: Table, dialect: Dialect) -> str:
    names = [column.name for column in table.c]
    compiled = _upsert(table, dialect.name).compile(dialect=dialect, column_keys=names)
    return str(compiled)
