"""Blocking calls in threads that hold up no stop."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import CancelledError
from textwrap import dedent

import pytest

from fleetd.openstack.threads import LeftThreads

TIMEOUT_S = 10.0


def test_a_call_gives_its_result_or_its_error() -> None:
    threads = LeftThreads(2, name="test")

    result = threads.submit(divmod, 7, 2)
    error = threads.submit(divmod, 7, 0)

    assert result.result(TIMEOUT_S) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        error.result(TIMEOUT_S)
    threads.shutdown()


def test_what_waits_at_the_end_is_cancelled_and_nothing_more_is_taken() -> None:
    threads = LeftThreads(1, name="test")
    begun, may_end = threading.Event(), threading.Event()

    def in_hand() -> bool:
        begun.set()
        return may_end.wait(TIMEOUT_S)

    running = threads.submit(in_hand)
    waiting = threads.submit(in_hand)
    assert begun.wait(TIMEOUT_S)
    threads.shutdown()
    may_end.set()

    assert running.result(TIMEOUT_S)
    with pytest.raises(CancelledError):
        waiting.result(TIMEOUT_S)
    with pytest.raises(RuntimeError):
        threads.submit(in_hand)


def test_a_process_ends_while_a_call_is_in_hand() -> None:
    program = """
        import socket, threading
        from fleetd.openstack.threads import LeftThreads

        silent, _ = socket.socketpair()
        begun = threading.Event()
        threads = LeftThreads(1, name="test")
        threads.submit(lambda: (begun.set(), silent.recv(1)))
        begun.wait()
        threads.shutdown()
    """
    done = subprocess.run([sys.executable, "-c", dedent(program)], timeout=TIMEOUT_S, check=False)

    assert done.returncode == 0
