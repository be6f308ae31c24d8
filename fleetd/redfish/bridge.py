"""Runs blocking code on the event loop: it waits in a greenlet, the loop goes on.

Code that runs inside calls ``wait_for`` where it would block. It must not touch the same objects
from two calls at once, and nothing that does I/O when read may leave it.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any, Final, TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")
_LONGEST_SLEEP_S: Final = 60.0  # a BMC's Retry-After may say anything


class _Blocking(greenlet):
    """Marks the greenlets in which waiting is possible."""


async def run_blocking(work: Callable[[], T]) -> T:
    """Run ``work``, awaiting on this task's behalf whatever it waits for.

    Cancelling the task raises CancelledError inside ``work`` at the place where it waits.
    """
    inner = _Blocking(work, getcurrent())
    inner.gr_context = getcurrent().gr_context
    result = inner.switch()
    while not inner.dead:
        try:
            value = await result
        except BaseException:  # noqa: BLE001 - all of it is raised again inside the greenlet
            result = inner.throw(*sys.exc_info())
        else:
            result = inner.switch(value)
    return result  # type: ignore[no-any-return]


def wait_for(awaitable: Awaitable[T]) -> T:
    """Wait inside ``run_blocking`` for an awaitable."""
    current = getcurrent()
    if not isinstance(current, _Blocking) or current.parent is None:
        raise RuntimeError("wait_for is called outside run_blocking")
    return current.parent.switch(awaitable)  # type: ignore[no-any-return]


class AwaitedTime(ModuleType):
    """Stands for the module ``time``: its sleep lets the event loop go on, where there is one."""

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    @staticmethod
    def sleep(seconds: float | str) -> None:
        """Sleep; sushy passes a numeric Retry-After on as text."""
        bounded = min(max(0.0, float(seconds)), _LONGEST_SLEEP_S)
        if isinstance(getcurrent(), _Blocking):
            wait_for(asyncio.sleep(bounded))
        else:
            time.sleep(bounded)
