"""The state directory: made where it's missing, and held by one process at a time."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fleetd.domain.errors import ConfigError, Conflict

LOCK_NAME: Final = "fleetd.lock"
_TAKEN: Final = frozenset({errno.EACCES, errno.EAGAIN})


@contextmanager
def held(directory: Path) -> Iterator[None]:
    """Hold the state directory until the context, or this process, ends.

    Two daemons on one state would both sweep, log in and enroll: two wrong logins at a BMC where
    one is allowed. The kernel frees the lock when its holder is killed, so nothing has to be
    cleaned up after that; the file stays, and only says who was the last.

    Raises:
        ConfigError: The directory can't be made or used.
        Conflict: Another process holds it.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"daemon.state_directory: {directory} can't be made: {error.strerror}"
        ) from error
    path = directory / LOCK_NAME
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(
            f"daemon.state_directory: {path} can't be opened: {error.strerror}"
        ) from error
    try:
        _lock(descriptor, directory)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, directory: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _TAKEN:
            raise ConfigError(
                f"daemon.state_directory: {directory} can't be locked: {error.strerror}"
            ) from error
        holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
        raise Conflict(
            f"{directory} is in use by another fleetd{f' (process {holder})' if holder else ''}: "
            "stop that one, or give this one a daemon.state_directory of its own"
        ) from None
