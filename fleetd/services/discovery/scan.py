"""Looking at many addresses with a bounded number of connections and in bounded memory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from fleetd.domain.errors import FleetError
from fleetd.services.discovery.targets import Target


async def answers(address: str, *, timeout_seconds: float) -> bool:
    """Something accepts TCP connections there: the cheap look that spares a TLS handshake.

    A host name that doesn't resolve counts as silent.
    """
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(timeout_seconds):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except (OSError, TimeoutError):
        return False
    writer.transport.abort()
    return True


async def scan(
    targets: Iterable[Target], look: Callable[[Target], Awaitable[None]], *, connections: int
) -> None:
    """Look at every target, ``connections`` at once at most.

    Targets are drawn from the iterable only when a worker is free, so memory doesn't grow with
    the range.

    Raises:
        FleetError: The first that ``look`` raised; the other looks were cancelled.
    """
    source = iter(targets)

    async def work() -> None:
        for target in source:
            await look(target)

    try:
        async with asyncio.TaskGroup() as workers:
            for number in range(connections):
                workers.create_task(work(), name=f"scan-{number}")
    except ExceptionGroup as group:
        known, unknown = group.split(FleetError)
        if unknown is not None or known is None:
            raise
        raise known.exceptions[0] from group
