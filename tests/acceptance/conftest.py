from __future__ import annotations

from collections.abc import Iterator

import pytest

from fleetd_emulators.lab import IronicEndpoint
from tests.support.enrolling import Cloud, proxied
from tests.support.ironic import IronicProxy, ironic_session


@pytest.fixture(scope="session")
def ironic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IronicEndpoint]:
    yield from ironic_session(tmp_path_factory.mktemp("ironic"))


@pytest.fixture
def proxy(ironic: IronicEndpoint) -> Iterator[IronicProxy]:
    with proxied(ironic) as before_ironic:
        yield before_ironic


@pytest.fixture
def cloud(ironic: IronicEndpoint) -> Cloud:
    return Cloud(ironic=ironic)
