"""Work that the service does meanwhile: waiting for its end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

from fleetd.cli.client import Client, Json, segment
from fleetd.cli.failures import Failure

LOOK_EVERY: Final = timedelta(seconds=0.5)


async def finished(client: Client, operation: Json) -> Json:
    """The operation once it has ended.

    Raises:
        Failure: It ended without success.
    """
    path = f"/v1/operations/{segment(operation['id'])}"
    while operation["state"] == "running":
        await asyncio.sleep(LOOK_EVERY.total_seconds())
        operation = await client.get(path)
    if operation["state"] != "succeeded":
        why = operation["error"] or "no reason is given"
        raise Failure(f"{operation['kind']} of {operation['subject']} {operation['state']}: {why}")
    return operation
