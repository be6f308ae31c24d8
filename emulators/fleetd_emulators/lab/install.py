"""Installs OpenStack Ironic into a virtual environment of its own, once, and safely.

A virtual environment cannot be moved, so it is built in place and declared whole by a stamp that is
written last; without the stamp it is thrown away and built again. A file lock lets several
processes ask at once: one builds, the others wait and find it done.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fleetd_emulators.lab.errors import LabError

DEFAULT_DIRECTORY: Final = Path(".lab")
REQUIREMENTS: Final = ("ironic>=39",)
OLDEST_PYTHON: Final = (3, 11)
STAMP: Final = ".installed"
INSTALL_TIMEOUT_S: Final = 1200

Progress = Callable[[str], None]


def report_on_stderr(stage: str) -> None:
    """Tell a person at a terminal (or a build log) what happens now."""
    sys.stderr.write(f"lab: {stage}\n")
    sys.stderr.flush()


def environment(directory: Path) -> Path:
    """Where Ironic's virtual environment lies below the lab's directory."""
    return directory.absolute() / "ironic"


def program(directory: Path, name: str) -> Path:
    """A program of Ironic's virtual environment."""
    return environment(directory) / "bin" / name


def is_installed(directory: Path, *, requirements: Sequence[str] = REQUIREMENTS) -> bool:
    """Whether a whole install of exactly these requirements is there."""
    place = environment(directory)
    return _stamped(place) == _fingerprint(place, requirements)


def install(
    directory: Path = DEFAULT_DIRECTORY,
    *,
    requirements: Sequence[str] = REQUIREMENTS,
    progress: Progress = report_on_stderr,
) -> Path:
    """Make sure that Ironic is installed below ``directory``; returns its virtual environment.

    Takes about half a minute and 320 MB the first time and nothing afterwards.

    Raises:
        LabError: It cannot be installed; says why.
    """
    place = environment(directory)
    fingerprint = _fingerprint(place, requirements)
    if _stamped(place) == fingerprint:
        return place
    if sys.version_info < OLDEST_PYTHON:
        raise LabError("Ironic needs Python 3.11 or newer")
    with _lock(directory.absolute() / "ironic.lock", progress):
        if _stamped(place) != fingerprint:
            _build(place, requirements, progress)
            (place / STAMP).write_text(fingerprint, encoding="ascii")
    return place


def _build(place: Path, requirements: Sequence[str], progress: Progress) -> None:
    shutil.rmtree(place, ignore_errors=True)
    progress("1/3 making a virtual environment for OpenStack Ironic")
    _run([sys.executable, "-m", "venv", str(place)], "cannot make a virtual environment")
    progress(f"2/3 installing {' '.join(requirements)} from the package index (about a minute)")
    pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-input"]
    _run([*pip, "--disable-pip-version-check", *requirements], "cannot install Ironic")
    progress("3/3 checking that Ironic starts")
    _run([str(place / "bin" / "ironic"), "--version"], "Ironic does not start")


def _run(command: Sequence[str], failure: str) -> None:
    try:
        finished = subprocess.run(  # noqa: S603 - our own programs with our own arguments
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALL_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LabError(f"{failure}: {error}") from error
    if finished.returncode:
        raise LabError(f"{failure}: {_last_complaint(finished.stdout, finished.stderr)}")


def _last_complaint(stdout: str, stderr: str) -> str:
    """The line that says most: pip's last ERROR, else the last line at all."""
    lines = [line.strip() for line in (stdout + "\n" + stderr).splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["no reason was given"])[-1]


def _fingerprint(place: Path, requirements: Sequence[str]) -> str:
    """Changes with the requirements, the interpreter, and the place (scripts name it)."""
    facts = [*requirements, str(place), sys.version.split()[0], os.path.realpath(sys.executable)]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def _stamped(place: Path) -> str | None:
    try:
        return (place / STAMP).read_text(encoding="ascii")
    except OSError:
        return None


@contextmanager
def _lock(path: Path, progress: Progress) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                progress("waiting for another install of Ironic to finish")
                fcntl.flock(file, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise LabError(f"cannot write below {path.parent}: {error.strerror}") from error
