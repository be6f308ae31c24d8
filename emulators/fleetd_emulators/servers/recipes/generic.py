"""A server of no vendor in particular."""

from __future__ import annotations

from typing import Final

from fleetd_emulators.servers.recipes import bios
from fleetd_emulators.servers.recipes.parts import MIRROR, SAMSUNG, SILVER, Card, Disks, Gpu, Recipe

GENERIC: Final = Recipe(
    manufacturer="Contoso",
    model="3500RX",
    sku="8675309",
    part_number="224071-J23",
    serial_prefix="43",
    bios_version="P79 v1.45",
    bmc_model="Joo Janta 200",
    bmc_version="1.45.455b66-rev4",
    processors=(SILVER,),
    dimm_slots=tuple(f"DIMM {i}" for i in range(1, 9)),
    dimms=((4, 32), (8, 32)),
    dimm_part=SAMSUNG,
    cards=(
        Card(
            slot="NIC1",
            manufacturer="Contoso",
            model="Network Adapter 599TPS-T",
            part_number="975999-001",
            firmware="7.4.10",
            ports=2,
            speed_mbps=10_000,
        ),
    ),
    disks=(
        Disks(
            slot="SATA1",
            manufacturer="Contoso",
            model="SATA Controller",
            firmware="1.0.0.7",
            raid_types=MIRROR,
            bay="Bay {number}",
            count=2,
            drive_manufacturer="Contoso",
            drive_model="C123",
            drive_firmware="100A",
            capacity_bytes=899_527_000_064,
            protocol="SATA",
        ),
    ),
    supply=("Contoso", "499253-B21", "0202L30", "1.00", 750),
    supply_bay="Bay{number}",
    gpu=Gpu(
        slot="GPU{number}",
        manufacturer="Contoso",
        model="Accelerator 1",
        memory_bytes=16 * 2**30,
    ),
    fans=4,
    bios=bios.GENERIC,
)
