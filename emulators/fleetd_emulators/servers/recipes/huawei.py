"""A FusionServer 2288H V5 behind iBMC."""

from __future__ import annotations

from typing import Final

from fleetd_emulators.servers.recipes import bios
from fleetd_emulators.servers.recipes.parts import RAID, SAMSUNG, SILVER, Card, Disks, Gpu, Recipe

HUAWEI: Final = Recipe(
    manufacturer="Huawei",
    model="2288H V5",
    sku="02312BSB",
    part_number="02312BSB",
    serial_prefix="2102",
    bios_version="0.83",
    bmc_model="iBMC",
    bmc_version="3.63",
    processors=(SILVER,),
    dimm_slots=tuple(f"mainboardDIMM{p}{c}0" for p in "01" for c in "012345"),
    dimms=((6, 32), (12, 32)),
    dimm_part=SAMSUNG,
    cards=(
        Card(
            slot="mainboardLOM",
            manufacturer="Huawei",
            model="LOM",
            part_number="X722",
            firmware="3.33",
            ports=2,
            speed_mbps=10_000,
        ),
    ),
    disks=(
        Disks(
            slot="RAIDStorage0",
            manufacturer="Huawei",
            model="SR430C-M 2G (LSI3108)",
            firmware="4.650.00-6121",
            raid_types=RAID,
            bay="HDDPlaneDisk{number}",
            count=4,
            drive_manufacturer="SEAGATE",
            drive_model="ST1200MM0009",
            drive_firmware="N003",
            capacity_bytes=1_200_243_695_616,
            protocol="SAS",
        ),
    ),
    supply=("Huawei", "HPS900", "02131336", "DC:109 PFC:107", 900),
    supply_bay="PS{number}",
    gpu=Gpu(slot="GPU{number}", manufacturer="NVIDIA", model="Tesla T4", memory_bytes=16 * 2**30),
    fans=4,
    bios=bios.HUAWEI,
)
