"""A real PostgreSQL for tests: one server a test process, a fresh database for each test.

Where no PostgreSQL is installed the tests that need it skip; with CI set they fail instead.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

START_DEADLINE_S = 30
USER = "fleetd"
PASSWORD = "p@ss/word:1"  # what a URL would have to quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running PostgreSQL on 127.0.0.1."""

    port: int
    folder: Path
    programs: Path
    names: Iterator[int]

    def url(self, name: str, *, user: str = USER) -> str:
        """The SQLAlchemy URL of a database; the password is ``PASSWORD``."""
        return f"postgresql+asyncpg://{user}@127.0.0.1:{self.port}/{name}"

    def new_database(self, template: str = "template0") -> str:
        """Create a database like the template, which nobody may be connected to; its name."""
        name = f"test_{next(self.names)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def execute(self, statement: str, *, name: str = "postgres") -> str:
        """Run a statement as the superuser; what it printed."""
        done = subprocess.run(
            [
                *(self.programs / "psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1"),
                *("-h", self.folder, "-p", str(self.port), "-U", USER, "-d", name),
                *("-c", statement),
            ],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.stdout.strip()


def programs() -> Path:
    """Where PostgreSQL's programs are; skips the test, or with CI fails it, where they aren't."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    if not found and (on_path := shutil.which("initdb")):
        found = [Path(on_path).resolve()]
    if found:
        return found[-1].parent
    if os.environ.get("CI"):
        pytest.fail("CI is set and PostgreSQL isn't installed: apt install postgresql")
    pytest.skip("PostgreSQL isn't installed")


def _version(path: Path) -> int:
    text = path.parent.parent.name
    return int(text) if text.isdigit() else 0


@contextmanager
def running_server() -> Iterator[Server]:
    """A server with its files in a folder of its own, both gone at the end."""
    bin_folder = programs()
    # Not below pytest's folder: its path may be too long for a socket, and closed to postgres.
    folder = Path(tempfile.mkdtemp(prefix="fleetd-postgresql-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        as_user = _give_to_postgres(folder)
        cluster = folder / "cluster"
        secret = folder / "password"
        secret.write_text(PASSWORD)
        _run(
            [bin_folder / "initdb", "-D", cluster, f"--pwfile={secret}", *_INITDB], folder, as_user
        )
        port = _free_port()
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [bin_folder / "postgres", "-D", cluster, "-k", folder, "-p", str(port), *_SETTINGS],
                cwd=folder,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                **as_user,
            )
        server = Server(port=port, folder=folder, programs=bin_folder, names=count())
        _wait(server, process)
        yield server
    finally:
        if process is not None:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


_INITDB = (
    *("-U", USER, "--auth-local=trust", "--auth-host=scram-sha-256"),
    *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
)
_SETTINGS = tuple(
    word
    for setting in (
        "listen_addresses=127.0.0.1",
        "fsync=off",
        "full_page_writes=off",
        "shared_buffers=32MB",
        "max_connections=60",
        "autovacuum=off",
    )
    for word in ("-c", setting)
)


def _give_to_postgres(folder: Path) -> dict[str, Any]:
    """How to start a program as a user whom PostgreSQL accepts: not as root."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("postgres")
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    folder.chmod(0o755)  # psql, run by us, must reach the socket
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _run(command: list[str | Path], folder: Path, as_user: dict[str, Any]) -> None:
    done = subprocess.run(
        command, check=False, cwd=folder, capture_output=True, text=True, timeout=120, **as_user
    )
    if done.returncode:
        pytest.fail(f"{command[0]} failed: {done.stderr}")


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_DEADLINE_S
    ready: list[str | Path] = [server.programs / "pg_isready", "-q"]
    ready += ["-h", server.folder, "-p", str(server.port)]
    while subprocess.run(ready, check=False, timeout=10).returncode:
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"PostgreSQL didn't start: {(server.folder / 'log').read_text()[-2000:]}")
