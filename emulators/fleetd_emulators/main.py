"""``fleetd-emulators serve FLEET.yaml``: an emulated fleet until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from fleetd_emulators.fleet import BadFleet, Fleet, changed, load
from fleetd_emulators.rack import Rack, running_fleet

BAD_FLEET: Final = 2
TABLE_ROWS: Final = 60


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives its exit code: 0, 1 where a port is taken, 2 on a bad FLEET.yaml."""
    options = _parser().parse_args(arguments)
    try:
        fleet = _fleet(options)
    except BadFleet as error:
        print(f"fleetd-emulators: {error}", file=sys.stderr)
        return BAD_FLEET
    try:
        asyncio.run(_serve(fleet, options.ready_file))
    except OSError as error:
        print(f"fleetd-emulators: {error}", file=sys.stderr)
        return 1
    finally:
        if options.ready_file is not None:
            options.ready_file.unlink(missing_ok=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fleetd-emulators", description="Emulated Redfish BMCs of a whole rack, on loopback."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run a fleet until SIGTERM or SIGINT")
    serve.add_argument(
        "fleet", type=Path, nargs="?", metavar="FLEET.yaml", help="left out: an empty fleet"
    )
    serve.add_argument(
        "--ready-file",
        type=Path,
        metavar="FILE",
        help="where to write addresses and passwords (mode 0600) once all BMCs answer",
    )
    serve.add_argument(
        "--pace", type=float, metavar="X", help="how long things take: 1 as in life, 0.01 fast"
    )
    serve.add_argument(
        "--light", type=int, metavar="N", help="this many light-weight BMCs, whatever the file says"
    )
    return parser


def _fleet(options: argparse.Namespace) -> Fleet:
    fleet = Fleet() if options.fleet is None else load(options.fleet)
    if options.pace is not None:
        fleet = changed(fleet, pace=options.pace)
    if options.light is not None:
        light = {} if fleet.light is None else fleet.light.model_dump()
        fleet = changed(fleet, light={**light, "count": options.light})
    return fleet


async def _serve(fleet: Fleet, ready_file: Path | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running_fleet(fleet) as rack:
        if ready_file is not None:
            write_ready_file(ready_file, rack)
        console = Console()
        if console.is_terminal:
            console.print(_table(rack))
        await stop.wait()


def write_ready_file(path: Path, rack: Rack) -> None:
    """Write what clients need, whole or not at all, readable by its owner only."""
    # mkstemp makes its files with mode 0600.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(rack.ready(), file)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _table(rack: Rack) -> Table:
    table = Table(title=f"{len(rack.bmcs)} emulated BMCs, admin at {rack.admin_url}")
    for heading in ("name", "kind", "personality", "url", "username", "serial"):
        table.add_column(heading)
    for bmc in rack.bmcs[:TABLE_ROWS]:
        table.add_row(bmc.name, bmc.kind, bmc.personality or "", bmc.url, bmc.username, bmc.serial)
    if len(rack.bmcs) > TABLE_ROWS:
        table.caption = f"and {len(rack.bmcs) - TABLE_ROWS} more"
    return table
