"""The fleet's numbers for a scrape, gathered from the store and the Redfish client."""

from __future__ import annotations

from collections import Counter
from typing import Final

from fleetd.domain.endpoint import Reach
from fleetd.domain.enrollment import Standing
from fleetd.redfish.client import RedfishClient
from fleetd.store.database import Database
from fleetd.telemetry.fleet import FleetSnapshot

_PAGE: Final = 1_000


async def snapshot_of(database: Database, client: RedfishClient) -> FleetSnapshot:
    """What there is now."""
    return FleetSnapshot(
        counts=await database.devices.counts(),
        endpoints=await _reaches(database),
        enrollments=await _standings(database),
        sessions_open=client.sessions_open,
        breakers_open=client.breakers_open,
    )


async def _reaches(database: Database) -> Counter[Reach]:
    counts: Counter[Reach] = Counter()
    marker: str | None = None
    while True:
        page = await database.endpoints.endpoints(limit=_PAGE, marker=marker)
        counts.update(endpoint.reach for endpoint in page.items)
        if (marker := page.marker) is None:
            return counts


async def _standings(database: Database) -> Counter[Standing]:
    counts: Counter[Standing] = Counter()
    marker: str | None = None
    while True:
        page = await database.enrollments.enrollments(limit=_PAGE, marker=marker)
        counts.update(one.standing for one in page.items)
        if (marker := page.marker) is None:
            return counts
