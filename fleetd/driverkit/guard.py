"""A driver's code is held at arm's length: what it raises, or its not ending, costs one answer.

The time limit is a real one: a signal interrupts the driver's loop, sleep or regular expression,
which no thread and no task could. It needs the main thread, where the daemon's event loop runs;
elsewhere only what is raised is caught.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Final, TypeVar

from fleetd.domain.errors import DriverFailed

T = TypeVar("T")
LIMIT_S: Final = 0.25
"""What a driver may take for one answer: a hundred times what the slowest takes."""


class _OutOfTimeError(BaseException):
    """Passes through a driver's own ``except Exception``."""


def guarded(who: str, work: Callable[[], T], *, uri: str = "", limit_s: float = LIMIT_S) -> T:
    """What the driver's code answers.

    Args:
        who: The driver and its quirk or behaviour, for the error's message.
        work: Calls the driver's code.
        uri: The resource that it's about.
        limit_s: How long it may take.

    Raises:
        DriverFailed: It raised, or took longer.
    """
    try:
        if threading.current_thread() is not threading.main_thread():
            return work()
        return _timed(work, limit_s)
    except _OutOfTimeError:
        reason = f"{who} didn't answer within {limit_s:g} s"
    except DriverFailed:
        raise
    except Exception as error:
        reason = f"{who} failed: {error!r}"
        raise DriverFailed(reason, endpoint="", uri=uri) from error
    raise DriverFailed(reason, endpoint="", uri=uri, hung=True)


def _timed(work: Callable[[], T], limit_s: float) -> T:
    earlier_handler = signal.signal(signal.SIGALRM, _interrupt)
    started = time.monotonic()
    earlier_s, interval_s = signal.setitimer(signal.ITIMER_REAL, limit_s)
    try:
        return work()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, earlier_handler)
        if earlier_s:  # somebody else's alarm goes on, as if it had not been stopped
            left_s = max(earlier_s - (time.monotonic() - started), 1e-6)
            signal.setitimer(signal.ITIMER_REAL, left_s, interval_s)


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise _OutOfTimeError
