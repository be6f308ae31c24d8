"""Work that waits its turn: one queue a kind of work, each key at most once in it and in hand.

Durable jobs are not here: what these queues hold is repeated by its schedule after a restart.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog

from fleetd.domain.discovery import RunState
from fleetd.domain.errors import FleetError, ShuttingDown
from fleetd.domain.ports import Clock

_REMEMBERED: Final = 1_000
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """One piece of work, from when it was asked for until a while after its end."""

    id: str
    kind: str
    subject: str
    state: RunState
    started_at: datetime
    finished_at: datetime | None = None
    error: str | None = None


class Operations:
    """Work in progress and lately finished, by id; the oldest finished are forgotten."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._items: OrderedDict[str, WorkItem] = OrderedDict()

    async def operation(self, operation_id: str) -> WorkItem | None:
        """The operation, or None where it's unknown or long finished."""
        return self._items.get(operation_id)

    def begin(self, *, kind: str, subject: str) -> WorkItem:
        """Note that work was asked for."""
        item = WorkItem(
            id=str(uuid.uuid4()),
            kind=kind,
            subject=subject,
            state=RunState.RUNNING,
            started_at=self._clock.now(),
        )
        self._items[item.id] = item
        self._forget()
        return item

    def end(self, item: WorkItem, *, state: RunState, error: str | None = None) -> None:
        """Note how it ended."""
        done = replace(item, state=state, finished_at=self._clock.now(), error=error)
        self._items[item.id] = done

    def _forget(self) -> None:
        for key in [key for key, item in self._items.items() if item.finished_at is not None]:
            if len(self._items) <= _REMEMBERED:
                return
            del self._items[key]


class WorkQueue:
    """Hands keys to a coroutine function, a bounded number at once, each key never twice at once.

    A key that is put while it waits joins what waits; put while in hand, it runs once more after.
    """

    def __init__(
        self,
        *,
        kind: str,
        concurrency: int,
        handle: Callable[[str], Awaitable[None]],
        operations: Operations,
    ) -> None:
        self.kind = kind
        self._concurrency = concurrency
        self._handle = handle
        self._operations = operations
        self._waiting: OrderedDict[str, WorkItem] = OrderedDict()
        self._in_hand: dict[str, WorkItem] = {}
        self._wake = asyncio.Condition()
        self._closed = False

    @property
    def depth(self) -> int:
        """How many keys wait or are in hand."""
        return len(self._waiting) + len(self._in_hand)

    async def put(self, key: str) -> WorkItem:
        """Ask for work on a key.

        Raises:
            ShuttingDown: The queue takes no more.
        """
        async with self._wake:
            if self._closed:
                raise ShuttingDown(f"fleetd is stopping and starts no {self.kind} now")
            item = self._waiting.get(key)
            if item is None:
                item = self._operations.begin(kind=self.kind, subject=key)
                self._waiting[key] = item
                self._wake.notify_all()
            return item

    async def run(self) -> None:
        """Work until cancelled, or until closed and empty."""
        async with asyncio.TaskGroup() as workers:
            for number in range(self._concurrency):
                workers.create_task(self._work(), name=f"{self.kind}-{number}")

    async def close(self) -> None:
        """Take no more; what waits is dropped (it will be asked again), what is in hand goes on."""
        async with self._wake:
            self._closed = True
            for item in self._waiting.values():
                self._operations.end(item, state=RunState.CANCELLED, error="fleetd is stopping")
            self._waiting.clear()
            self._wake.notify_all()

    async def settled(self) -> None:
        """Wait until nothing waits and nothing is in hand; the caller bounds the time."""
        async with self._wake:
            await self._wake.wait_for(lambda: self.depth == 0)

    async def _work(self) -> None:
        while True:
            async with self._wake:
                await self._wake.wait_for(lambda: self._closed or self._next() is not None)
                key = self._next()
                if key is None:
                    return
                item = self._waiting.pop(key)
                self._in_hand[key] = item
            try:
                await self._one(key, item)
            finally:
                async with self._wake:
                    del self._in_hand[key]
                    self._wake.notify_all()

    def _next(self) -> str | None:
        return next((key for key in self._waiting if key not in self._in_hand), None)

    async def _one(self, key: str, item: WorkItem) -> None:
        try:
            await self._handle(key)
        except asyncio.CancelledError:
            self._operations.end(item, state=RunState.CANCELLED, error="fleetd is stopping")
            raise
        except FleetError as error:
            self._operations.end(item, state=RunState.FAILED, error=str(error))
        except Exception:  # noqa: BLE001
            # One item's defect must not end the work on all others: this is their supervisor.
            _log.exception("work_failed", kind=self.kind, subject=key)
            self._operations.end(item, state=RunState.FAILED, error="internal error; see the log")
        else:
            self._operations.end(item, state=RunState.SUCCEEDED)
