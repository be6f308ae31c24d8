"""fleetctl discover: start a discovery and follow it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated, Final, Protocol

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from fleetd.cli.client import Client, Json, segment
from fleetd.cli.failures import Failure
from fleetd.cli.output import Format, OutputOption, console, facts, show
from fleetd.cli.running import run
from fleetd.cli.times import both

FOLLOW_AGAIN: Final = 5
"""How often a stream that broke is taken up again before giving up."""
PAUSE: Final = timedelta(seconds=1)


class Watcher(Protocol):
    """Whom a discovery's progress is told."""

    def __call__(self, run: Json) -> None: ...


def discover(
    context: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(help="Addresses and networks; none: all that is configured."),
    ] = None,
    *,
    credential: Annotated[str | None, typer.Option(help="Name of the credential.")] = None,
    site: Annotated[str | None, typer.Option(help="The site of what is found.")] = None,
    wait: Annotated[bool, typer.Option(help="Follow it to its end.")] = True,
    output: OutputOption = Format.TABLE,
) -> None:
    """Have fleetd look for Redfish services."""
    body = {"targets": targets or [], "credential": credential, "site": site}
    found = run(context, lambda client: _discover(client, body, wait=wait))
    show(output, found, facts(_facts(found)))
    if found["state"] in {"failed", "cancelled"}:
        why = f": {found['error']}" if found["error"] else ""
        raise Failure(f"discovery {found['id']} {found['state']}{why}")


async def _discover(client: Client, body: Json, *, wait: bool) -> Json:
    started = await client.post("/v1/discoveries", body)
    if not wait:
        return started
    try:
        with _watcher() as tell:
            return await _follow(client, started, tell)
    except asyncio.CancelledError:
        sys.stderr.write(f"fleetctl: discovery {started['id']} goes on without being watched\n")
        raise


async def _follow(client: Client, started: Json, tell: Watcher) -> Json:
    """The run at its end; a stream that breaks is taken up again.

    Raises:
        Failure: It broke too often.
    """
    path = f"/v1/discoveries/{segment(started['id'])}"
    for _ in range(FOLLOW_AGAIN):
        async for name, content in client.events(f"{path}/events"):
            if name == "error":
                raise Failure(str(content["detail"]))
            tell(content)
            if name == "done":
                return content
        current = await client.get(path)
        if current["state"] != "running":
            return current
        await asyncio.sleep(PAUSE.total_seconds())
    raise Failure(f"discovery {started['id']} can't be followed; it goes on")


@contextmanager
def _watcher() -> Iterator[Watcher]:
    """A bar on a terminal, a line for each change elsewhere; always on stderr."""
    if not sys.stderr.isatty():
        yield _tell_line
        return
    columns = (
        TextColumn("discovering"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[found]} found, {task.fields[new]} new"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None, found=0, new=0)

        def tell(run: Json) -> None:
            progress.update(
                task,
                total=run["addresses"] or None,
                completed=run["probed"],
                found=run["found"],
                new=run["new"],
            )

        yield tell


def _tell_line(run: Json) -> None:
    sys.stderr.write(
        f"discovery {run['id']} {run['state']}: {run['probed']} of {run['addresses']} addresses, "
        f"{run['found']} found, {run['new']} new\n"
    )


def _facts(run: Json) -> Iterator[tuple[str, object]]:
    for name in ("id", "state", "targets", "addresses", "probed", "found", "new"):
        yield name, run[name]
    yield "outcomes", ", ".join(f"{count} {name}" for name, count in run["outcomes"].items())
    yield "started", both(run["started_at"])
    yield "finished", both(run["finished_at"])
    yield "error", run["error"]
