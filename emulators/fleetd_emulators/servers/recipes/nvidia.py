"""An NVIDIA GB200 compute tray behind its OpenBMC."""

from __future__ import annotations

from typing import Final

from fleetd_emulators.servers.recipes import bios
from fleetd_emulators.servers.recipes.parts import GRACE, Card, Disks, Gpu, Recipe

NVIDIA: Final = Recipe(
    manufacturer="NVIDIA",
    model="GB200 NVL",
    sku="699-24764-0001-TS3",
    part_number="692-24764-0001-000",
    serial_prefix="1333",
    bios_version="GB200Nvl-02.03.19",
    bmc_model="OpenBMC",
    bmc_version="GB200Nvl-25.01-3",
    processors=(GRACE,),
    dimm_slots=tuple(f"CPU_{c}_LP5X_{i}" for c in (0, 1) for i in range(2)),
    dimms=((4, 240),),
    dimm_part=("NVIDIA", "LPDDR5X-240"),
    cards=(
        Card(
            slot="ConnectX_0",
            manufacturer="Nvidia",
            model="ConnectX-7",
            part_number="900-24768-0002",
            firmware="28.43.1014",
            ports=2,
            speed_mbps=400_000,
        ),
    ),
    disks=(
        Disks(
            slot="NVMe_M2_0",
            manufacturer="NVIDIA",
            model="NVMe root port",
            firmware="1.0",
            raid_types=(),
            bay="NVMe_M2_{number}",
            count=2,
            drive_manufacturer="SAMSUNG",
            drive_model="MZTL23T8HCLS-00A07",
            drive_firmware="GDC7302Q",
            capacity_bytes=3_840_755_982_336,
        ),
    ),
    supply=("NVIDIA", "PDB 54V", "692-24789-0001", "1.0", 5_500),
    supply_bay="PDB_{index}",
    gpu=Gpu(
        slot="GPU_{number}",
        manufacturer="NVIDIA",
        model="GB200 186GB HBM3e",
        memory_bytes=186 * 2**30,
    ),
    fans=8,
    bios=bios.NVIDIA,
)
