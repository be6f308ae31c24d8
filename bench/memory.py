"""The daemon's memory once it has inventoried a whole fleet: the real command, as installed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from bench.fleet import Stage, Target, allow_many_files, light_fleet
from bench.report import Result, at_most, told

DEADLINE_S: Final = 600.0
PASSWORD: Final = "FLEETD_BENCH_PASSWORD"
_COMMAND: Final = "from fleetd.daemon.main import main; main()"
_DEVICES: Final = re.compile(r"^fleetd_devices\{([^}]*)\} ([0-9.e+]+)$", re.MULTILINE)


def measure(count: int) -> list[Result]:
    """Run the daemon on a fleet until every server is inventoried, and look at its memory."""
    with light_fleet(count) as stage, _daemon(stage) as daemon:
        started = time.monotonic()
        _until_inventoried(daemon, count)
        seconds = time.monotonic() - started
        peak, now = _memory_mb(daemon.process.pid)
    return [
        told("memory: devices inventoried", count, "devices"),
        told("memory: until all of them were", seconds, "s"),
        told("memory: of the daemon then", now, "MB"),
        at_most("memory: of the daemon at its peak", peak, "MB", 300),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Daemon:
    process: subprocess.Popen[bytes]
    log: Path

    def url(self) -> str:
        """Where it listens, once it does."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            found = re.search(r"http://127\.0\.0\.1:\d+", self.log.read_text())
            if found:
                return found[0]
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the daemon did not start:\n{self.log.read_text()}")
            time.sleep(0.05)


@contextmanager
def _daemon(stage: Stage) -> Iterator[_Daemon]:
    allow_many_files()
    config = stage.folder / "fleetd.yaml"
    config.write_text(yaml.safe_dump(_settings(stage.targets, stage.folder)))
    log = stage.folder / "daemon.log"
    environment = {**os.environ, PASSWORD: stage.targets[0].password}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND, "serve", "--config", str(config)],
            stdout=output,
            stderr=output,
            env=environment,
        )
    try:
        yield _Daemon(process=process, log=log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _settings(targets: list[Target], folder: Path) -> dict[str, object]:
    password = f"env:{PASSWORD}"
    account = {"name": "bench", "username": targets[0].username, "password": password}
    return {
        "daemon": {"state_directory": str(folder / "state")},
        "api": {"port": 0},
        "logging": {"level": "info", "format": "json"},
        "discovery": {
            "endpoints": [{"address": one.url, "credential": "bench"} for one in targets],
            "credentials": [account],
        },
    }


def _until_inventoried(daemon: _Daemon, count: int) -> None:
    url = daemon.url()
    deadline = time.monotonic() + DEADLINE_S
    while _inventoried(url) < count:
        if daemon.process.poll() is not None or time.monotonic() > deadline:
            tail = daemon.log.read_text()[-2_000:]
            raise AssertionError(f"only {_inventoried(url)} of {count} were inventoried:\n{tail}")
        time.sleep(0.5)


def _inventoried(url: str) -> int:
    try:
        with urllib.request.urlopen(f"{url}/metrics", timeout=10) as reply:
            text = reply.read().decode()
    except (urllib.error.URLError, TimeoutError):
        return 0
    counted = (
        float(value)
        for labels, value in _DEVICES.findall(text)
        if 'state="discovered"' not in labels
    )
    return int(sum(counted))


def _memory_mb(process_id: int) -> tuple[float, float]:
    """Peak and present resident memory, in MB of 10^6 bytes."""
    status = Path(f"/proc/{process_id}/status").read_text()
    peak, now = (
        int(re.search(rf"{name}:\s+(\d+) kB", status)[1])  # type: ignore[index]
        for name in ("VmHWM", "VmRSS")
    )
    return peak * 1.024 / 1000, now * 1.024 / 1000
