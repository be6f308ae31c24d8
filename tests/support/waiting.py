"""Waiting for something to become true, with a deadline, in place of sleeping and hoping."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(holds: Callable[[], object], *, timeout_s: float = 10.0) -> None:
    """Let the loop turn until the condition holds.

    Raises:
        TimeoutError: It did not within the time.
    """
    async with asyncio.timeout(timeout_s):
        while not holds():  # noqa: ASYNC110 - what is looked at sets no event
            await asyncio.sleep(0.001)
