"""A real OpenStack Ironic on loopback, installed from PyPI beside the project and run on demand.

``install`` makes the virtual environment once; ``running_ironic`` runs one Ironic (all-in-one
process, SQLite, no message broker) for as long as the block lasts. Nothing here proves anything
about disks: servers are deployed as ramdisks, without an agent.
"""

from fleetd_emulators.lab.errors import LabError
from fleetd_emulators.lab.install import DEFAULT_DIRECTORY, install, is_installed
from fleetd_emulators.lab.ironic import IronicEndpoint, LabIronic, running_ironic
from fleetd_emulators.lab.settings import Authentication, IronicSettings

__all__ = [
    "DEFAULT_DIRECTORY",
    "Authentication",
    "IronicEndpoint",
    "IronicSettings",
    "LabError",
    "LabIronic",
    "install",
    "is_installed",
    "running_ironic",
]
