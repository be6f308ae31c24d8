"""The rounds: which endpoint is swept or polled when, in queues with bounded hands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

from fleetd.config.daemon import InventorySection
from fleetd.domain.device import DeviceId, EndpointId
from fleetd.domain.endpoint import Endpoint, Reach
from fleetd.domain.errors import NotFound
from fleetd.domain.listing import each
from fleetd.domain.ports import Clock, EndpointStore
from fleetd.services.inventory.poll import Poller
from fleetd.services.inventory.sweep import Sweeper
from fleetd.services.schedule import DueTable
from fleetd.services.work import Operations, WorkItem, WorkQueue

TICK: Final = timedelta(seconds=5)
_FIRST_RETRY: Final = timedelta(seconds=30)


class Rounds:
    """Sweeps and polls of every endpoint, by their own intervals or when asked."""

    def __init__(
        self,
        *,
        sweeper: Sweeper,
        poller: Poller,
        endpoints: EndpointStore,
        clock: Clock,
        operations: Operations,
        section: Callable[[], InventorySection],
        changed: Callable[[Sequence[DeviceId]], Awaitable[None]],
    ) -> None:
        self._sweeper = sweeper
        self._poller = poller
        self._endpoints = endpoints
        self._clock = clock
        self._section = section
        self._changed = changed
        self._sweeps_due = DueTable()
        self._polls_due = DueTable()
        self.sweeps = WorkQueue(
            kind="sweep",
            concurrency=section().concurrency,
            handle=self._sweep,
            operations=operations,
        )
        self.polls = WorkQueue(
            kind="poll",
            concurrency=section().concurrency,
            handle=self._poll,
            operations=operations,
        )

    async def seed(self) -> None:
        """Plan every known endpoint: at once where overdue, otherwise when its time comes."""
        async for endpoint in each(self._endpoints.endpoints):
            self._plan(endpoint)

    def _plan(self, endpoint: Endpoint) -> None:
        section = self._section()
        swept = endpoint.last_seen if endpoint.last_sweep_seconds is not None else None
        age = self._clock.now() - swept if swept else section.interval
        fresh = endpoint.reach is Reach.UP and age < section.interval
        within = section.interval - age if fresh else min(section.jitter, TICK)
        self._sweeps_due.add(endpoint.id, within=within)
        self._polls_due.add(endpoint.id, within=section.poll_interval)

    async def request(self, endpoint_id: EndpointId) -> WorkItem:
        """Sweep an endpoint as soon as a hand is free, or join the sweep that waits.

        Raises:
            ShuttingDown: The daemon takes no new work.
        """
        self._polls_due.add(endpoint_id, within=self._section().poll_interval)
        return await self.sweeps.put(endpoint_id)

    def forget(self, endpoint_id: EndpointId) -> None:
        """The endpoint is gone."""
        self._sweeps_due.forget(endpoint_id)
        self._polls_due.forget(endpoint_id)

    async def tick(self) -> None:
        """Put what is due into the queues."""
        for key in self._sweeps_due.take_due():
            await self.sweeps.put(key)
        for key in self._polls_due.take_due():
            await self.polls.put(key)

    async def _sweep(self, key: str) -> None:
        section = self._section()
        try:
            swept = await self._sweeper.sweep(EndpointId(key))
        except NotFound:
            self._sweeps_due.forget(key)
            raise
        except BaseException:  # also of a defect: an endpoint must never drop out of the rounds
            self._sweeps_due.failed(key, interval=section.interval, first=_FIRST_RETRY)
            raise
        if swept.settled:
            self._sweeps_due.done(key, interval=section.interval, jitter=section.jitter)
        else:  # what is stale or in doubt should not stay so for a whole interval
            self._sweeps_due.failed(key, interval=section.interval, first=_FIRST_RETRY)
        if swept.changed:
            await self._changed(swept.changed)

    async def _poll(self, key: str) -> None:
        section = self._section()
        try:
            await self._poller.poll(EndpointId(key))
        except NotFound:
            self._polls_due.forget(key)
            raise
        except BaseException:
            self._polls_due.failed(key, interval=section.interval, first=section.poll_interval)
            raise
        self._polls_due.done(key, interval=section.poll_interval, jitter=section.poll_interval / 10)
