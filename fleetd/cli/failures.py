"""How fleetctl fails: one line on stderr and an exit code that scripts can rely on."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What fleetctl's exit code says."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    NOT_FOUND = 3
    REFUSED = 4
    INTERRUPTED = 130
    BROKEN_PIPE = 141


class Failure(Exception):
    """It did not work: the service can't be reached, is in trouble, or the work failed."""

    exit_code: ClassVar[ExitCode] = ExitCode.FAILURE


class BadInput(Failure):
    """What was given on the command line is wrong."""

    exit_code = ExitCode.USAGE


class Absent(Failure):
    """What was named doesn't exist."""

    exit_code = ExitCode.NOT_FOUND


class Denied(Failure):
    """The token is missing, wrong, or has too low a role."""

    exit_code = ExitCode.REFUSED


class ReaderGone(Failure):
    """Whoever read the output has gone, as head(1) does."""

    exit_code = ExitCode.BROKEN_PIPE
