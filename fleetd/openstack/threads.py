"""Threads for blocking calls that nobody has to wait for at the end.

The interpreter joins the threads of the standard library's executor when it exits, so a service
that is silent would hold up the daemon's stop until its time-out. Ours are left to themselves then:
what a call would have brought about is found by the next start's look at the service.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_Call = tuple[Future[object], Callable[[], object]]


class LeftThreads(Executor):
    """A fixed number of threads; calls beyond it wait their turn."""

    def __init__(self, count: int, *, name: str) -> None:
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._closed = False
        self._count = count
        for number in range(count):
            Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        if self._closed:
            raise RuntimeError("no call is taken any more")
        future: Future[T] = Future()
        self._calls.put((future, partial(fn, *args, **kwargs)))  # type: ignore[arg-type]
        return future

    def shutdown(self, wait: bool = False, *, cancel_futures: bool = True) -> None:  # noqa: FBT001, FBT002 - as in Executor
        """Take no more; calls that wait are cancelled, and those in hand left, always."""
        self._closed = True
        while True:
            try:
                call = self._calls.get_nowait()
            except Empty:
                break
            if call is not None:
                call[0].cancel()
        for _ in range(self._count):
            self._calls.put(None)

    def _work(self) -> None:
        while True:
            call = self._calls.get()
            if call is None:
                return
            _carry_out(*call)
            del call  # it may hold a password


def _carry_out(future: Future[object], act: Callable[[], object]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = act()
    except BaseException as error:  # noqa: BLE001 - whoever asked for it gets it
        future.set_exception(error)
    else:
        future.set_result(result)
