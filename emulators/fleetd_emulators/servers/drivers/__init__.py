"""sushy-tools' drivers over one machine: how its Flask application sees and changes a server.

The interface is sushy-tools' own (``sushy_tools.emulator.resources``); the identities it passes
are the ids of the server's personality.
"""

from __future__ import annotations

from dataclasses import dataclass

from fleetd_emulators.servers.drivers.media import VirtualMedia
from fleetd_emulators.servers.drivers.storage import LogicalDrives, Storage
from fleetd_emulators.servers.drivers.surroundings import Chassis, Indicators, Managers
from fleetd_emulators.servers.drivers.systems import Systems
from fleetd_emulators.servers.machine import Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Every driver of one BMC, by the names sushy-tools' application has for them."""

    systems: Systems
    managers: Managers
    chassis: Chassis
    indicators: Indicators
    storage: Storage
    drives: Storage
    volumes: LogicalDrives
    vmedia: VirtualMedia


def bench(machine: Machine) -> Bench:
    """The drivers over a machine."""
    systems, storage = Systems(machine), Storage(machine)
    return Bench(
        systems=systems,
        managers=Managers(machine),
        chassis=Chassis(machine),
        indicators=Indicators(machine),
        storage=storage,
        drives=storage,
        volumes=LogicalDrives(machine, systems),
        vmedia=VirtualMedia(machine),
    )
