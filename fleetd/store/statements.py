"""Statements that both databases understand, written once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
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
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
    rest = {name: value for name, value in insert.excluded.items() if name not in keys}
    statement = (
        insert.on_conflict_do_update(index_elements=keys, set_=rest)
        if rest
        else insert.on_conflict_do_nothing(index_elements=keys)
    )
    await connection.execute(statement, rows)
