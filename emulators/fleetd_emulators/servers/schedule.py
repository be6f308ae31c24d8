"""Things that happen later on an emulated machine, without a thread or a sleep."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable

Clock = Callable[[], float]


class Schedule:
    """Due actions run when somebody looks, each at its own due time.

    Args:
        clock: Monotonic seconds.
        pace: How many of the clock's seconds one emulated second takes; 0 makes everything
            happen at once.
    """

    def __init__(self, clock: Clock, pace: float) -> None:
        self._clock = clock
        self.pace = pace
        self._start = clock()
        self._now = 0.0
        self._order = itertools.count()
        self._due: list[tuple[float, int, str, Callable[[], None]]] = []

    @property
    def elapsed(self) -> float:
        """Emulated seconds since the start by the clock; safe to ask from any thread."""
        if self.pace <= 0:
            return math.inf
        return (self._clock() - self._start) / self.pace

    @property
    def now(self) -> float:
        """Emulated seconds since the start, as of the action that runs or the last look."""
        return self._now

    def after(self, seconds: float, action: Callable[[], None], group: str = "") -> None:
        """Run the action so many emulated seconds from now."""
        heapq.heappush(self._due, (self._now + seconds, next(self._order), group, action))

    def cancel(self, group: str) -> None:
        """Forget what the group has not done yet."""
        self._due = [entry for entry in self._due if entry[2] != group]
        heapq.heapify(self._due)

    def settle(self) -> None:
        """Run what is due by now, in order."""
        target = self.elapsed
        while self._due and self._due[0][0] <= target:
            due, _, _, action = heapq.heappop(self._due)
            self._now = max(self._now, due)
            action()
        if self.pace > 0:
            self._now = max(self._now, target)
