"""A Gigabyte board behind AMI's MegaRAC."""

from __future__ import annotations

from typing import Final

from fleetd_emulators.servers.recipes import bios
from fleetd_emulators.servers.recipes.parts import EPYC, H100, SAMSUNG, Card, Disks, Gpu, Recipe

AMI: Final = Recipe(
    manufacturer="GIGABYTE",
    model="R272-Z30-00",
    sku="R272-Z30-00",
    part_number="6NR272Z30MR-00",
    serial_prefix="GIGSN",
    bios_version="R23_F01",
    bmc_model="MegaRAC SPX",
    bmc_version="12.61.21",
    processors=(EPYC,),
    dimm_slots=tuple(f"DIMM_P0_{c}0" for c in "ABCDEFGH"),
    dimms=((8, 32), (8, 64), (4, 32)),
    dimm_part=SAMSUNG,
    cards=(
        Card(
            slot="OCP1",
            manufacturer="Intel",
            model="Ethernet Controller X550",
            part_number="X550-T2",
            firmware="3.60",
            ports=2,
            speed_mbps=10_000,
        ),
    ),
    disks=(
        Disks(
            slot="SATA0",
            manufacturer="AMD",
            model="SATA AHCI Controller",
            firmware="1.0.1",
            raid_types=(),
            bay="Disk{number}",
            count=4,
            drive_manufacturer="Samsung",
            drive_model="MZ7L3960HCJR",
            drive_firmware="JXTC304Q",
            capacity_bytes=960_197_124_096,
            protocol="SATA",
        ),
    ),
    supply=("GIGABYTE", "AD122M12-1G1", "25EP0-31200F-L0S", "1.02", 1_200),
    supply_bay="PSU{number}",
    gpu=Gpu(slot="GPU{number}", manufacturer="NVIDIA", model=H100, memory_bytes=80 * 2**30),
    fans=5,
    bios=bios.AMI,
)
