"""fleetctl devices, fleetctl device show."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from fleetd.cli.client import Client, Json, segment
from fleetd.cli.failures import Absent, BadInput
from fleetd.cli.output import Column, Format, OutputOption, cell, column, facts, show, table
from fleetd.cli.running import run
from fleetd.cli.times import ago, both

device_app: Final = typer.Typer(help="One device.", no_args_is_help=True)

DEVICE_COLUMNS: Final = (
    column("ID", "id"),
    column("KIND", "kind"),
    column("NAME", "name"),
    column("MANUFACTURER", "manufacturer"),
    column("MODEL", "model"),
    column("SERIAL", "serial"),
    column("STATE", "state"),
    column("HEALTH", "health"),
    column("POWER", "power_state"),
    Column(title="SEEN", value=ago("last_seen")),
)
COMPONENT_COLUMNS: Final = (
    column("NAME", "name"),
    column("MODEL", "model"),
    column("SERIAL", "serial"),
    column("FIRMWARE", "firmware_version"),
    column("HEALTH", "health"),
    Column(title="DETAILS", value=lambda part: _details(part["attributes"])),
)
PART_COLUMNS: Final = (
    Column(title="SLOT", value=lambda device: device["placement"]["slot"]),
    *DEVICE_COLUMNS,
)
HISTORY_COLUMNS: Final = (
    Column(title="WHEN", value=lambda change: both(change["at"])),
    column("WHAT", "kind"),
    column("SUBJECT", "subject"),
    column("FIELD", "field"),
    column("FROM", "before"),
    column("TO", "after"),
)

_FACTS: Final = (
    *("id", "kind", "name", "state", "state_reason", "health", "power_state"),
    *("manufacturer", "model", "serial", "uuid", "macs", "sku", "part_number", "asset_tag"),
    *("hostname", "architecture", "bios_version", "bmc_version", "vendor", "driver"),
    *("endpoint_id", "part_of", "replaces", "stale"),
)

Filter = Annotated[str | None, typer.Option()]


def devices(  # noqa: PLR0913, PLR0917 - an option for each filter of the API
    context: typer.Context,
    kind: Filter = None,
    state: Filter = None,
    vendor: Filter = None,
    driver: Filter = None,
    health: Filter = None,
    power_state: Filter = None,
    site: Filter = None,
    rack: Filter = None,
    endpoint: Annotated[str | None, typer.Option(help="Id of the endpoint.")] = None,
    part_of: Annotated[
        str | None, typer.Option(help="Id, name or serial of the device that holds them.")
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", "-q", help="Part of the name or serial.")
    ] = None,
    output: OutputOption = Format.TABLE,
) -> None:
    """List devices; every filter that is given must hold."""
    asked = {
        "kind": kind,
        "state": state,
        "vendor": vendor,
        "driver": driver,
        "health": health,
        "power_state": power_state,
        "site": site,
        "rack": rack,
        "endpoint": endpoint,
        "q": text,
    }
    query = {name: value for name, value in asked.items() if value is not None}
    items = run(context, lambda client: _listed(client, query, part_of))
    show(output, items, table(DEVICE_COLUMNS, items))


async def _listed(client: Client, query: Mapping[str, str], part_of: str | None) -> list[Json]:
    if part_of is None:
        return await client.items("/v1/devices", query)
    holder = await find_device(client, part_of)
    return await client.items("/v1/devices", {**query, "part_of": holder["id"]})


@device_app.command("show")
def show_device(
    context: typer.Context,
    device: Annotated[str, typer.Argument(help="Its id, name or serial.", metavar="DEVICE")],
    history: Annotated[bool, typer.Option("--history", help="And what changed.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Only the Redfish documents.")] = False,
    output: OutputOption = Format.TABLE,
) -> None:
    """Show a device with its components."""
    if raw:
        documents = run(context, lambda client: _raw(client, device))
        # JSON has no table form.
        form = Format.JSON if output is Format.TABLE else output
        show(form, documents)
        return
    found = run(context, lambda client: _whole(client, device, history=history))
    show(output, found, *_shapes(found))


async def find_device(client: Client, name: str) -> Json:
    """The device with that id, or the only one with that name or serial.

    Raises:
        Absent: There's none.
        BadInput: There are several.
    """
    try:
        return await client.get(f"/v1/devices/{segment(name)}")
    except Absent:
        candidates = await client.items("/v1/devices", {"q": name})
    wanted = name.casefold()
    found = [
        item for item in candidates if wanted in {_folded(item["name"]), _folded(item["serial"])}
    ]
    if not found:
        raise Absent(f"no device has the id, name or serial {name!r}")
    if len(found) > 1:
        ids = ", ".join(item["id"] for item in found)
        raise BadInput(f"several devices are called {name!r}, name one by its id: {ids}")
    return found[0]


def _folded(text: str | None) -> str:
    return (text or "").casefold()


async def _whole(client: Client, name: str, *, history: bool) -> Json:
    device = await find_device(client, name)
    path = f"/v1/devices/{segment(device['id'])}"
    whole = {
        **device,
        "components": (await client.get(f"{path}/components"))["items"],
        "parts": await client.items("/v1/devices", {"part_of": device["id"]}),
    }
    if history:
        whole["history"] = await client.items(f"{path}/history")
    return whole


async def _raw(client: Client, name: str) -> Json:
    device = await find_device(client, name)
    return (await client.get(f"/v1/devices/{segment(device['id'])}/raw"))["documents"]


def _shapes(device: Json) -> Iterable[Table | Text]:
    yield facts(_facts(device))
    parts = sorted(device["components"], key=lambda part: str(part["kind"]))
    for kind, group in itertools.groupby(parts, key=lambda part: str(part["kind"])):
        yield Text("")
        members = list(group)
        yield Text(f"{kind.replace('_', ' ')} ({len(members)})", style="bold underline")
        yield table(COMPONENT_COLUMNS, members)
    if device["parts"]:
        yield Text(f"\nits devices ({len(device['parts'])})", style="bold underline")
        yield table(PART_COLUMNS, device["parts"])
    if "history" in device:
        yield Text("\nhistory", style="bold underline")
        yield table(HISTORY_COLUMNS, device["history"])


def _facts(device: Json) -> Iterable[tuple[str, object]]:
    place = device["placement"]
    for name in _FACTS:
        yield name.replace("_", " "), device[name]
    yield "place", " / ".join(f"{name} {value}" for name, value in place.items() if value)
    yield "first seen", both(device["first_seen"])
    yield "last seen", both(device["last_seen"])


def _details(attributes: Mapping[str, Json]) -> str:
    return " ".join(f"{name}={_short(name, value)}" for name, value in attributes.items())


def _short(name: str, value: Json) -> str:
    if name.endswith("_bytes") and isinstance(value, int):
        return _size(value)
    return str(cell(value)) if not isinstance(value, dict) else json.dumps(value)


def _size(count: int) -> str:
    amount = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024:  # noqa: PLR2004 - the next unit begins
            return f"{amount:.4g}{unit}"
        amount /= 1024
    return f"{amount:.4g}TiB"
