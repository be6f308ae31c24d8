"""``fleetd-emulators mockup DIR...``: captured trees on the network until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fleetd_emulators.mockups.serve import Access, Mockup, Wish, running_mockups
from fleetd_emulators.mockups.tree import find_trees
from fleetd_emulators.stopping import stop_signal, write_ready_file

if TYPE_CHECKING:
    from argparse import _SubParsersAction

_HIGHEST_PORT: Final = 65_535


class BadOptions(Exception):
    """Options that don't fit together, told in one line."""


def add_parser(
    commands: _SubParsersAction[argparse.ArgumentParser],
) -> argparse.ArgumentParser:
    """Declare the command and its options."""
    parser = commands.add_parser(
        "mockup",
        help="serve captured trees, read-only, until SIGTERM or SIGINT",
        description="Serve captured Redfish trees (DMTF's mockup layout) over HTTP as they are. "
        "Without --basic and --session anybody may read, and any login is let in.",
    )
    parser.add_argument(
        "directories", type=Path, nargs="+", metavar="DIR", help="a tree, or a folder of trees"
    )
    parser.add_argument(
        "--listen",
        default="127.0.0.1",
        metavar="ADDR[:PORT]",
        help="several trees take the ports from PORT on; without PORT each takes a free one",
    )
    parser.add_argument("--tls", action="store_true", help="HTTPS with a self-signed certificate")
    parser.add_argument("--basic", action="store_true", help="demand Basic authentication")
    parser.add_argument("--session", action="store_true", help="demand a session")
    parser.add_argument("--username", default="admin", metavar="NAME")
    parser.add_argument(
        "--password-file", type=Path, metavar="FILE", help="whose first line is the password"
    )
    parser.add_argument(
        "--ready-file", type=Path, metavar="FILE", help="where to write the addresses (JSON)"
    )
    return parser


def wish_of(options: argparse.Namespace) -> Wish:
    """What the options ask for.

    Raises:
        BadOptions: They don't fit together, or the password can't be read.
    """
    address, _, port = options.listen.partition(":")
    if not address or (port and not (port.isdecimal() and int(port) <= _HIGHEST_PORT)):
        raise BadOptions(f"--listen takes ADDR[:PORT], not {options.listen!r}")
    return Wish(address=address, port=int(port or 0), tls=options.tls, access=_access(options))


def _access(options: argparse.Namespace) -> Access | None:
    if not options.basic and not options.session:
        if options.password_file is not None:
            raise BadOptions("--password-file needs --basic, --session or both")
        return None
    if options.password_file is None:
        raise BadOptions("--basic and --session need --password-file")
    try:
        lines = options.password_file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadOptions(f"{options.password_file} can't be read: {error}") from error
    if not lines or not lines[0]:
        raise BadOptions(f"{options.password_file} holds no password")
    return Access(
        username=options.username,
        password=lines[0],
        basic=options.basic,
        sessions=options.session,
    )


async def serve_mockups(options: argparse.Namespace) -> None:
    """Serve until told to stop; say where each tree is, to people and in the ready file.

    Raises:
        BadOptions, BadTree: What was asked for can't be served.
        OSError: An address isn't ours or a port is taken.
    """
    wish, trees = wish_of(options), find_trees(options.directories)
    if wish.port + len(trees) - 1 > _HIGHEST_PORT:
        raise BadOptions(f"{len(trees)} trees need more ports than there are from {wish.port} on")
    stop = stop_signal()
    async with running_mockups(trees, wish) as served:
        if options.ready_file is not None:
            write_ready_file(options.ready_file, {"mockups": [one.as_json() for one in served]})
        _say(served)
        await stop.wait()


def _say(served: tuple[Mockup, ...]) -> None:
    width = max(len(one.name) for one in served)
    for one in served:
        sys.stdout.write(f"{one.name:{width}}  {one.resources:6} resources  {one.url}\n")
    sys.stdout.flush()
