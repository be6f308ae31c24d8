"""The processes of the demo's world: the emulated fleet and the lab Ironic."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from fleetd.daemon.demo.place import Place
from fleetd.domain.errors import ConfigError

_EMULATORS_START_S: Final = 120.0
_LAB_START_S: Final = 900.0
_STOP_S: Final = 10.0
_POLL_S: Final = 0.1
_EXTRA: Final = "the demo needs fleetd's extra 'lab': pip install 'fleetd[lab]'"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabIronic:
    """Where the lab's Ironic answers; its password lies in the place's secret ``ironic``."""

    url: str
    username: str | None
    boot_iso: str


@asynccontextmanager
async def emulated_fleet(place: Place) -> AsyncIterator[list[dict[str, Any]]]:
    """Run the emulators; what they say of each BMC.

    Raises:
        ConfigError: They aren't installed, or don't start.
    """
    if find_spec("fleetd_emulators") is None or find_spec("sushy_tools") is None:
        raise ConfigError(_EXTRA)
    place.ready.unlink(missing_ok=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "fleetd_emulators", "serve", str(place.fleet),
        "--ready-file", str(place.ready),
        stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE,
    )  # fmt: skip
    try:
        async with _if_killed("/bin/sh", "-c", 'kill "$1"', "stop", str(process.pid)):
            yield await _ready(process, place.ready)
    finally:
        await _stop(process)


@asynccontextmanager
async def _if_killed(*command: str) -> AsyncIterator[None]:
    """Have the command run should this process die before the context ends, however it dies.

    A shell in a session of its own waits at a pipe whose other end only this process holds.
    """
    guard = await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", 'read -r _; exec "$@"', "guard", *command,
        stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        yield
    finally:
        guard.kill()
        await guard.wait()


async def _ready(process: Process, ready: Path) -> list[dict[str, Any]]:
    try:
        async with asyncio.timeout(_EMULATORS_START_S):
            while not ready.exists():
                if process.returncode is not None:
                    assert process.stderr is not None  # noqa: S101 - it was piped
                    said = (await process.stderr.read()).decode(errors="replace").strip()
                    last = said.splitlines()[-1] if said else f"exit code {process.returncode}"
                    raise ConfigError(f"the emulated fleet doesn't start: {last}")
                await asyncio.sleep(_POLL_S)
    except TimeoutError as error:
        raise ConfigError(f"the emulated fleet isn't up after {_EMULATORS_START_S:g} s") from error
    bmcs: list[dict[str, Any]] = json.loads(ready.read_text(encoding="utf-8"))["bmcs"]
    return bmcs


async def _stop(process: Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(_STOP_S):
            await process.communicate()
    except TimeoutError:
        process.kill()
        await process.communicate()


@asynccontextmanager
async def lab_ironic(place: Place, lab: Path, say: Say) -> AsyncIterator[LabIronic | str]:
    """Install (once) and run a real Ironic, or say in one sentence why there is none."""
    command = [
        sys.executable, "-m", "fleetd_emulators.lab.main",
        "--directory", str(lab), "--state-dir", str(place.ironic),
    ]  # fmt: skip
    try:
        async with _if_killed(*command, "down"):
            try:
                told = json.loads(await _run([*command, "up"], say))
            except (ConfigError, TimeoutError, ValueError) as error:
                yield str(error) or f"Ironic wasn't up after {_LAB_START_S:g} s"
                return
            state = json.loads(Path(told["password_in"]).read_text(encoding="utf-8"))
            if told["username"]:
                place.write_secret("ironic", state["password"])
            yield LabIronic(url=told["url"], username=told["username"], boot_iso=told["boot_iso"])
    finally:
        await _run([*command, "down"], say)


async def _run(command: list[str], say: Say) -> str:
    """Run a command of the lab, passing on what it says meanwhile; its last line of output."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE
    )
    assert process.stdout is not None  # noqa: S101 - both were piped
    assert process.stderr is not None  # noqa: S101
    last = ""
    try:
        async with asyncio.timeout(_LAB_START_S):
            async for line in process.stderr:
                last = line.decode(errors="replace").strip()
                if last:
                    say(last)
            output = (await process.stdout.read()).decode()
            if await process.wait() != 0:
                raise ConfigError(last or f"the lab ended with code {process.returncode}")
    finally:
        await _stop(process)
    return output.strip().splitlines()[-1] if output.strip() else ""
