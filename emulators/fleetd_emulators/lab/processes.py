"""Processes that outlive the code that started them, known by more than a number that is reused."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

GRACE_S: Final = 5.0
POLL_S: Final = 0.05
_WATCH: Final = """\
read -r _
kill -TERM "$@"
sleep 5
for leader in "$@"; do kill -KILL "-$leader"; done
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A session leader; ``started`` (clock ticks) tells it from a later owner of its number."""

    pid: int
    started: int


def launch(
    command: Sequence[str], *, output: Path, environment: Mapping[str, str] | None = None
) -> Process:
    """Start a program in its own session, its output in a file.

    Raises:
        OSError: It cannot be started.
    """
    opened = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    return _spawn(command, opened, output, environment)


class Guard:
    """Ends processes when this one dies, however it dies; of no effect once it is dismissed.

    A shell waits at a pipe whose other end only this process holds.
    """

    def __init__(self, processes: Sequence[Process]) -> None:
        waits_at, self._held = os.pipe()
        command = ["/bin/sh", "-c", _WATCH, "guard", *(str(one.pid) for one in processes)]
        try:
            self._shell = _spawn(command, (os.POSIX_SPAWN_DUP2, waits_at, 0), Path(os.devnull))
        finally:
            os.close(waits_at)

    def dismiss(self) -> None:
        """Let go of the processes: they are stopped by other means, or live on."""
        _signal(os.kill, self._shell.pid, signal.SIGKILL)
        _reap(self._shell.pid)
        os.close(self._held)


def _spawn(
    command: Sequence[str],
    stdin: tuple[int, ...] | tuple[int, int, str, int, int],
    output: Path,
    environment: Mapping[str, str] | None = None,
) -> Process:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    actions = [
        stdin,
        (os.POSIX_SPAWN_OPEN, 1, str(output), flags, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    variables = os.environ if environment is None else environment
    pid = os.posix_spawn(command[0], list(command), variables, file_actions=actions, setsid=True)
    state = _state(pid)
    return Process(pid=pid, started=state[1] if state else 0)


def is_running(process: Process) -> bool:
    """Whether that very process still runs; one that ended and was not waited for does not."""
    state = _state(process.pid)
    return state is not None and state == (state[0], process.started) and state[0] != "Z"


def stop(processes: Sequence[Process], *, grace_s: float = GRACE_S) -> None:
    """Ask them to end, wait, then kill what is left of their sessions."""
    ours = [process for process in processes if is_running(process)]
    for process in ours:
        _signal(os.kill, process.pid, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while any(is_running(process) for process in ours) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    for process in ours:
        # the leader is not waited for yet, so its number cannot be another group's
        _signal(os.killpg, process.pid, signal.SIGKILL)
    for process in processes:
        _reap(process.pid)


def _signal(send: Callable[[int, int], None], pid: int, number: int) -> None:
    try:
        send(pid, number)
    except ProcessLookupError:
        return


def _reap(pid: int) -> None:
    """Wait for a child of this process; another's child is its parent's business."""
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        return


def _state(pid: int) -> tuple[str, int] | None:
    """State letter and start time from /proc (proc(5)); the name before them may hold anything."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return fields[0], int(fields[19])
