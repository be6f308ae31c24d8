"""Watches how late the event loop runs: the first sign that something blocks it."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from prometheus_client import Gauge, Histogram

INTERVAL_S: Final = 0.25
WINDOW: Final = int(60 / INTERVAL_S)


class LoopLag:
    """Measures the lag of the loop it runs on; ``run`` goes on until it's cancelled."""

    def __init__(
        self, histogram: Histogram, maximum: Gauge, *, interval_s: float = INTERVAL_S
    ) -> None:
        self._histogram = histogram
        self._maximum = maximum
        self._interval_s = interval_s
        self._recent: deque[float] = deque(maxlen=WINDOW)

    async def run(self) -> None:
        """Ask to be woken at a moment, and note by how much it was missed."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + self._interval_s
            await asyncio.sleep(self._interval_s)
            self.note(max(0.0, loop.time() - due))

    def note(self, lag_s: float) -> None:
        """Count one lag."""
        self._recent.append(lag_s)
        self._histogram.observe(lag_s)
        self._maximum.set(max(self._recent))
