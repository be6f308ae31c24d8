"""HPE ProLiant DL380 Gen11 behind iLO 6."""

from __future__ import annotations

from typing import Final

from fleetd_emulators.servers.recipes import bios
from fleetd_emulators.servers.recipes.parts import (
    GOLD,
    RAID,
    SAMSUNG,
    SILVER,
    Card,
    Disks,
    Gpu,
    Recipe,
)

HPE: Final = Recipe(
    manufacturer="HPE",
    model="ProLiant DL380 Gen11",
    sku="P52534-B21",
    part_number="",
    serial_prefix="CZ2D",
    bios_version="U54 v2.16 (03/01/2024)",
    bmc_model="iLO 6",
    bmc_version="1.58",
    processors=(GOLD, SILVER),
    dimm_slots=tuple(f"PROC {p} DIMM {d}" for p in (1, 2) for d in range(1, 17)),
    dimms=((16, 32), (32, 64), (8, 32)),
    dimm_part=SAMSUNG,
    cards=(
        Card(
            slot="OCP Slot 14",
            manufacturer="Broadcom",
            model="BCM57412 NetXtreme-E 10Gb 2-port SFP+ OCP3",
            part_number="P26256-001",
            firmware="229.1.123.0",
            ports=2,
            speed_mbps=10_000,
        ),
        Card(
            slot="PCI-E Slot 1",
            manufacturer="Mellanox",
            model="HPE Ethernet 25Gb 2-port SFP28 MCX631102AS Adapter",
            part_number="P42041-001",
            firmware="26.38.1002",
            ports=2,
        ),
    ),
    disks=(
        Disks(
            slot="Slot=12",
            manufacturer="HPE",
            model="HPE MR416i-o Gen11",
            firmware="52.26.3-5379",
            raid_types=RAID,
            bay="Slot=12:Port=1:Box=1:Bay={number}",
            count=4,
            drive_manufacturer="HPE",
            drive_model="MO003200YXAVH",
            drive_firmware="HPK3",
            capacity_bytes=3_200_631_791_616,
            mirrored=True,
        ),
    ),
    supply=("HPE", "865414-B21", "865431-001", "1.00", 800),
    supply_bay="HpeServerPowerSupply {number}",
    gpu=Gpu(
        slot="PCI-E-Slot-{number}",
        manufacturer="NVIDIA",
        model="NVIDIA L40S",
        memory_bytes=48 * 2**30,
    ),
    fans=6,
    bios=bios.HPE,
)
