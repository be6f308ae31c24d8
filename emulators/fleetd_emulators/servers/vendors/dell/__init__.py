"""iDRAC 9: a job for everything, a Lifecycle Controller that is not always ready, attributes."""

from __future__ import annotations

from fleetd_emulators.servers.extension import Extension, merged
from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.vendors.dell.attributes import attributes
from fleetd_emulators.servers.vendors.dell.configuration import configuration
from fleetd_emulators.servers.vendors.dell.jobs import jobs
from fleetd_emulators.servers.vendors.dell.staging import staging

__all__ = ["dell"]


def dell(machine: Machine) -> Extension:
    """Everything iDRAC does of its own."""
    return merged(jobs(machine), staging(machine), attributes(machine), configuration(machine))
