"""The command ``fleetd-lab``: install, up, down, status."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from fleetd_emulators.lab.errors import LabError
from fleetd_emulators.lab.install import DEFAULT_DIRECTORY, install, is_installed
from fleetd_emulators.lab.ironic import IronicEndpoint, LabIronic
from fleetd_emulators.lab.settings import Authentication, IronicSettings

FAILED = 1


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when what was asked for is so."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except LabError as error:
        sys.stderr.write(f"fleetd-lab: {error}\n")
        return FAILED


def _run(options: argparse.Namespace) -> int:
    directory: Path = options.directory
    settings = IronicSettings(authentication=Authentication(options.auth))
    lab = LabIronic(directory, options.state_dir, settings=settings)
    match options.action:
        case "install":
            sys.stdout.write(f"{install(directory)}\n")
        case "up":
            install(directory)
            _print(lab.endpoint() or lab.start(), directory)
        case "down":
            lab.stop()
        case _:
            endpoint = lab.endpoint()
            _print(endpoint, directory)
            return 0 if endpoint else FAILED
    return 0


def _print(endpoint: IronicEndpoint | None, directory: Path) -> None:
    """Say where Ironic is; the password stays in the state file, readable by its owner only."""
    known: dict[str, object] = {
        "installed": is_installed(directory),
        "running": endpoint is not None,
    }
    if endpoint is not None:
        known |= {"url": endpoint.url, "username": endpoint.username, "log": str(endpoint.log)}
        known["boot_iso"] = endpoint.boot_iso
        known["password_in"] = str(endpoint.log.with_name("state.json"))
    sys.stdout.write(json.dumps(known) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fleetd-lab", description="A real OpenStack Ironic on loopback."
    )
    parser.add_argument("action", choices=("install", "up", "down", "status"))
    parser.add_argument(
        "--directory",
        type=Path,
        default=DEFAULT_DIRECTORY,
        help="where it is installed and keeps its state (default: .lab)",
    )
    parser.add_argument(
        "--state-dir",
        type=Path,
        help="where Ironic keeps its nodes and logs (default: run/ironic in the directory)",
    )
    parser.add_argument(
        "--auth",
        choices=[way.value for way in Authentication],
        default=Authentication.HTTP_BASIC.value,
        help="how Ironic knows its callers (default: http_basic)",
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
