"""Dell PowerEdge R760 behind iDRAC9."""

from __future__ import annotations

from typing import Final

from fleetd_emulators.servers.recipes import bios
from fleetd_emulators.servers.recipes.parts import (
    GOLD,
    H100,
    HYNIX,
    MIRROR,
    PLATINUM,
    RAID,
    Card,
    Disks,
    Gpu,
    Recipe,
)

DELL: Final = Recipe(
    manufacturer="Dell Inc.",
    model="PowerEdge R760",
    sku="",
    part_number="0MK24VA00",
    serial_prefix="CNFCP00",
    bios_version="2.4.4",
    bmc_model="16G Monolithic",
    bmc_version="7.10.30.00",
    processors=(GOLD, PLATINUM),
    dimm_slots=tuple(f"DIMM.Socket.{b}{i}" for b in "AB" for i in range(1, 17)),
    dimms=((16, 32), (16, 64), (32, 32)),
    dimm_part=HYNIX,
    cards=(
        Card(
            slot="NIC.Embedded.1",
            manufacturer="Broadcom Inc. and subsidiaries",
            model="BCM5720 Gigabit Ethernet",
            part_number="0WM7H4",
            firmware="22.71.3",
            ports=2,
            speed_mbps=1_000,
        ),
        Card(
            slot="NIC.Integrated.1",
            manufacturer="Broadcom Inc. and subsidiaries",
            model="BRCM 2P 25G SFP 57414S OCP NIC",
            part_number="0KHCTP",
            firmware="22.92.06.10",
            ports=2,
        ),
    ),
    disks=(
        Disks(
            slot="BOSS.SL.14-1",
            manufacturer="DELL",
            model="BOSS-N1 Monolithic",
            firmware="2.1.13.2025",
            raid_types=MIRROR,
            bay="Disk.Direct.{number}",
            count=2,
            drive_manufacturer="SAMSUNG",
            drive_model="Dell NVMe ISE PE8010 RI M.2 960GB",
            drive_firmware="1.2.0",
            capacity_bytes=960_197_124_096,
            mirrored=True,
        ),
        Disks(
            slot="RAID.SL.3-1",
            manufacturer="DELL",
            model="PERC H965i Front",
            firmware="8.4.0.0.18-29",
            raid_types=RAID,
            bay="Disk.Bay.{number}:Enclosure.Internal.0-1",
            count=4,
            drive_manufacturer="KIOXIA",
            drive_model="Dell Ent NVMe CM6 MU 3.2TB",
            drive_firmware="2.2.0",
            capacity_bytes=3_200_631_791_616,
        ),
    ),
    supply=("DELL", "PWR SPLY,1400W,RDNT,LITEON", "05XV5PA01", "00.1B.53", 1_400),
    supply_bay="PS{number} Status",
    gpu=Gpu(
        slot="Video.Slot.{number}-1",
        manufacturer="NVIDIA Corporation",
        model=H100,
        memory_bytes=80 * 2**30,
    ),
    fans=6,
    lists_empty_slots=False,
    bios=bios.DELL,
)
