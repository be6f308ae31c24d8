"""Runs one Ironic: configuration, database, processes, readiness, and a stop that leaves nothing.

The state of one Ironic is one directory. A start on a directory whose Ironic still runs (its owner
was killed) stops that one first, so that no two ever share a database.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import secrets
import socket
import sqlite3
import subprocess
import time
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final

from fleetd_emulators.lab.errors import LabError
from fleetd_emulators.lab.images import make_images
from fleetd_emulators.lab.install import DEFAULT_DIRECTORY, is_installed, program
from fleetd_emulators.lab.processes import Guard, Process, is_running, launch, stop
from fleetd_emulators.lab.settings import (
    Authentication,
    IronicSettings,
    Layout,
    render,
    write_user,
)

READY_TIMEOUT_S: Final = 90.0
SCHEMA_TIMEOUT_S: Final = 120.0
ANSWER_TIMEOUT_S: Final = 5.0
POLL_S: Final = 0.1
START_ATTEMPTS: Final = 3
TAIL_BYTES: Final = 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class IronicEndpoint:
    """Where a running Ironic answers, and how to be let in; the password is not in its repr.

    Attributes:
        url: The API's root, without ``/v1``.
        username: None when Ironic was told to let everybody in.
        images: What may be deployed by a file:// URL.
    """

    url: str
    username: str | None
    password: str | None = field(repr=False)
    log: Path
    images: Path

    @property
    def boot_iso(self) -> str:
        """What ``instance_info.boot_iso`` must say for a deploy as a ramdisk."""
        return f"file://{self.images}/boot.iso"


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What is written down about a running Ironic, so that another process can find and stop it."""

    url: str
    username: str | None
    password: str | None = field(repr=False)
    processes: tuple[Process, ...]


class LabIronic:
    """One Ironic that runs between ``start`` and ``stop``, or in a ``with`` or ``async with``."""

    def __init__(
        self,
        directory: Path = DEFAULT_DIRECTORY,
        state_dir: Path | None = None,
        settings: IronicSettings | None = None,
    ) -> None:
        self._directory = directory
        self._layout = Layout(root=(state_dir or directory / "run" / "ironic").absolute())
        self._settings = settings or IronicSettings()
        self._guard: Guard | None = None

    def start(self) -> IronicEndpoint:
        """Start it and wait until it answers; the nodes of an earlier run on this state are kept.

        Raises:
            LabError: It is not installed, or does not become ready; says why.
        """
        if not is_installed(self._directory):
            raise LabError(
                f"Ironic is not installed below {self._directory}: run fleetd-lab install"
            )
        self.stop()
        self._layout.make()
        make_images(self._layout.images)
        for attempt in range(1, START_ATTEMPTS + 1):
            try:
                return self._start_once()
            except LabError as error:
                if attempt == START_ATTEMPTS or "Address already in use" not in str(error):
                    raise
        raise AssertionError("unreachable")

    def stop(self) -> None:
        """Stop what this state directory runs; does nothing when nothing runs."""
        recorded = self._recorded()
        if recorded is not None:
            stop(recorded.processes)
            self._state_file.unlink(missing_ok=True)

    def endpoint(self) -> IronicEndpoint | None:
        """Where it answers, if it runs."""
        state = self._recorded()
        if state is None or not all(is_running(process) for process in state.processes):
            return None
        return self._endpoint(state)

    def _start_once(self) -> IronicEndpoint:
        port, http_port = _free_port(), _free_port()
        text = render(self._layout, self._settings, port=port, http_port=http_port)
        self._layout.configuration.write_text(text, encoding="utf-8")
        self._prepare_database()
        state = self._launch(port, http_port)
        try:
            _wait_until_ready(state, self._layout.root / "ironic.out")
        except BaseException:
            self.stop()
            raise
        return self._endpoint(state)

    def _launch(self, port: int, http_port: int) -> _State:
        """Start Ironic and the file server from which BMCs fetch what Ironic publishes."""
        username, password = self._credentials()
        root, published = self._layout.root, str(self._layout.published)
        (root / "ironic.out").unlink(missing_ok=True)
        ironic = [str(program(self._directory, "ironic")), *self._config_file()]
        files = [str(program(self._directory, "python")), "-m", "http.server", str(http_port)]
        commands = {
            "ironic": ironic,
            "http": [*files, "--bind", "127.0.0.1", "--directory", published],
        }
        processes: list[Process] = []
        for name, command in commands.items():
            processes.append(launch(command, output=root / f"{name}.out"))
            state = _State(
                url=f"http://127.0.0.1:{port}",
                username=username,
                password=password,
                processes=tuple(processes),
            )
            self._record(state)
        return state

    def _credentials(self) -> tuple[str | None, str | None]:
        if self._settings.authentication is Authentication.NONE:
            return None, None
        username, password = "fleetd", secrets.token_urlsafe(16)
        write_user(self._layout, username, password)
        return username, password

    def _endpoint(self, state: _State) -> IronicEndpoint:
        return IronicEndpoint(
            url=state.url,
            username=state.username,
            password=state.password,
            log=self._layout.log,
            images=self._layout.images,
        )

    def _config_file(self) -> list[str]:
        return ["--config-file", str(self._layout.configuration)]

    def _prepare_database(self) -> None:
        """Make the schema, or bring an existing one up; half of one is thrown away."""
        whole = self._layout.root / "schema-made"
        verb = "upgrade"
        if not whole.exists():
            self._layout.database.unlink(missing_ok=True)
            verb = "create_schema"
        command = [str(program(self._directory, "ironic-dbsync")), *self._config_file(), verb]
        finished = subprocess.run(  # noqa: S603 - our own program with our own arguments
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SCHEMA_TIMEOUT_S,
            check=False,
        )
        if finished.returncode:
            last = (finished.stderr.strip() or finished.stdout.strip()).splitlines()[-1:]
            raise LabError(f"Ironic's database cannot be prepared: {' '.join(last)}")
        # kept in the file: readers and the one writer no longer lock each other out
        with closing(sqlite3.connect(self._layout.database)) as database:
            database.execute("PRAGMA journal_mode = WAL")
        whole.touch()

    @property
    def _state_file(self) -> Path:
        return self._layout.root / "state.json"

    def _record(self, state: _State) -> None:
        """Whole or not at all: what is started must be found again, whenever we are killed."""
        fresh = self._state_file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(asdict(state)), encoding="utf-8")
        fresh.replace(self._state_file)

    def _recorded(self) -> _State | None:
        try:
            recorded = json.loads(self._state_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        processes = tuple(Process(**process) for process in recorded.pop("processes"))
        return _State(**recorded, processes=processes)

    def __enter__(self) -> IronicEndpoint:
        """Start it; it ends with this process, should that be killed meanwhile."""
        endpoint = self.start()
        recorded = self._recorded()
        if recorded is not None:
            self._guard = Guard(recorded.processes)
        return endpoint

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it."""
        if self._guard is not None:
            self._guard.dismiss()
            self._guard = None
        self.stop()

    async def __aenter__(self) -> IronicEndpoint:
        """Start it without holding the event loop; stopped again if the wait is cancelled."""
        starting = asyncio.ensure_future(asyncio.to_thread(self.__enter__))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            await asyncio.wait([starting])
            await asyncio.to_thread(self.__exit__, None, None, None)
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it without holding the event loop."""
        await asyncio.to_thread(self.__exit__, kind, error, trace)


running_ironic: Callable[..., LabIronic] = LabIronic
"""``with running_ironic(directory, state_dir) as ironic:`` reads better than the class."""


def _wait_until_ready(state: _State, output: Path) -> None:
    """Wait until a conductor has registered the Redfish driver."""
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        if not is_running(state.processes[0]) or _has_crashed(output):
            raise LabError(f"Ironic does not start: {_complaint(output)}")
        if _answers(state):
            return
        time.sleep(POLL_S)
    raise LabError(f"Ironic was not ready after {READY_TIMEOUT_S:.0f} s: {_complaint(output)}")


def _has_crashed(output: Path) -> bool:
    """Its worker crashed, and said so to the end; the master would start it again for ever."""
    try:
        text = output.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    told = text.rpartition("Traceback (most recent call last):\n")
    last = told[2].rstrip("\n").rpartition("\n")[2]
    return bool(told[1]) and bool(last) and not last.startswith(" ")


def _answers(state: _State) -> bool:
    request = urllib.request.Request(f"{state.url}/v1/drivers")  # noqa: S310 - our own address
    if state.username is not None:
        credentials = b64encode(f"{state.username}:{state.password}".encode()).decode("ascii")
        request.add_header("Authorization", f"Basic {credentials}")
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_TIMEOUT_S) as response:  # noqa: S310
            return b'"redfish"' in response.read()
    except (OSError, http.client.HTTPException):
        return False


def _complaint(output: Path) -> str:
    """The last thing that was written, which in a Python program is what went wrong."""
    try:
        lines = output.read_bytes()[-TAIL_BYTES:].decode("utf-8", "replace").split("\n")
    except OSError:
        lines = []
    return next((line.strip() for line in reversed(lines) if line.strip()), "it wrote nothing")


def _free_port() -> int:
    """A port that was free a moment ago; a start that loses the race for it is tried again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
