"""Transactions: whole or not at all, in turn on SQLite, tried again while the lock is held.

On SQLite one task does all the writing: there's one lock to write with, so writers queue in order
instead of running into each other, and a caller that's cancelled doesn't tear a transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from fleetd.domain.errors import ShuttingDown, StoreBusy
from fleetd.store.errors import converting

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]

ATTEMPTS: Final = 3
QUEUE_LIMIT: Final = 1_024  # more writers than this wait for a place in the queue
WRITES: Final = "fleetd_writes"  # the execution option that makes a transaction take the lock


class Transactions(Protocol):
    """A way to read and to write; ``work`` may be run again, so it must have no other effect."""

    async def read(self, operation: str, work: Work[T]) -> T: ...

    async def write(self, operation: str, work: Work[T]) -> T: ...


class DirectTransactions:
    """Every transaction on a connection of its own: for a database with row locks."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def read(self, operation: str, work: Work[T]) -> T:
        """Run ``work`` on one consistent state of the database.

        Raises:
            StoreError: The database failed; which one says what may help.
        """
        with converting(operation):
            async with self._engine.connect() as connection:
                return await work(connection)

    async def write(self, operation: str, work: Work[T]) -> T:
        """Run ``work`` and commit it, whole or not at all; again while the lock is held.

        Raises:
            StoreBusy: The lock was held all the time. Nothing was written.
            StoreError: The database failed otherwise. Nothing was written.
        """
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(StoreBusy),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(multiplier=0.05, max=0.5),
            reraise=True,
        ):
            with attempt:
                return await self._once(operation, work)
        raise AssertionError("a retry ends by returning or raising")

    async def _once(self, operation: str, work: Work[T]) -> T:
        with converting(operation):
            async with self._engine.connect() as connection:
                await connection.execution_options(**{WRITES: True})
                async with connection.begin():
                    return await work(connection)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job(Generic[T]):
    operation: str
    work: Work[T]
    outcome: asyncio.Future[T]


class QueuedTransactions(DirectTransactions):
    """Reads side by side, writes in the order they were asked for, by one task."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self._jobs: asyncio.Queue[_Job[Any] | None] = asyncio.Queue(QUEUE_LIMIT)
        self._closed = False

    async def write(self, operation: str, work: Work[T]) -> T:
        """Queue ``work`` and wait until it's committed.

        A caller that's cancelled while its work waits takes it back; work that has begun is
        finished.

        Raises:
            ShuttingDown: The database is being closed.
        """
        if self._closed:
            raise ShuttingDown(f"cannot {operation}: the database is being closed")
        outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        await self._jobs.put(_Job(operation=operation, work=work, outcome=outcome))
        return await outcome

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write for as long as the context lasts; at its end what is queued is written first."""
        writer = asyncio.create_task(self._run(), name="store-writer")
        try:
            yield
        finally:
            self._closed = True
            await self._jobs.put(None)
            await writer

    async def _run(self) -> None:
        while (job := await self._jobs.get()) is not None:
            if job.outcome.cancelled():
                continue
            try:
                result = await super().write(job.operation, job.work)
            except Exception as error:  # noqa: BLE001  whoever asked is told, and the next is served
                if not job.outcome.cancelled():
                    job.outcome.set_exception(error)
            else:
                if not job.outcome.cancelled():
                    job.outcome.set_result(result)
