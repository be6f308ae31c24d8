"""When things are due: APScheduler ticks, and all that a tick does is put keys into queues."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from fleetd.domain.errors import FleetError

_log = structlog.get_logger(__name__)
_MISFIRE_GRACE: Final = 60


class Schedule:
    """Named periodic jobs with jitter; starting one again replaces its interval."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={
                "coalesce": True,
                "max_instances": 1,
                "misfire_grace_time": _MISFIRE_GRACE,
            },
        )

    def start(self) -> None:
        """Begin to tick; must be called on the running event loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more; what a tick has queued goes on."""
        self._scheduler.shutdown(wait=False)

    def every(
        self,
        name: str,
        interval: timedelta,
        act: Callable[[], Awaitable[object]],
        *,
        jitter: timedelta = timedelta(0),
    ) -> None:
        """Call ``act`` at each interval, later by up to ``jitter``; ``act`` must only enqueue."""

        async def tick() -> None:
            try:
                await act()
            except FleetError as error:
                _log.warning("tick_failed", job=name, code=error.code, reason=str(error))

        seconds = interval.total_seconds()
        # APScheduler draws from ±jitter; half of the span on either side is the same spread.
        spread = min(jitter.total_seconds() / 2, seconds / 2)
        trigger = IntervalTrigger(
            seconds=max(1, int(seconds + spread)), jitter=int(spread) or None, timezone="UTC"
        )
        self._scheduler.add_job(tick, trigger, id=name, name=name, replace_existing=True)


class DueTable:
    """When each endpoint is next due; new ones at once, failing ones after growing pauses."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due: dict[str, float] = {}
        self._failures: dict[str, int] = {}

    def known(self, key: str) -> bool:
        """The key has a due time."""
        return key in self._due

    def add(self, key: str, *, within: timedelta) -> None:
        """First due at a random moment within the span; without effect where it's known."""
        if key not in self._due:
            spread = random.uniform(0, within.total_seconds())  # noqa: S311 - jitter, no secret
            self._due[key] = self._clock() + spread

    def done(self, key: str, *, interval: timedelta, jitter: timedelta) -> None:
        """It went well: due after the interval and some jitter."""
        self._failures.pop(key, None)
        wait = interval.total_seconds() + random.uniform(0, jitter.total_seconds())  # noqa: S311
        self._due[key] = self._clock() + wait

    def failed(self, key: str, *, interval: timedelta, first: timedelta) -> None:
        """It failed: due after ``first``, doubled at each failure in a row up to ``interval``."""
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        pause = min(first.total_seconds() * 2.0 ** min(failures - 1, 16), interval.total_seconds())
        self._due[key] = self._clock() + random.uniform(pause / 2, pause)  # noqa: S311

    def forget(self, key: str) -> None:
        """The key is gone."""
        self._due.pop(key, None)
        self._failures.pop(key, None)

    def take_due(self) -> tuple[str, ...]:
        """The keys whose time has come; each is taken out until ``done`` or ``failed``."""
        now = self._clock()
        due = tuple(key for key, at in self._due.items() if at <= now)
        for key in due:
            self._due[key] = float("inf")
        return due
