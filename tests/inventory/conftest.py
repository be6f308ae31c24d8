"""What inventory tests share."""

from __future__ import annotations

import pytest

from fleetd.driverkit.registry import Registry


@pytest.fixture(scope="session")
def registry() -> Registry:
    """Every driver that is installed."""
    registry = Registry.load()
    assert registry.rejected == ()
    return registry
