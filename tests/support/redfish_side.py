"""What tests of the Redfish client share beside the BMC: credentials, settings, a witness."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from fleetd.config.redfish import RedfishSection, TlsSection, Trust
from fleetd.domain.ports import Credential
from fleetd.redfish.client import RedfishClient
from fleetd.redfish.connection import Connection
from fleetd.redfish.traits import STANDARD, ConnectionTraits
from tests.support.scripted_bmc import PASSWORD, USERNAME, ScriptedBmc

RIGHT = Credential(name="site-a", username=USERNAME, password=PASSWORD)
WRONG = Credential(name="site-b", username=USERNAME, password="not-the-password")
ANY_CERTIFICATE = TlsSection(trust=Trust.NONE)


class Witness:
    """Keeps every observation."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, str]] = []

    def observe(self, driver: str, method: str, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        self.seen.append((driver, method, outcome))


def section(**settings: Any) -> RedfishSection:
    """Defaults with waits short enough for tests."""
    quick = {
        "retry_ceiling": timedelta(milliseconds=20),
        "request_timeout": timedelta(seconds=5),
        "connect_timeout": timedelta(seconds=2),
    }
    return RedfishSection(**{**quick, **settings})


def connect_to(
    client: RedfishClient,
    bmc: ScriptedBmc,
    *,
    credential: Credential = RIGHT,
    tls: TlsSection = ANY_CERTIFICATE,
    fingerprint: str | None = None,
    traits: ConnectionTraits = STANDARD,
) -> Connection:
    return client.connect(
        bmc.address,
        credential=credential,
        tls=tls,
        fingerprint=fingerprint,
        traits=traits,
        driver="generic",
    )


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that happens in another task, at most 5 s."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - the BMC has no event for everything
            await asyncio.sleep(0.005)
