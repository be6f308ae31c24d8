from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleetd.daemon.notify import Notifier
from tests.support.waiting import until


class Manager:
    """A service manager's end of the notification socket."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.settimeout(0)
        self.environment = {"NOTIFY_SOCKET": str(path)}

    def heard(self) -> list[str]:
        messages = []
        while True:
            try:
                messages.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return messages


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    manager = Manager(tmp_path / "notify")
    yield manager
    manager.socket.close()


def test_the_manager_hears_how_the_daemon_stands(manager: Manager) -> None:
    notifier = Notifier(manager.environment)

    notifier.status("Opening\nthe store")
    notifier.ready("Serving 3 devices")
    notifier.extend(1.5)
    notifier.stopping()

    assert manager.heard() == [
        "STATUS=Opening the store",
        "READY=1\nSTATUS=Serving 3 devices",
        "EXTEND_TIMEOUT_USEC=1500000",
        "STOPPING=1",
    ]


def test_a_reload_says_when_it_began(manager: Manager) -> None:
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000

    Notifier(manager.environment).reloading()

    (message,) = manager.heard()
    reloading, moment = message.splitlines()
    after = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000
    assert reloading == "RELOADING=1"
    assert before <= int(moment.removeprefix("MONOTONIC_USEC=")) <= after


def test_an_abstract_socket_is_understood() -> None:
    name = f"fleetd-test-{os.getpid()}-{time.monotonic_ns()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}")
        manager.settimeout(5)

        Notifier({"NOTIFY_SOCKET": f"@{name}"}).ready()

        assert manager.recv(100) == b"READY=1"


def test_without_a_manager_nothing_happens() -> None:
    notifier = Notifier({"WATCHDOG_USEC": "1000"})

    notifier.ready()

    assert notifier.watchdog_interval_s is None


def test_a_manager_that_is_gone_does_not_stop_the_daemon(tmp_path: Path) -> None:
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready()


def test_a_manager_that_does_not_read_does_not_block_the_daemon(manager: Manager) -> None:
    notifier = Notifier(manager.environment)

    for _ in range(5_000):
        notifier.alive()

    assert 0 < len(manager.heard()) < 5_000


@pytest.mark.asyncio
async def test_the_watchdog_hears_from_the_loop_twice_in_its_time(manager: Manager) -> None:
    notifier = Notifier(manager.environment | {"WATCHDOG_USEC": "40000"})
    watch = asyncio.create_task(notifier.watch())
    heard: list[str] = []

    def has_heard_three() -> bool:
        heard.extend(manager.heard())
        return len(heard) >= 3

    await until(has_heard_three)
    watch.cancel()
    await asyncio.wait({watch}, timeout=5)

    assert notifier.watchdog_interval_s == 0.02
    assert set(heard) == {"WATCHDOG=1"}


@pytest.mark.asyncio
async def test_a_blocked_loop_falls_silent(manager: Manager) -> None:
    watch = asyncio.create_task(Notifier(manager.environment | {"WATCHDOG_USEC": "20000"}).watch())
    await until(manager.heard)

    time.sleep(0.2)  # noqa: ASYNC251 - blocking the loop is what is being tested

    assert manager.heard() == []
    watch.cancel()
    await asyncio.wait({watch}, timeout=5)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "asked", [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "20000", "WATCHDOG_PID": "1"}]
)
async def test_no_watchdog_is_told_where_none_asks(manager: Manager, asked: dict[str, str]) -> None:
    notifier = Notifier(manager.environment | asked)

    await asyncio.wait_for(notifier.watch(), timeout=5)

    assert manager.heard() == []
