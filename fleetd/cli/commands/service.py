"""fleetctl manifest, metrics and version."""

from __future__ import annotations

import sys
from typing import Final

import typer

from fleetd import __version__
from fleetd.cli.failures import ReaderGone
from fleetd.cli.output import Format, OutputOption, column, facts, show, table
from fleetd.cli.running import run

MANIFEST_COLUMNS: Final = (
    column("PRESENCE", "presence"),
    column("NAME", "name"),
    column("DEVICE", "device_id"),
    column("EXPECTED SERIAL", "expected", "serial"),
    column("EXPECTED MAC", "expected", "mac"),
    column("EXPECTED ADDRESS", "expected", "address"),
    column("BECAUSE", "because"),
)


def manifest(context: typer.Context, output: OutputOption = Format.TABLE) -> None:
    """Compare the devices that were expected with those that were found."""
    items = run(context, lambda client: client.get("/v1/manifest"))["items"]
    show(output, items, table(MANIFEST_COLUMNS, items))


def metrics(context: typer.Context) -> None:
    """Print the metrics in Prometheus' text format."""
    content = run(context, lambda client: client.read("/metrics"))
    try:
        sys.stdout.write(content.decode("utf-8"))
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise ReaderGone from error


def show_version(context: typer.Context, output: OutputOption = Format.TABLE) -> None:
    """Show the versions of fleetctl and of the fleetd that it asks."""
    server = run(context, lambda client: client.get("/v1"))
    versions = {"fleetctl": __version__, "fleetd": server["version"], "api": server["api"]}
    show(output, versions, facts(versions.items()))
