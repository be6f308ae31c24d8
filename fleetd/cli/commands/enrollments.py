"""fleetctl enrollments."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from fleetd.cli.client import Client, Json
from fleetd.cli.operations import finished
from fleetd.cli.output import Column, Format, OutputOption, column, show, table
from fleetd.cli.running import run
from fleetd.cli.times import ago

COLUMNS: Final = (
    column("DEVICE", "device_id"),
    column("STANDING", "standing"),
    column("IRONIC STATE", "provision_state"),
    column("NODE", "node_uuid"),
    column("FAILURES", "failures", right=True),
    Column(title="NEXT TRY", value=ago("retry_at")),
    Column(title="UPDATED", value=ago("updated_at")),
    column("REASON", "reason"),
)


def enrollments(
    context: typer.Context,
    standing: Annotated[str | None, typer.Option(help="Only those of this standing.")] = None,
    reconcile: Annotated[
        bool, typer.Option("--reconcile", help="Bring Ironic and the fleet together first.")
    ] = False,
    output: OutputOption = Format.TABLE,
) -> None:
    """List where devices stand in Ironic."""
    items = run(context, lambda client: _list(client, standing, reconcile=reconcile))
    show(output, items, table(COLUMNS, items))


async def _list(client: Client, standing: str | None, *, reconcile: bool) -> list[Json]:
    if reconcile:
        await finished(client, await client.post("/v1/enrollments/reconcile", {}))
    return await client.items("/v1/enrollments", {"standing": standing} if standing else {})
