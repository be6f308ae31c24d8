from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from fleetd_emulators.lab import IronicEndpoint
from tests.support.ironic import IronicProxy, ironic_proxy, ironic_session


@pytest.fixture(scope="session")
def ironic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IronicEndpoint]:
    yield from ironic_session(tmp_path_factory.mktemp("ironic"))


@pytest_asyncio.fixture
async def proxy(ironic: IronicEndpoint) -> AsyncIterator[IronicProxy]:
    async with ironic_proxy(ironic) as before_ironic:
        yield before_ironic
