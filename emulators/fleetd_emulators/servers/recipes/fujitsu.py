"""A PRIMERGY RX2530 M6 behind iRMC S6."""

from __future__ import annotations

from typing import Final

from fleetd_emulators.servers.recipes import bios
from fleetd_emulators.servers.recipes.parts import GOLD, HYNIX, RAID, Card, Disks, Gpu, Recipe

FUJITSU: Final = Recipe(
    manufacturer="FUJITSU",
    model="PRIMERGY RX2530 M6",
    sku="ABN:K1592-V401-100",
    part_number="S26361-K1592",
    serial_prefix="YMNS",
    bios_version="V1.0.0.0 R1.26.0 for D3983-A1x",
    bmc_model="iRMC S6",
    bmc_version="2.01P",
    processors=(GOLD,),
    dimm_slots=tuple(f"DIMM-{p}{c}1" for p in "12" for c in "ABCDEFGH"),
    dimms=((8, 32), (16, 32)),
    dimm_part=HYNIX,
    cards=(
        Card(
            slot="OCP0",
            manufacturer="Intel",
            model="PLAN EP E810-XXVDA2",
            part_number="S26361-F4060",
            firmware="3.20",
            ports=2,
        ),
    ),
    disks=(
        Disks(
            slot="RAIDAdapter0",
            manufacturer="Fujitsu",
            model="PRAID EP540i",
            firmware="5.190.03-4097",
            raid_types=RAID,
            bay="Slot {number}",
            count=4,
            drive_manufacturer="TOSHIBA",
            drive_model="KPM5XRUG960G",
            drive_firmware="0103",
            capacity_bytes=960_197_124_096,
            protocol="SAS",
        ),
    ),
    supply=("CHICONY", "CPB09-034D", "A3C40176610", "0.18", 900),
    supply_bay="PSU{number}",
    gpu=Gpu(slot="PCI{number}", manufacturer="NVIDIA", model="NVIDIA A2", memory_bytes=16 * 2**30),
    fans=8,
    bios=bios.FUJITSU,
)
