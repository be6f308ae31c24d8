"""What each vendor's BMC does of its own: one module or package a family, by personality.

Facts are from the vendors' guides and from what public clients meet; each names its quirk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.extension import Extension
from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.vendors.ami import ami
from fleetd_emulators.servers.vendors.dell import dell
from fleetd_emulators.servers.vendors.fujitsu import fujitsu
from fleetd_emulators.servers.vendors.hpe import hpe
from fleetd_emulators.servers.vendors.huawei import huawei
from fleetd_emulators.servers.vendors.lenovo import lenovo
from fleetd_emulators.servers.vendors.nvidia import nvidia
from fleetd_emulators.servers.vendors.openbmc import openbmc
from fleetd_emulators.servers.vendors.supermicro import supermicro

_VENDORS: Final[dict[Personality, Callable[[Machine], Extension]]] = {
    Personality.DELL: dell,
    Personality.HPE: hpe,
    Personality.SUPERMICRO: supermicro,
    Personality.LENOVO: lenovo,
    Personality.OPENBMC: openbmc,
    Personality.AMI: ami,
    Personality.NVIDIA: nvidia,
    Personality.FUJITSU: fujitsu,
    Personality.HUAWEI: huawei,
}


def vendor(machine: Machine) -> Extension:
    """What this machine's vendor adds; nothing for a plain one."""
    extend = _VENDORS.get(machine.server.personality)
    return Extension() if extend is None else extend(machine)
