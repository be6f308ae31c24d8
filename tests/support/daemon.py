"""The whole daemon as a process, touched only through its configuration, REST and signals."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.emulators import EmulatedBmc, EmulatedFleet

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 20.0


@dataclass(slots=True, kw_only=True)
class Daemon:
    """A running ``fleetd serve``."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def get(self, path: str) -> Any:
        """One answer's JSON."""
        return self._call("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        """Start something."""
        return self._call("POST", path, {} if body is None else body)

    def delete(self, path: str) -> Any:
        """End or remove something."""
        return self._call("DELETE", path)

    def text(self, path: str) -> str:
        """One answer as text."""
        with urllib.request.urlopen(self.url + path, timeout=10) as reply:
            content: bytes = reply.read()
        return content.decode()

    def items(self, path: str) -> list[dict[str, Any]]:
        """The members of a collection, all pages."""
        members: list[dict[str, Any]] = []
        marker = ""
        glue = "&" if "?" in path else "?"
        while True:
            page = self.get(f"{path}{glue}limit=500{marker}")
            members += page["items"]
            if not page["marker"]:
                return members
            marker = f"&marker={page['marker']}"

    def reaches(self) -> dict[str, str]:
        """How each endpoint stands, by address."""
        return {one["address"]: one["reach"] for one in self.items("/v1/endpoints")}

    def lines(self) -> list[dict[str, Any]]:
        """The log."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line[:1] == "{"]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(STOP_TIMEOUT_S)

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as reply:
            content = reply.read()
        return json.loads(content) if content else None


def configuration(
    fleet: EmulatedFleet, directory: Path, *, wrong: tuple[str, ...] = (), **sections: Any
) -> dict[str, Any]:
    """A configuration with every BMC of the fleet as a static endpoint of its own credential.

    Args:
        fleet: The emulated fleet.
        directory: Where passwords and state go.
        wrong: Names of BMCs whose password is given wrong.
        sections: Further sections; those of ``discovery`` are merged.
    """
    discovery = {
        "endpoints": [
            {"address": bmc.url, "credential": bmc.name, "fingerprint": bmc.fingerprint_sha256}
            if bmc.fingerprint_sha256
            else {"address": bmc.url, "credential": bmc.name}
            for bmc in fleet.bmcs
        ],
        "credentials": [_credential(bmc, directory, wrong=bmc.name in wrong) for bmc in fleet.bmcs],
        **sections.pop("discovery", {}),
    }
    return {
        "daemon": {"state_directory": str(directory / "state")},
        "api": {"port": 0},
        "redfish": {"tls": {"trust": "pin"}},
        "discovery": discovery,
        **sections,
    }


def _credential(bmc: EmulatedBmc, directory: Path, *, wrong: bool) -> dict[str, str]:
    path = directory / f"{bmc.name}.password"
    path.touch(mode=0o600)
    path.write_text("not-" + bmc.password if wrong else bmc.password)
    return {"name": bmc.name, "username": bmc.username, "password": f"file:{path}"}


@contextmanager
def running_daemon(
    settings: Mapping[str, Any], directory: Path, *, largest_file: int | None = None
) -> Iterator[Daemon]:
    """Run ``fleetd serve`` with these settings until the context ends.

    Args:
        settings: The content of fleetd.yaml.
        directory: Where that and the log go.
        largest_file: In bytes: no file it writes may grow beyond, as on a full disk.
    """

    def limit() -> None:
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    path = directory / "fleetd.yaml"
    path.write_text(yaml.safe_dump(dict(settings)))
    log = directory / f"fleetd-{time.monotonic_ns()}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "fleetd.daemon.main", "serve", "--config", path],
            stdout=output,
            stderr=output,
            env={name: value for name, value in os.environ.items() if name[:7] != "FLEETD_"},
            preexec_fn=limit,  # noqa: PLW1509 - this process has no threads
        )
    try:
        yield Daemon(url=_await_listening(process, log), process=process, log=log)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise


def _await_listening(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        for line in log.read_text().splitlines():
            if '"listening"' in line and line.startswith("{"):
                return str(json.loads(line)["url"])
        time.sleep(0.05)
    raise AssertionError(f"fleetd did not start:\n{log.read_text()}")


def eventually(holds: Callable[[], object], *, timeout_s: float = 30.0) -> None:
    """Ask again until it holds.

    Raises:
        AssertionError: It did not within the time.
    """
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "it never held"
        time.sleep(0.05)
