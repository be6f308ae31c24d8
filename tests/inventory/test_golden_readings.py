"""What is read of our own emulated machines, as text that a reviewer can read.

After a wanted change: FLEETD_UPDATE_GOLDEN=1 pytest tests/inventory/test_golden_readings.py
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from fleetd.domain.device import Component, Description
from fleetd.domain.inventory import Reading
from fleetd.driverkit.registry import Registry
from fleetd_emulators.devices.resources import Identity
from fleetd_emulators.devices.storage import Array, ArrayBackend
from fleetd_emulators.hardware import (
    GIB,
    Accelerator,
    Drive,
    MemoryModule,
    Neighbour,
    NetworkAdapter,
    NetworkPort,
    Personality,
    PowerSupply,
    Processor,
    Server,
    StorageController,
    Volume,
)
from fleetd_emulators.servers.documents import documents
from tests.support.trees import TreeReader, read

GOLDEN = Path(__file__).parent / "golden"
BMCS = {
    Personality.DELL: ("16G Monolithic", "7.10.30.00"),
    Personality.HPE: ("iLO 6", "1.58"),
    Personality.SUPERMICRO: ("ASPEED", "01.02.06"),
    Personality.LENOVO: ("XCC2", "ESX334M-4.20"),
    Personality.OPENBMC: ("OpenBmc", "2.15.0"),
    Personality.AMI: ("MegaRAC SPX", "12.61.21"),
    Personality.NVIDIA: ("OpenBMC", "GB200Nvl-25.01-3"),
    Personality.FUJITSU: ("iRMC S6", "2.01P"),
    Personality.HUAWEI: ("iBMC", "3.63"),
    Personality.GENERIC: ("Joo Janta 200", "1.45"),
}
DISK = Drive(
    bay="Bay 0",
    manufacturer="Acme",
    model="NV1",
    serial="NV0001",
    firmware="2.1",
    capacity_bytes=10**12,
)


def machine(personality: Personality) -> Server:
    """The same small server behind every BMC."""
    model, version = BMCS[personality]
    port = NetworkPort(
        number=1,
        mac="02:00:00:00:00:01",
        neighbour=Neighbour(
            chassis_id="02:00:00:00:ff:00", port_id="Ethernet1/1", system_name="tor-1"
        ),
    )
    return Server(
        name="golden",
        personality=personality,
        manufacturer="Acme Inc.",
        model="Anvil 1",
        sku="ABC1234",
        part_number="AN-1",
        serial="SN0001",
        asset_tag="asset 7",
        uuid="11111111-2222-4333-8444-555555555555",
        bios_version="1.2.3",
        bmc_model=model,
        bmc_version=version,
        bmc_mac="02:00:00:00:00:ff",
        rack="R07",
        unit=12,
        processors=(
            Processor(
                socket="CPU 1",
                manufacturer="Intel",
                model="Xeon 1",
                cores=8,
                threads=16,
                max_speed_mhz=3000,
            ),
        ),
        memory=(
            MemoryModule(
                slot="A1",
                capacity_bytes=16 * GIB,
                manufacturer="Acme",
                part_number="M1",
                serial="MEM1",
                speed_mhz=4800,
            ),
            MemoryModule(slot="A2", capacity_bytes=0),
        ),
        adapters=(
            NetworkAdapter(
                slot="NIC.1",
                manufacturer="Acme",
                model="Net 2",
                part_number="N-2",
                serial="NIC0001",
                firmware="22.1",
                ports=(port, NetworkPort(number=2, mac="02:00:00:00:00:02", link_up=False)),
            ),
        ),
        controllers=(
            StorageController(
                slot="RAID.1",
                manufacturer="Acme",
                model="Raid 1",
                serial="RAID0001",
                firmware="5.0",
                raid_types=("RAID0", "RAID1"),
                drives=(DISK,),
                volumes=(
                    Volume(
                        number=1,
                        name="os",
                        raid_type="RAID0",
                        capacity_bytes=10**12,
                        bays=("Bay 0",),
                    ),
                ),
            ),
        ),
        power_supplies=(
            PowerSupply(
                bay="PSU 1",
                manufacturer="Acme",
                model="P800",
                part_number="P-800",
                serial="PSU0001",
                firmware="1.0",
                capacity_watts=800,
            ),
        ),
        accelerators=(
            Accelerator(
                slot="GPU.1", manufacturer="NVIDIA", model="L4", serial="G1", memory_bytes=24 * GIB
            ),
        ),
        fans=1,
        powered_on=True,
    )


def array() -> Array:
    """A small storage array."""
    return Array(
        identity=Identity(
            name="array-1",
            manufacturer="Acme Storage",
            model="Vault",
            part_number="V-1",
            serial="V0001",
            asset_tag="",
            uuid="11111111-2222-4333-8444-666666666666",
            firmware="7.4",
            mac="02:00:00:00:01:00",
            rack="R07",
            unit=30,
        ),
        drives=(DISK,),
        volumes=(("images", 10**11),),
        wwns=("11111111-2222-4333-8444-777777777777", "11111111-2222-4333-8444-888888888888"),
    )


def told(reading: Reading) -> str:
    """The reading as text, one line a fact."""
    lines = [f"driver {reading.driver}, vendor {reading.vendor}"]
    for device in reading.descriptions:
        lines += ["", *_device(device)]
        for part in device.components:
            lines += ["", *_component(part)]
    return "\n".join(lines) + "\n"


def _device(device: Description) -> Iterator[str]:
    yield f"{device.kind}: {device.name}"
    identity, placement = device.identity, device.placement
    facts: Mapping[str, Any] = {
        "path": identity.path,
        "manufacturer": identity.manufacturer,
        "model": identity.model,
        "serial": identity.serial,
        "uuid": identity.uuid,
        "macs": ", ".join(identity.macs),
        "manager id": identity.manager_id,
        "sku": device.sku,
        "part number": device.part_number,
        "asset tag": device.asset_tag,
        "host name": device.hostname,
        "BIOS": device.bios_version,
        "BMC": device.bmc_version,
        "architecture": device.architecture,
        "health": device.health,
        "power": device.power_state,
        "rack": f"{placement.rack} unit {placement.unit}",
        "stale": ", ".join(sorted(device.stale)),
    }
    yield from (f"  {name}: {fact}" for name, fact in facts.items() if fact)


def _component(part: Component) -> Iterator[str]:
    yield f"{part.kind} {part.key}: {part.name}"
    facts: Mapping[str, Any] = {
        "manufacturer": part.manufacturer,
        "model": part.model,
        "serial": part.serial,
        "part number": part.part_number,
        "firmware": part.firmware_version,
        "location": part.location,
        "health": part.health,
    }
    yield from (f"  {name}: {fact}" for name, fact in facts.items() if fact)
    yield from (f"  {name} = {part.attributes[name]}" for name in sorted(part.attributes))


def compare(name: str, text: str) -> None:
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("FLEETD_UPDATE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.asyncio
@pytest.mark.parametrize("personality", list(Personality))
async def test_one_machine_reads_alike_behind_every_bmc(
    personality: Personality, registry: Registry
) -> None:
    reading = await read(TreeReader(documents(machine(personality))), registry)

    compare(str(personality), told(reading))


@pytest.mark.asyncio
async def test_an_array_reads_as_it_was_built(registry: Registry) -> None:
    reading = await read(TreeReader(ArrayBackend(array()).documents), registry)

    compare("storage", told(reading))
