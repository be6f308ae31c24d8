"""The service manager told how the daemon stands (sd_notify(3)); silent where there is none.

Written here, not taken from a library: ``sdnotify`` swallows every error, blocks, never closes its
socket and can't say RELOADING with its time; the protocol is one datagram.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Mapping
from typing import Final

import structlog

_log = structlog.get_logger(__name__)
_MICROSECONDS: Final = 1_000_000


class Notifier:
    """Sends the daemon's state to the socket that the service manager named."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        name = environment.get("NOTIFY_SOCKET", "")
        # A leading @ stands for Linux's abstract socket names, which begin with a null byte.
        self._address = f"\0{name[1:]}" if name.startswith("@") else name
        self._watchdog_s = _watchdog_s(environment) if name else None

    @property
    def watchdog_interval_s(self) -> float | None:
        """How often to say that we live: half of what the manager allows; None: it doesn't ask."""
        return None if self._watchdog_s is None else self._watchdog_s / 2

    def ready(self, status: str = "") -> None:
        """Everything is up, or the reload is over."""
        self._send(["READY=1", *_status(status)])

    def status(self, text: str) -> None:
        """One line for ``systemctl status``."""
        self._send(_status(text))

    def reloading(self) -> None:
        """A reload begins; the time ties it to the manager's request (Type=notify-reload)."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000
        self._send(["RELOADING=1", f"MONOTONIC_USEC={now}"])

    def stopping(self, status: str = "") -> None:
        """The daemon is going down on purpose."""
        self._send(["STOPPING=1", *_status(status)])

    def extend(self, seconds: float) -> None:
        """Ask for this much more time for the start, reload or stop that is under way."""
        self._send([f"EXTEND_TIMEOUT_USEC={int(seconds * _MICROSECONDS)}"])

    def alive(self) -> None:
        """The event loop still turns."""
        self._send(["WATCHDOG=1"])

    async def watch(self) -> None:
        """Tell the watchdog from the loop itself, until cancelled: a blocked loop falls silent."""
        interval = self.watchdog_interval_s
        if interval is None:
            return
        while True:
            self.alive()
            await asyncio.sleep(interval)

    def _send(self, lines: list[str]) -> None:
        if not self._address:
            return
        try:
            with socket.socket(
                socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
            ) as channel:
                channel.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            # Losing one word to the manager must not take the fleet's daemon down.
            _log.warning("notify_failed", message=lines[0], error=str(error))


def _status(text: str) -> list[str]:
    line = " ".join(text.split())
    return [f"STATUS={line}"] if line else []


def _watchdog_s(environment: Mapping[str, str]) -> float | None:
    """What sd_watchdog_enabled(3) says: an interval, and for which process it is meant."""
    microseconds = environment.get("WATCHDOG_USEC", "")
    if not microseconds.isdecimal() or int(microseconds) == 0:
        return None
    meant_for = environment.get("WATCHDOG_PID", str(os.getpid()))
    return int(microseconds) / _MICROSECONDS if meant_for == str(os.getpid()) else None
