"""The emulated fleet that benchmarks run against, in a process of its own."""

from __future__ import annotations

import json
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.emulators import Admin, EmulatedFleet, emulated_fleet, worker_network


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One BMC as a client needs it."""

    url: str
    username: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A running fleet: where it is, and a file that tells child processes so."""

    targets: list[Target]
    admin: Admin
    file: Path
    folder: Path


@contextmanager
def light_fleet(count: int, *, personality: str = "generic") -> Iterator[Stage]:
    """Serve this many light-weight BMCs."""
    allow_many_files()
    network = worker_network().replace(".0/24", ".0.0/16").split(".")
    spec = {
        "light": {
            "count": count,
            "personality": personality,
            "network": f"127.{64 + int(network[1]) % 60}.0.0/16",
        }
    }
    with tempfile.TemporaryDirectory(prefix="fleetd-bench-") as name:
        folder = Path(name)
        with emulated_fleet(spec, folder) as fleet:
            yield _stage(fleet, folder)


def _stage(fleet: EmulatedFleet, folder: Path) -> Stage:
    targets = [
        Target(url=bmc.url, username=bmc.username, password=bmc.password) for bmc in fleet.bmcs
    ]
    file = folder / "targets.json"
    file.write_text(json.dumps([[one.url, one.username, one.password] for one in targets]))
    return Stage(targets=targets, admin=fleet.admin, file=file, folder=folder)


def read_targets(file: Path, count: int) -> list[Target]:
    """What ``light_fleet`` wrote."""
    rows = json.loads(file.read_text())[:count]
    return [Target(url=url, username=name, password=password) for url, name, password in rows]


def allow_many_files() -> None:
    """Two sockets a BMC are more than the usual soft limit of 1,024 open files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
