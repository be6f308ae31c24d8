"""The tools' own virtual environment, and the schemas that one of them needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

REQUIREMENTS: Final = (
    "redfish-service-validator>=3.1.8",
    "redfish-protocol-validator>=1.3.2",
    "redfish-use-case-checkers>=2.1.1",
    "redfish-utilities>=3.5.2",
)
STAMP: Final = ".installed"
INSTALL_TIMEOUT_S: Final = 900
DOWNLOAD_TIMEOUT_S: Final = 120
# A schema that every bundle of DSP8010 has.
ANY_SCHEMA: Final = "ServiceRoot_v1.xml"

# The validator's own download of DSP8010, without its check of a service.
_DOWNLOAD: Final = (
    "import sys, logging; from redfish_service_validator import logger, schema_pack; "
    "logger.logger = logging.getLogger(); schema_pack.update_dsp8010_files(sys.argv[1], None)"
)


class NotInstallable(Exception):
    """The tools cannot be had; the message says why, for a person."""


def install(directory: Path) -> Path:
    """Make sure that the tools are installed in ``directory``; gives their programs' folder.

    Raises:
        NotInstallable: With pip's last complaint.
    """
    programs = directory.absolute() / "bin"
    wanted = json.dumps([REQUIREMENTS, sys.version])
    stamp = directory / STAMP
    if stamp.is_file() and stamp.read_text() == wanted:
        return programs
    _run([sys.executable, "-m", "venv", str(directory)])
    _run([str(programs / "python"), "-m", "pip", "install", "--quiet", *REQUIREMENTS])
    stamp.write_text(wanted)
    return programs


def installed(directory: Path) -> bool:
    """Whether the tools have been installed in ``directory``."""
    return (directory / STAMP).is_file()


def schemas(programs: Path, directory: Path) -> Path | None:
    """DSP8010's CSDL files in ``directory``, fetched from DMTF where they lack; None without."""
    if not (directory / ANY_SCHEMA).is_file():
        directory.mkdir(parents=True, exist_ok=True)
        _run_quietly([str(programs / "python"), "-c", _DOWNLOAD, str(directory)])
    return directory.absolute() if (directory / ANY_SCHEMA).is_file() else None


def version_of(schemas: Path) -> str:
    """Which bundle of DSP8010 it is, by its newest copyright or its info.json."""
    info = schemas / "info.json"
    if info.is_file():
        return str(json.loads(info.read_text())["version"])
    return f"{sum(1 for _ in schemas.glob('*.xml'))} schema files"


def _run(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - our own programs with our own arguments
            command, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstallable(str(error)) from error
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise NotInstallable(lines[-1] if lines else f"{command[0]} failed")


def _run_quietly(command: Sequence[str]) -> None:
    subprocess.run(  # noqa: S603 - our own programs with our own arguments
        command, capture_output=True, timeout=DOWNLOAD_TIMEOUT_S, check=False, env=dict(os.environ)
    )
