"""The daemon's tasks: named, owned, started again when they fail, and stopped in good order.

A stop has three acts: refuse new work (``stopping`` is set), drain (what was registered by
``on_drain`` finishes or parks its work, within the deadline), close (every task is cancelled and
awaited). What was opened before the supervisor closes after it, by its own exit stack.
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Self

import structlog

Work = Callable[[], Awaitable[None]]

CANCEL_TIMEOUT_S: Final = 5.0
"""How long a cancelled task may take to clean up before it is named in the log."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """How a failed task is started again: after a pause that doubles up to a ceiling, jittered."""

    pause_s: float = 1.0
    ceiling_s: float = 60.0
    healthy_s: float = 300.0
    """After running this long its earlier failures are forgotten."""

    def pause(self, failures: int) -> float:
        """The pause after so many failures in a row."""
        longest = min(self.ceiling_s, self.pause_s * 2.0 ** min(failures - 1, 16))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing


def ignore(_: str) -> None:
    """Let nobody know."""


class Supervisor:
    """Owns every long-lived task of the daemon, as an async context.

    A task with a ``Restart`` is a reconciler: its failure is logged and it runs again. A task
    without one is essential: its failure stops the daemon, and leaves the context as an error.
    """

    def __init__(
        self, *, shutdown_timeout: timedelta, restarted: Callable[[str], None] = ignore
    ) -> None:
        """Prepare.

        Args:
            shutdown_timeout: From the request to stop until everything is cancelled.
            restarted: Told the name of each task that is started again.
        """
        self.stopping = asyncio.Event()
        self._hasten = asyncio.Event()
        self._timeout_s = shutdown_timeout.total_seconds()
        self._restarted = restarted
        self._drains: list[tuple[str, Work]] = []
        self._group = asyncio.TaskGroup()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: list[Exception] = []

    def start(self, name: str, work: Work, *, restart: Restart | None = None) -> None:
        """Run work as a task of that name until it ends or the daemon stops.

        Raises:
            RuntimeError: The daemon is already stopping.
        """
        if self.stopping.is_set():
            raise RuntimeError(f"{name} can't start: the daemon is stopping")
        run = self._essential(name, work) if restart is None else self._again(name, work, restart)
        task = self._group.create_task(run, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def on_drain(self, name: str, drain: Work) -> None:
        """Call this when the daemon stops, to finish or park what it does; all run at once."""
        self._drains.append((name, drain))

    def request_stop(self, reason: str) -> None:
        """Stop in good order; asked a second time, don't wait for the drains any longer."""
        if self.stopping.is_set():
            _log.warning("stop_hastened", reason=reason)
            self._hasten.set()
            return
        _log.info("stop_requested", reason=reason, deadline_s=self._timeout_s)
        self.stopping.set()

    async def until_stopped(self) -> None:
        """Wait until somebody or something asks the daemon to stop."""
        await self.stopping.wait()

    async def until(self, event: asyncio.Event) -> bool:
        """Wait for something to come about; False where the daemon is to stop instead."""
        waits = {asyncio.create_task(one.wait()) for one in (event, self.stopping)}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _cancel(waits)
        return not self.stopping.is_set()

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stopping.set()
        try:
            if error is None:
                await self._drain()
        finally:
            await _cancel(self._tasks)
            await self._group.__aexit__(kind, error, trace)
        if self._failures and error is None:
            raise ExceptionGroup("essential tasks failed", self._failures)

    async def _essential(self, name: str, work: Work) -> None:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - the supervisor is where failures end up
            _log.error("task_failed", task=name, exc_info=True)
            self._failures.append(error)
            self.request_stop(f"{name} failed")

    async def _again(self, name: str, work: Work, restart: Restart) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            started = loop.time()
            if await _succeeds(name, work):
                return
            failures = 1 if loop.time() - started >= restart.healthy_s else failures + 1
            pause = restart.pause(failures)
            _log.warning("task_restarts", task=name, failures=failures, pause_s=round(pause, 2))
            self._restarted(name)
            await asyncio.sleep(pause)

    async def _drain(self) -> None:
        drains = {
            asyncio.create_task(_succeeds(f"drain {name}", drain)) for name, drain in self._drains
        }
        if not drains:
            return
        hasten = asyncio.create_task(self._hasten.wait())
        try:
            async with asyncio.timeout(self._timeout_s):
                while drains and not hasten.done():
                    done, _ = await asyncio.wait(
                        {*drains, hasten}, return_when=asyncio.FIRST_COMPLETED
                    )
                    drains -= done
        except TimeoutError:
            _log.warning("drain_timed_out", after_s=self._timeout_s, unfinished=len(drains))
        finally:
            await _cancel({hasten, *drains})


async def _succeeds(name: str, work: Work) -> bool:
    """Run it and log its failure; a cancellation that nobody asked this task for is one too."""
    task = asyncio.current_task()
    try:
        await work()
    except asyncio.CancelledError:
        if task is None or task.cancelling():
            raise
        _log.error("task_failed", task=name, exc_info=True)
        return False
    except Exception:  # noqa: BLE001 - the supervisor is where failures end up
        _log.error("task_failed", task=name, exc_info=True)
        return False
    return True


async def _cancel(tasks: Iterable[asyncio.Task[Any]]) -> None:
    owned = tuple(tasks)
    for task in owned:
        task.cancel()
    if owned:
        _, stuck = await asyncio.wait(owned, timeout=CANCEL_TIMEOUT_S)
        for task in stuck:
            _log.error("task_ignores_cancellation", task=task.get_name())


@contextmanager
def signals(supervisor: Supervisor, reload: Callable[[], None]) -> Iterator[None]:
    """SIGTERM and SIGINT stop the daemon (twice: at once), SIGHUP reloads its configuration.

    Enter it around the supervisor's own context: the second SIGTERM comes while that one drains.
    """
    loop = asyncio.get_running_loop()
    stops = (signal.SIGTERM, signal.SIGINT)
    for number in stops:
        loop.add_signal_handler(number, supervisor.request_stop, number.name)
    loop.add_signal_handler(signal.SIGHUP, reload)
    try:
        yield
    finally:
        for number in (*stops, signal.SIGHUP):
            loop.remove_signal_handler(number)
