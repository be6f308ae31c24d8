"""Discovery runs, kept in the table ``discovery_run``."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select, tuple_
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from fleetd.domain.discovery import DiscoveryRun, RunState
from fleetd.domain.errors import InvalidInput
from fleetd.domain.ports import Page
from fleetd.store.paging import checked_limit, decode_marker, encode_marker, page_of
from fleetd.store.rows import DISCOVERY_RUN
from fleetd.store.statements import upsert
from fleetd.store.transactions import Transactions
from fleetd.store.values import clean, json_text, json_value

_LISTING: Final = "discoveries"


class SqlDiscoveries:
    """The port ``DiscoveryStore`` on a database."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def save_run(self, run: DiscoveryRun) -> None:
        """Write it, new or changed."""
        row = run_to_row(run)

        async def work(connection: AsyncConnection) -> None:
            await upsert(connection, DISCOVERY_RUN, [row])

        await self._transactions.write("save a discovery", work)

    async def run(self, run_id: str) -> DiscoveryRun | None:
        async def work(connection: AsyncConnection) -> DiscoveryRun | None:
            query = select(DISCOVERY_RUN).where(DISCOVERY_RUN.c.id == run_id)
            row = (await connection.execute(query)).one_or_none()
            return None if row is None else run_from_row(row)

        return await self._transactions.read("read a discovery", work)

    async def runs(self, *, limit: int, marker: str | None = None) -> Page[DiscoveryRun]:
        """Newest first."""
        position = tuple_(DISCOVERY_RUN.c.started_at, DISCOVERY_RUN.c.id)
        query = select(DISCOVERY_RUN).limit(checked_limit(limit) + 1)
        query = query.order_by(DISCOVERY_RUN.c.started_at.desc(), DISCOVERY_RUN.c.id.desc())
        if marker is not None:
            started, run_id = decode_marker(_LISTING, marker, str, str)
            query = query.where(position < (_moment(started), run_id))

        async def work(connection: AsyncConnection) -> list[DiscoveryRun]:
            return [run_from_row(row) for row in await connection.execute(query)]

        found = await self._transactions.read("list discoveries", work)
        return page_of(
            found,
            limit=limit,
            marker=lambda last: encode_marker(_LISTING, last.started_at.isoformat(), last.id),
        )

    async def prune_runs(self, before: datetime) -> int:
        """Forget the runs that began before; how many that were."""

        async def work(connection: AsyncConnection) -> int:
            statement = delete(DISCOVERY_RUN).where(DISCOVERY_RUN.c.started_at < before)
            return (await connection.execute(statement)).rowcount

        return await self._transactions.write("prune discoveries", work)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("the marker isn't one of a page of this listing") from error
    if moment.tzinfo is None:
        raise InvalidInput("the marker isn't one of a page of this listing")
    return moment


def run_to_row(run: DiscoveryRun) -> dict[str, Any]:
    """The run as its row."""
    return {
        "id": run.id,
        "trigger": run.trigger,
        "targets": json_text(run.targets),
        "state": run.state.value,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "addresses": run.addresses,
        "probed": run.probed,
        "found": run.found,
        "new": run.new,
        "outcomes": json_text(run.outcomes),
        "error": clean(run.error),
    }


def run_from_row(row: Row[Any]) -> DiscoveryRun:
    """The row as a run."""
    return DiscoveryRun(
        id=row.id,
        trigger=row.trigger,
        targets=tuple(json_value(row.targets)),
        state=RunState(row.state),
        started_at=row.started_at,
        finished_at=row.finished_at,
        addresses=row.addresses,
        probed=row.probed,
        found=row.found,
        new=row.new,
        outcomes=json_value(row.outcomes),
        error=row.error,
    )
