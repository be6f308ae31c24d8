"""A fleet of fakes, and the API over it with and without tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from tests.support.api_server import TOKENS, serve_api
from tests.support.fakes import FakeFleet, fake_fleet


@pytest.fixture
def fleet() -> FakeFleet:
    return fake_fleet()


@pytest_asyncio.fixture
async def client(fleet: FakeFleet) -> AsyncIterator[aiohttp.ClientSession]:
    """Everybody is admin."""
    async with serve_api(fleet) as url, aiohttp.ClientSession(url) as session:
        yield session


@pytest_asyncio.fixture
async def guarded(fleet: FakeFleet) -> AsyncIterator[aiohttp.ClientSession]:
    """Tokens are needed, and this session has none by itself."""
    async with serve_api(fleet, tokens=TOKENS) as url, aiohttp.ClientSession(url) as session:
        yield session
