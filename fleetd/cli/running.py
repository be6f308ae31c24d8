"""One command's run: a client for as long as it lasts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer

from fleetd.cli.client import Client
from fleetd.cli.connection import Connection

T = TypeVar("T")


def run(context: typer.Context, work: Callable[[Client], Awaitable[T]]) -> T:
    """Do the work with a client of the connection that the command line names."""
    connection = context.find_object(Connection)
    assert connection is not None  # noqa: S101 - the root callback always sets it

    async def go() -> T:
        async with Client(connection) as client:
            return await work(client)

    return asyncio.run(go())
