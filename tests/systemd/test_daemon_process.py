"""The daemon as its service manager sees it: a process, a socket and signals."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

DEADLINE_S = 60.0


class Managed:
    """A daemon under a service manager of ours."""

    def __init__(
        self, directory: Path, manager: socket.socket, process: asyncio.subprocess.Process
    ) -> None:
        self.directory = directory
        self.manager = manager
        self.process = process

    async def hears(self, wanted: Callable[[str], bool]) -> str:
        """The next message that is wanted; those before it are passed over."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(DEADLINE_S):
            while True:
                message = (await loop.sock_recv(self.manager, 4096)).decode()
                if wanted(message):
                    return message

    def configure(self, text: str) -> None:
        (self.directory / "fleetd.yaml").write_text(text)


@asynccontextmanager
async def managed(directory: Path, text: str, **variables: str) -> AsyncIterator[Managed]:
    (directory / "fleetd.yaml").write_text(text)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(directory / "notify"))
        manager.settimeout(0)
        with (directory / "log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "fleetd.daemon.main",
                "serve",
                "--config",
                str(directory / "fleetd.yaml"),
                stderr=log,
                env={
                    "PATH": os.environ["PATH"],
                    "STATE_DIRECTORY": str(directory / "state"),
                    "NOTIFY_SOCKET": str(directory / "notify"),
                    "FLEETD_API__PORT": "0",
                    **variables,
                },
            )
        try:
            yield Managed(directory, manager, process)
        finally:
            if process.returncode is None:
                process.kill()
            await asyncio.wait_for(process.wait(), timeout=10)


def begins(text: str) -> Callable[[str], bool]:
    return lambda message: message.startswith(text)


@pytest.mark.asyncio
async def test_the_daemon_keeps_systemds_protocol_through_its_life(tmp_path: Path) -> None:
    async with managed(tmp_path, "", WATCHDOG_USEC="1000000") as daemon:
        ready = await daemon.hears(begins("READY=1"))
        await daemon.hears(begins("WATCHDOG=1"))

        daemon.configure("inventory: {concurrency: 3}\n")
        daemon.process.send_signal(signal.SIGHUP)
        reloading = await daemon.hears(begins("RELOADING=1"))
        reloaded = await daemon.hears(begins("READY=1"))

        daemon.configure("inventory: {concurrency: none of them}\n")
        daemon.process.send_signal(signal.SIGHUP)
        await daemon.hears(begins("RELOADING=1"))
        refused = await daemon.hears(begins("READY=1"))

        started = time.monotonic()
        daemon.process.send_signal(signal.SIGTERM)
        await daemon.hears(begins("STOPPING=1"))
        code = await asyncio.wait_for(daemon.process.wait(), timeout=DEADLINE_S)
        took = time.monotonic() - started

    assert "STATUS=Listening on http://127.0.0.1:" in ready
    assert "MONOTONIC_USEC=" in reloading
    assert "reloaded" in reloaded
    assert "refused" in refused
    assert code == 0
    assert took < 20
    log = (tmp_path / "log").read_text()
    assert "fleetd.yaml:1: inventory.concurrency: must be a whole number" in log


@pytest.mark.asyncio
async def test_a_bad_configuration_at_the_start_is_told_and_ends_it(tmp_path: Path) -> None:
    async with managed(tmp_path, "api: {prot: 1}\n") as daemon:
        code = await asyncio.wait_for(daemon.process.wait(), timeout=DEADLINE_S)

    assert code == 2
    assert (
        "fleetd.yaml:1: api.prot: unknown key; did you mean port?" in (tmp_path / "log").read_text()
    )
