"""Arrays that show themselves as a ComputerSystem, though nobody can install anything there."""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import is_absent, value
from fleetd.services.inventory.read_walk import Walk

# What a System has that computes, in whatever words and versions.
_COMPUTES: Final = (
    *("Processors", "ProcessorSummary", "Memory", "MemorySummary"),
    *("Bios", "BiosVersion", "Boot"),
)
# What a subsystem has that is cut up and handed out to others.
_HANDED_OUT: Final = ("StoragePools", "StorageGroups", "EndpointGroups", "FileSystems")


def storage_computer(walk: Walk) -> Resource | None:
    """The one System of an array: it has nothing to compute with, and storage for others.

    Seagate's arrays have one beside their storage subsystems (Seagate's tutorials for its Redfish
    services 1 and 2).
    """
    systems = [item for item in walk.of_kind("ComputerSystem") if not is_absent(item.body)]
    if len(systems) != 1 or any(value(systems[0].body, place) for place in _COMPUTES):
        return None
    serves = bool(walk.of_kind("StorageService")) or any(
        place in item.body for item in walk.of_kind("Storage") for place in _HANDED_OUT
    )
    return systems[0] if serves else None


def storage_beside(walk: Walk, computer: Resource) -> tuple[Resource, ...]:
    """The subsystems and services at the endpoint that the array's System doesn't link."""
    own = {item.path for item in walk.linked(computer, "Storage")}
    found = walk.of_kind("StorageService", "Storage")
    return tuple(item for item in found if item.path not in own and not is_absent(item.body))
