"""fleetctl driver list, show and explain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from fleetd.cli.client import Client, Json, segment
from fleetd.cli.commands.devices import find_device
from fleetd.cli.output import Format, OutputOption, column, facts, show, table
from fleetd.cli.running import run

driver_app: Final = typer.Typer(help="Drivers and their quirks.", no_args_is_help=True)

COLUMNS: Final = (
    column("NAME", "name"),
    column("TITLE", "title"),
    column("VENDOR", "vendor"),
    column("AXIS", "axis"),
    column("QUIRKS", "quirks", right=True),
)
QUIRK_COLUMNS: Final = (
    column("QUIRK", "id"),
    column("TITLE", "title"),
    column("FLEETD", "action"),
    column("ONLY", "limits"),
    column("SOURCE", "source"),
)
_EXPLAINED: Final = ("driver", "title", "because", "overlay", "generation", "firmware")
_SHOWN: Final = ("name", "title", "vendor", "axis", "generations", "hardware_types")


@driver_app.command("list")
def list_drivers(context: typer.Context, output: OutputOption = Format.TABLE) -> None:
    """List the drivers that are installed."""
    found = run(context, lambda client: client.get("/v1/drivers"))
    show(output, found["items"], table(COLUMNS, found["items"]))


@driver_app.command("show")
def show_driver(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Such as dell.idrac.", metavar="NAME")],
    output: OutputOption = Format.TABLE,
) -> None:
    """Show what a driver claims, and each of its quirks."""
    found = run(context, lambda client: client.get(f"/v1/drivers/{segment(name)}"))
    show(output, found, *_driver(found))


@driver_app.command("explain")
def explain(
    context: typer.Context,
    device: Annotated[str, typer.Argument(help="Its id, name or serial.", metavar="DEVICE")],
    output: OutputOption = Format.TABLE,
) -> None:
    """Tell which driver a device has, why, and which quirks hold for it."""
    found = run(context, lambda client: _explained(client, device))
    show(output, found, *_explanation(found))


async def _explained(client: Client, name: str) -> Json:
    device = await find_device(client, name)
    return await client.get(f"/v1/devices/{segment(device['id'])}/driver")


def _driver(found: Json) -> Iterable[Table | Text]:
    yield facts((name.replace("_", " "), found[name]) for name in _SHOWN)
    yield Text("\nclaims what says", style="bold underline")
    yield Text("\n".join(found["matches"]) or "nothing: it's for what no other driver claims")
    yield Text(f"\nquirks ({len(found['quirks'])})", style="bold underline")
    yield table(QUIRK_COLUMNS, found["quirks"])


def _explanation(found: Json) -> Iterable[Table | Text]:
    yield facts((name, found[name]) for name in _EXPLAINED)
    for name in ("active", "inactive"):
        quirks = found[name]
        if quirks:
            yield Text(f"\n{name} quirks ({len(quirks)})", style="bold underline")
            yield table(QUIRK_COLUMNS, quirks)
