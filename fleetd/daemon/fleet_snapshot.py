"""The fleet's numbers for a scrape, gathered from the store and the Redfish client."""

from __future__ import annotations

from fleetd.redfish.client import RedfishClient
from fleetd.store.database import Database
from fleetd.telemetry.fleet import FleetSnapshot


async def snapshot_of(database: Database, client: RedfishClient) -> FleetSnapshot:
    """What there is now."""
    return FleetSnapshot(
        counts=await database.devices.counts(),
        endpoints=await database.endpoints.reaches(),
        enrollments=await database.enrollments.standings(),
        sessions_open=client.sessions_open,
        breakers_open=client.breakers_open,
    )
