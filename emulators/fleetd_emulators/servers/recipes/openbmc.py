"""An ODM's board behind OpenBMC."""

from __future__ import annotations

from typing import Final

from fleetd_emulators.servers.recipes import bios
from fleetd_emulators.servers.recipes.parts import EPYC, HYNIX, Card, Disks, Gpu, Recipe

OPENBMC: Final = Recipe(
    manufacturer="Quanta Cloud Technology Inc.",
    model="QuantaGrid S74G-2U",
    sku="S74G-2U",
    part_number="1S74GZZ000A",
    serial_prefix="QTFCOU",
    bios_version="3A10.F1",
    bmc_model="OpenBmc",
    bmc_version="2.15.0",
    processors=(EPYC,),
    dimm_slots=tuple(f"DIMM_{c}1" for c in "ABCDEFGHIJKL"),
    dimms=((12, 32), (12, 64), (8, 32)),
    dimm_part=HYNIX,
    cards=(
        Card(
            slot="NIC0",
            manufacturer="NVIDIA",
            model="ConnectX-6 Lx",
            part_number="MCX631432AN",
            firmware="26.40.1000",
            ports=2,
        ),
    ),
    disks=(
        Disks(
            slot="nvme0",
            manufacturer="Quanta",
            model="NVMe backplane",
            firmware="1.02",
            raid_types=(),
            bay="nvme{number}",
            count=2,
            drive_manufacturer="SAMSUNG",
            drive_model="MZQL21T9HCJR-00A07",
            drive_firmware="GDC5602Q",
            capacity_bytes=1_920_383_410_176,
        ),
    ),
    supply=("Delta", "DPS-1600AB", "DPS-1600AB-52", "S0F", 1_600),
    supply_bay="powersupply{index}",
    gpu=Gpu(
        slot="gpu{number}",
        manufacturer="NVIDIA",
        model="NVIDIA L4",
        memory_bytes=24 * 2**30,
    ),
    fans=5,
    bios=bios.OPENBMC,
)
