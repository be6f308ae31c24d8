"""fleetctl endpoints: list, add, remove, refresh."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from fleetd.cli.client import Client, Json, segment
from fleetd.cli.failures import Absent, BadInput
from fleetd.cli.operations import finished
from fleetd.cli.output import Column, Format, OutputOption, column, facts, show, table
from fleetd.cli.running import run
from fleetd.cli.times import ago

endpoints_app: Final = typer.Typer(help="Redfish services.", invoke_without_command=True)

COLUMNS: Final = (
    column("ID", "id"),
    column("ADDRESS", "address"),
    column("REACH", "reach"),
    column("DRIVER", "driver"),
    column("CREDENTIAL", "credential"),
    column("SITE", "site"),
    column("SOURCE", "source"),
    Column(title="SEEN", value=ago("last_seen")),
    column("ERROR", "error"),
)
Named = Annotated[str, typer.Argument(help="Its id or address.", metavar="ENDPOINT")]


@endpoints_app.callback()
def endpoints(context: typer.Context, output: OutputOption = Format.TABLE) -> None:
    """List Redfish services, or add, remove or refresh one."""
    if context.invoked_subcommand is not None:
        return
    items = run(context, lambda client: client.items("/v1/endpoints"))
    show(output, items, table(COLUMNS, items))


@endpoints_app.command("add")
def add(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="https://HOST[:PORT]; https if not said.")],
    *,
    credential: Annotated[str | None, typer.Option(help="Name of its credential.")] = None,
    fingerprint: Annotated[
        str | None, typer.Option(help="SHA-256 of its certificate, to pin it.")
    ] = None,
    site: Annotated[str | None, typer.Option(help="Its site.")] = None,
    label: Annotated[
        list[str] | None, typer.Option(help="KEY=VALUE; may be given several times.")
    ] = None,
    output: OutputOption = Format.TABLE,
) -> None:
    """Have a Redfish service remembered and read."""
    body: dict[str, Json] = {
        "address": address,
        "credential": credential,
        "fingerprint": fingerprint.replace(":", "").lower() if fingerprint else None,
        "site": site,
        "labels": dict(_label(text) for text in label or ()),
    }
    added = run(context, lambda client: client.post("/v1/endpoints", body))
    show(output, added, facts((name, added[name]) for name in ("id", "address", "credential")))


@endpoints_app.command("remove")
def remove(context: typer.Context, endpoint: Named) -> None:
    """Have a Redfish service forgotten."""
    run(context, lambda client: _remove(client, endpoint))


@endpoints_app.command("refresh")
def refresh(
    context: typer.Context,
    endpoint: Named,
    wait: Annotated[bool, typer.Option(help="Wait until it has been read.")] = True,
    output: OutputOption = Format.TABLE,
) -> None:
    """Have a Redfish service read now."""
    operation = run(context, lambda client: _refresh(client, endpoint, wait=wait))
    names = ("id", "subject", "state")
    show(output, operation, facts((name, operation[name]) for name in names))


def _label(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise BadInput(f"{text!r} is no label of the form KEY=VALUE")
    return name, value


async def _remove(client: Client, name: str) -> None:
    await client.delete(f"/v1/endpoints/{segment(await _find(client, name))}")


async def _refresh(client: Client, name: str, *, wait: bool) -> Json:
    path = f"/v1/endpoints/{segment(await _find(client, name))}/refresh"
    operation = await client.post(path, None)
    return await finished(client, operation) if wait else operation


async def _find(client: Client, name: str) -> str:
    """The id of the endpoint with that id or address.

    Raises:
        Absent: There's none.
    """
    try:
        return str((await client.get(f"/v1/endpoints/{segment(name)}"))["id"])
    except Absent:
        wanted = _plain(name)
        for endpoint in await client.items("/v1/endpoints"):
            if _plain(endpoint["address"]) == wanted:
                return str(endpoint["id"])
    raise Absent(f"no endpoint has the id or address {name!r}")


def _plain(address: str) -> str:
    text = address if "://" in address else f"https://{address}"
    return text.casefold().rstrip("/").removesuffix(":443")
