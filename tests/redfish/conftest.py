"""A BMC and a client that must leave no session there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from fleetd.redfish.client import RedfishClient
from tests.support.redfish_side import Witness, section
from tests.support.scripted_bmc import ScriptedBmc, running_bmc


@pytest_asyncio.fixture
async def bmc() -> AsyncIterator[ScriptedBmc]:
    async with running_bmc() as one:
        yield one


@pytest_asyncio.fixture
async def witness() -> Witness:
    return Witness()


@pytest_asyncio.fixture
async def client(bmc: ScriptedBmc, witness: Witness) -> AsyncIterator[RedfishClient]:
    async with RedfishClient(section(), observer=witness) as one:
        yield one
    assert not bmc.sessions, "the client left a session behind"
