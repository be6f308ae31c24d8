"""What the models of the catalogue are built of; facts from the vendors' data sheets."""

from __future__ import annotations

from typing import Final

from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.recipes.ami import AMI
from fleetd_emulators.servers.recipes.dell import DELL
from fleetd_emulators.servers.recipes.fujitsu import FUJITSU
from fleetd_emulators.servers.recipes.generic import GENERIC
from fleetd_emulators.servers.recipes.hpe import HPE
from fleetd_emulators.servers.recipes.huawei import HUAWEI
from fleetd_emulators.servers.recipes.lenovo import LENOVO
from fleetd_emulators.servers.recipes.nvidia import NVIDIA
from fleetd_emulators.servers.recipes.openbmc import OPENBMC
from fleetd_emulators.servers.recipes.parts import ALTRA, Card, Disks, Recipe
from fleetd_emulators.servers.recipes.supermicro import SUPERMICRO

__all__ = ["ALTRA", "RECIPES", "Card", "Disks", "Recipe"]

RECIPES: Final[dict[Personality, Recipe]] = {
    Personality.DELL: DELL,
    Personality.HPE: HPE,
    Personality.SUPERMICRO: SUPERMICRO,
    Personality.LENOVO: LENOVO,
    Personality.OPENBMC: OPENBMC,
    Personality.AMI: AMI,
    Personality.NVIDIA: NVIDIA,
    Personality.FUJITSU: FUJITSU,
    Personality.HUAWEI: HUAWEI,
    Personality.GENERIC: GENERIC,
}
