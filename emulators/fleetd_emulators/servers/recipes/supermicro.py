"""Supermicro X13 board in a 2U chassis."""

from __future__ import annotations

from typing import Final

from fleetd_emulators.servers.recipes import bios
from fleetd_emulators.servers.recipes.parts import GOLD, H100, SILVER, Card, Disks, Gpu, Recipe

SUPERMICRO: Final = Recipe(
    manufacturer="Supermicro",
    model="SYS-621C-TN12R",
    sku="To be filled by O.E.M.",
    part_number="SYS-621C-TN12R",
    serial_prefix="S51",
    bios_version="2.1",
    bmc_model="ASPEED",
    bmc_version="01.03.18",
    processors=(SILVER, GOLD),
    dimm_slots=tuple(f"P{p}-DIMM{c}1" for p in (1, 2) for c in "ABCDEFGH"),
    dimms=((8, 32), (16, 32), (16, 64)),
    dimm_part=("SK Hynix", "HMCG84AGBRA190N"),
    cards=(
        Card(
            slot="AOC-A25G-b2SM",
            manufacturer="Broadcom",
            model="AOC-A25G-b2SM",
            part_number="AOC-A25G-b2SM",
            firmware="226.0.145.0",
            ports=2,
        ),
    ),
    disks=(
        Disks(
            slot="NVMeSSD",
            manufacturer="Supermicro",
            model="NVMe SSD",
            firmware="1.0",
            raid_types=(),
            bay="Disk.Bay.{number}",
            count=4,
            drive_manufacturer="Micron",
            drive_model="Micron_7450_MTFDKCC3T8TFR",
            drive_firmware="E2MU200",
            capacity_bytes=3_840_755_982_336,
        ),
    ),
    supply=("SUPERMICRO", "PWS-1K23A-1R", "PWS-1K23A-1R", "1.1", 1_200),
    supply_bay="Power Supply Bay {number}",
    gpu=Gpu(
        slot="GPU{number}",
        manufacturer="NVIDIA Corporation",
        model=H100,
        memory_bytes=80 * 2**30,
    ),
    fans=4,
    bios=bios.SUPERMICRO,
)
