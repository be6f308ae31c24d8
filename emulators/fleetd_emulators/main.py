"""``fleetd-emulators``: an emulated fleet, or captured trees, until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from fleetd_emulators.fleet import BadFleet, Fleet, changed, load
from fleetd_emulators.mockups.command import BadOptions, add_parser, serve_mockups
from fleetd_emulators.mockups.tree import BadTree
from fleetd_emulators.rack import Rack, running_fleet
from fleetd_emulators.stopping import stop_signal, write_ready_file

BAD_INPUT: Final = 2
TABLE_ROWS: Final = 60


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives its exit code: 0, 1 where a port is taken, 2 on bad input."""
    options = _parser().parse_args(arguments)
    try:
        asyncio.run(options.work(options))
    except (BadFleet, BadTree, BadOptions) as error:
        return _complain(error, BAD_INPUT)
    except OSError as error:
        return _complain(error, 1)
    finally:
        if options.ready_file is not None:
            options.ready_file.unlink(missing_ok=True)
    return 0


def _complain(error: Exception, code: int) -> int:
    print(f"fleetd-emulators: {error}", file=sys.stderr)
    return code


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
    serve.set_defaults(work=_serve)
    add_parser(commands).set_defaults(work=serve_mockups)
    return parser


def _fleet(options: argparse.Namespace) -> Fleet:
    fleet = Fleet() if options.fleet is None else load(options.fleet)
    if options.pace is not None:
        fleet = changed(fleet, pace=options.pace)
    if options.light is not None:
        light = {} if fleet.light is None else fleet.light.model_dump()
        fleet = changed(fleet, light={**light, "count": options.light})
    return fleet


async def _serve(options: argparse.Namespace) -> None:
    fleet = _fleet(options)
    stop = stop_signal()
    async with running_fleet(fleet) as rack:
        if options.ready_file is not None:
            write_ready_file(options.ready_file, rack.ready())
        console = Console()
        if console.is_terminal:
            console.print(_table(rack))
        await stop.wait()


def _table(rack: Rack) -> Table:
    table = Table(title=f"{len(rack.bmcs)} emulated BMCs, admin at {rack.admin_url}")
    for heading in ("name", "kind", "personality", "url", "username", "serial"):
        table.add_column(heading)
    for bmc in rack.bmcs[:TABLE_ROWS]:
        table.add_row(bmc.name, bmc.kind, bmc.personality or "", bmc.url, bmc.username, bmc.serial)
    if len(rack.bmcs) > TABLE_ROWS:
        table.caption = f"and {len(rack.bmcs) - TABLE_ROWS} more"
    return table
