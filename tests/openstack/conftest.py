from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from fleetd.config.daemon import IronicAuth
from fleetd.openstack.ironic import Ironic
from fleetd.openstack.session import Access
from fleetd_emulators.lab import IronicEndpoint
from tests.support.enrollment import Calendar, MemoryEnrollments
from tests.support.ironic import IronicProxy, ironic_proxy, ironic_session


@pytest.fixture(scope="session")
def ironic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IronicEndpoint]:
    yield from ironic_session(tmp_path_factory.mktemp("ironic"))


@pytest_asyncio.fixture
async def proxy(ironic: IronicEndpoint) -> AsyncIterator[IronicProxy]:
    async with ironic_proxy(ironic) as before_ironic:
        yield before_ironic


@pytest.fixture
def access(ironic: IronicEndpoint, proxy: IronicProxy) -> Access:
    return Access(
        auth=IronicAuth.HTTP_BASIC,
        url=proxy.url,
        username=ironic.username,
        password=ironic.password,
    )


@pytest_asyncio.fixture
async def bare_metal(access: Access) -> AsyncIterator[Ironic]:
    adapter = Ironic(access, call_timeout_s=20, concurrency=4)
    yield adapter
    adapter.close()


@pytest.fixture
def mark() -> str:
    """What tells this test's nodes from those of the others that share the Ironic."""
    return uuid.uuid4().hex[:8]


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def store() -> MemoryEnrollments:
    return MemoryEnrollments()
