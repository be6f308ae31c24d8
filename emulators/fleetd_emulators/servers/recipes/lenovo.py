"""Lenovo ThinkSystem SR650 V3 behind XCC2."""

from __future__ import annotations

from typing import Final

from fleetd_emulators.servers.recipes import bios
from fleetd_emulators.servers.recipes.parts import (
    PLATINUM,
    RAID,
    SAMSUNG,
    SILVER,
    Card,
    Disks,
    Gpu,
    Recipe,
)

LENOVO: Final = Recipe(
    manufacturer="Lenovo",
    model="ThinkSystem SR650 V3",
    sku="7D76CTO1WW",
    part_number="SB27A85474",
    serial_prefix="J30",
    bios_version="ESE124B-3.11",
    bmc_model="Lenovo XClarity Controller 2",
    bmc_version="ESX334M-4.20",
    processors=(PLATINUM, SILVER),
    dimm_slots=tuple(f"DIMM {i}" for i in range(1, 33)),
    dimms=((16, 64), (16, 32), (32, 64)),
    dimm_part=SAMSUNG,
    cards=(
        Card(
            slot="ob-1",
            manufacturer="Intel",
            model="ThinkSystem Intel E810-DA2 10/25GbE SFP28 2-Port OCP",
            part_number="SN37A37990",
            firmware="4.40 0x8001bbbf 1.3534.0",
            ports=2,
        ),
        Card(
            slot="slot-2",
            manufacturer="Mellanox",
            model="ThinkSystem Mellanox ConnectX-6 Lx 10/25GbE SFP28 2-Port PCIe",
            part_number="SN37A48123",
            firmware="26.38.1002",
            ports=2,
        ),
    ),
    disks=(
        Disks(
            slot="RAID_Slot4",
            manufacturer="Lenovo",
            model="ThinkSystem RAID 940-16i 4GB Flash PCIe Gen4 12Gb Adapter",
            firmware="5.260.02-3864",
            raid_types=RAID,
            bay="Drive {number}",
            count=6,
            drive_manufacturer="Samsung",
            drive_model="MZILG1T9HCJRAT3",
            drive_firmware="M2K6",
            capacity_bytes=1_920_383_410_176,
            protocol="SAS",
            mirrored=True,
        ),
    ),
    supply=("DELTA", "LENOVO-SP57A85960", "SP57A85960", "8.21", 1_100),
    supply_bay="Power Supply {number}",
    gpu=Gpu(
        slot="GPU{number}",
        manufacturer="NVIDIA",
        model="NVIDIA A100 80GB PCIe",
        memory_bytes=80 * 2**30,
    ),
    fans=6,
    bios=bios.LENOVO,
)
