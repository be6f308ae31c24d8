"""What each vendor's BMC does of its own: one module or package a family, by personality.

Facts are from the vendors' guides and from what public clients meet; each names its quirk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.extension import Extension
from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.vendors.dell import dell

_VENDORS: Final[dict[Personality, Callable[[Machine], Extension]]] = {
    Personality.DELL: dell,
}


def vendor(machine: Machine) -> Extension:
    """What this machine's vendor adds; nothing for a plain one."""
    extend = _VENDORS.get(machine.server.personality)
    return Extension() if extend is None else extend(machine)
