"""A circuit breaker: an endpoint that keeps failing is left alone for a while."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from fleetd.domain.errors import CircuitOpen

_JITTER: Final = 0.2  # of the rest, so that endpoints lost together aren't tried again together


class Breaker:
    """Counts failures in a row; the caller says how each attempt ended."""

    __slots__ = ("_clock", "_endpoint", "_failures", "_limit", "_open_until", "_rest_s", "_trial")

    def __init__(
        self, endpoint: str, *, failures: int, rest_s: float, clock: Callable[[], float]
    ) -> None:
        self._endpoint = endpoint
        self._limit = failures
        self._rest_s = rest_s
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0
        self._trial = False

    @property
    def is_open(self) -> bool:
        """The endpoint is being left alone, or is on trial."""
        return self._failures >= self._limit

    def admit(self) -> None:
        """Let an attempt pass; after the rest exactly one, until its end is known.

        Raises:
            CircuitOpen: The endpoint is being left alone.
        """
        if self._failures < self._limit:
            return
        wait = self._open_until - self._clock()
        if wait > 0:
            raise CircuitOpen(
                f"left alone for another {wait:.0f} s after {self._failures} failures in a row",
                endpoint=self._endpoint,
            )
        if self._trial:
            raise CircuitOpen("a trial request is under way", endpoint=self._endpoint)
        self._trial = True

    def succeeded(self) -> None:
        """The endpoint answered, whatever it said."""
        self._failures = 0
        self._trial = False

    def failed(self) -> None:
        """No answer came."""
        self._failures += 1
        self._trial = False
        if self._failures >= self._limit:
            spread = random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - no secret hangs on it
            self._open_until = self._clock() + self._rest_s * spread

    def abandoned(self) -> None:
        """The attempt was given up before its end; it says nothing about the endpoint."""
        self._trial = False
