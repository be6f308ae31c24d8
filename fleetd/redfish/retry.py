"""Repeats of requests that are safe to repeat, with growing, jittered waits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential

from fleetd.config.redfish import RedfishSection
from fleetd.domain.errors import Busy, CircuitOpen, DeviceError, Next

T = TypeVar("T")
_FIRST_WAIT_S: Final = 0.5


def is_worth_repeating(error: BaseException) -> bool:
    """Whether the same read may succeed soon."""
    return (
        isinstance(error, DeviceError)
        and error.next is Next.LATER
        and not isinstance(error, CircuitOpen)
    )


async def repeat(
    read: Callable[[], Awaitable[T]], first: DeviceError, section: RedfishSection
) -> T:
    """Repeat a read whose first attempt ended in ``first``; the last error is raised.

    The first attempt is made elsewhere, so that reads which succeed never pay for this.
    """
    pending: list[DeviceError] = [first]

    async def attempt() -> T:
        if pending:
            raise pending.pop()
        return await read()

    retrying = AsyncRetrying(
        stop=stop_after_attempt(1 + section.retries),
        wait=_Wait(section.retry_ceiling.total_seconds()),
        retry=retry_if_exception(is_worth_repeating),
        reraise=True,
    )
    return await retrying(attempt)


class _Wait:
    """As long as the BMC asks for (Retry-After), else exponential with full jitter."""

    def __init__(self, ceiling_s: float) -> None:
        self._ceiling_s = ceiling_s
        self._backoff = wait_random_exponential(multiplier=_FIRST_WAIT_S, max=ceiling_s)

    def __call__(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        asked = error.retry_after if isinstance(error, Busy) else None
        if asked is not None:
            return min(asked, self._ceiling_s)
        return self._backoff(state)
