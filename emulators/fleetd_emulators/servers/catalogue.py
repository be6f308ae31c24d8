"""Servers to emulate: the same number always gives the same machine, another another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

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
from fleetd_emulators.servers.identity import MAX_NUMBER, bmc_mac, code, mac, system_uuid
from fleetd_emulators.servers.recipes import ALTRA, RECIPES, Card, Disks, Recipe

_GPU_EVERY: Final = 5
_ARM_EVERY: Final = 4


def server(
    personality: Personality,
    number: int,
    *,
    name: str | None = None,
    rack: str = "R01",
    unit: int = 1,
    gpus: int | None = None,
) -> Server:
    """The machine with this number, switched off.

    Of the OpenBMC machines every fourth (3, 7, ...) is an aarch64 one. A Dell machine's service
    tag is its ``sku``; its ``serial`` is the board's, as iDRAC tells them.

    Args:
        personality: Whose machine.
        number: From 0 to 1,048,575; makes serials, UUIDs and MACs unique in a personality.
        name: What people call it; by default personality and number.
        rack: Where it stands.
        unit: The lowest rack unit it fills.
        gpus: How many accelerators; by default four in every fifth machine.

    Raises:
        ValueError: The number is out of range.
    """
    if not 0 <= number <= MAX_NUMBER:
        raise ValueError(f"server number {number} is not between 0 and {MAX_NUMBER}")
    recipe = RECIPES[personality]
    cards = (4 if number % _GPU_EVERY == _GPU_EVERY - 1 else 0) if gpus is None else gpus
    return Server(
        name=name or f"{personality}-{number:04d}",
        personality=personality,
        manufacturer=recipe.manufacturer,
        model=recipe.model,
        sku=recipe.sku or code(number, 7),
        part_number=recipe.part_number,
        serial=recipe.serial_prefix + code(number, 7, salt=1),
        asset_tag="",
        uuid=system_uuid(personality, number),
        bios_version=recipe.bios_version,
        bmc_model=recipe.bmc_model,
        bmc_version=recipe.bmc_version,
        bmc_mac=bmc_mac(personality, number),
        rack=rack,
        unit=unit,
        processors=_processors(personality, recipe, number),
        memory=_memory(recipe, number),
        adapters=_adapters(personality, recipe.cards, number),
        controllers=tuple(_controller(disks, place, number) for place, disks in _each(recipe)),
        power_supplies=_supplies(recipe, number),
        accelerators=_accelerators(recipe, number, cards),
        fans=recipe.fans,
        bios=recipe.bios,
    )


def wired(
    server: Server, neighbours: Mapping[str, Neighbour], outlets: Mapping[str, str]
) -> Server:
    """The same server with its cables plugged in.

    Args:
        server: As the catalogue gives it.
        neighbours: By a host-side MAC (as in ``server.macs``), what LLDP hears there.
        outlets: By a power supply's bay, the outlet that feeds it.
    """
    adapters = tuple(
        replace(
            adapter,
            ports=tuple(
                replace(port, neighbour=neighbours.get(port.mac, port.neighbour))
                for port in adapter.ports
            ),
        )
        for adapter in server.adapters
    )
    supplies = tuple(
        replace(supply, outlet=outlets.get(supply.bay, supply.outlet))
        for supply in server.power_supplies
    )
    return replace(server, adapters=adapters, power_supplies=supplies)


def _each(recipe: Recipe) -> list[tuple[int, Disks]]:
    return list(enumerate(recipe.disks))


def _processors(personality: Personality, recipe: Recipe, number: int) -> tuple[Processor, ...]:
    if personality is Personality.OPENBMC and number % _ARM_EVERY == _ARM_EVERY - 1:
        return (replace(ALTRA, socket="CPU 0"),)
    choice = recipe.processors[number % len(recipe.processors)]
    return tuple(replace(choice, socket=f"CPU {place + 1}") for place in range(2))


def _memory(recipe: Recipe, number: int) -> tuple[MemoryModule, ...]:
    filled, gib = recipe.dimms[number % len(recipe.dimms)]
    manufacturer, part_number = recipe.dimm_part
    step = len(recipe.dimm_slots) / filled
    places = {int(place * step) for place in range(filled)}
    modules = (
        MemoryModule(
            slot=slot,
            capacity_bytes=gib * GIB,
            manufacturer=manufacturer,
            part_number=part_number,
            serial=code(number * len(recipe.dimm_slots) + place, 8, salt=2),
            speed_mhz=4800,
        )
        if place in places
        else MemoryModule(slot=slot, capacity_bytes=0)
        for place, slot in enumerate(recipe.dimm_slots)
    )
    return tuple(m for m in modules if m.capacity_bytes or recipe.lists_empty_slots)


def _adapters(
    personality: Personality, cards: tuple[Card, ...], number: int
) -> tuple[NetworkAdapter, ...]:
    adapters, place = [], 0
    for index, card in enumerate(cards):
        ports = tuple(
            NetworkPort(
                number=port + 1,
                mac=mac(personality, number, place + port),
                speed_mbps=card.speed_mbps,
            )
            for port in range(card.ports)
        )
        place += card.ports
        adapters.append(
            NetworkAdapter(
                slot=card.slot,
                manufacturer=card.manufacturer,
                model=card.model,
                part_number=card.part_number,
                serial=f"NIC{code(number, 7, salt=3 + index)}",
                firmware=card.firmware,
                ports=ports,
            )
        )
    return tuple(adapters)


def _controller(disks: Disks, place: int, number: int) -> StorageController:
    drives = tuple(
        Drive(
            bay=disks.bay.format(number=bay),
            manufacturer=disks.drive_manufacturer,
            model=disks.drive_model,
            serial=f"S{place}{code(number * 32 + bay, 9, salt=5)}",
            firmware=disks.drive_firmware,
            capacity_bytes=disks.capacity_bytes,
            protocol=disks.protocol,
        )
        for bay in range(disks.count)
    )
    mirror = Volume(
        number=1,
        name="os",
        raid_type="RAID1",
        capacity_bytes=disks.capacity_bytes,
        bays=tuple(drive.bay for drive in drives[:2]),
    )
    return StorageController(
        slot=disks.slot,
        manufacturer=disks.manufacturer,
        model=disks.model,
        serial=f"C{place}{code(number, 7, salt=7)}",
        firmware=disks.firmware,
        raid_types=disks.raid_types,
        drives=drives,
        volumes=(mirror,) if disks.mirrored else (),
    )


def _supplies(recipe: Recipe, number: int) -> tuple[PowerSupply, ...]:
    manufacturer, model, part_number, firmware, watts = recipe.supply
    return tuple(
        PowerSupply(
            bay=recipe.supply_bay.format(number=place + 1, index=place),
            manufacturer=manufacturer,
            model=model,
            part_number=part_number,
            serial=f"PS{code(number * 2 + place, 8, salt=11)}",
            firmware=firmware,
            capacity_watts=watts,
        )
        for place in range(2)
    )


def _accelerators(recipe: Recipe, number: int, count: int) -> tuple[Accelerator, ...]:
    return tuple(
        Accelerator(
            slot=recipe.gpu.slot.format(number=place + 1),
            manufacturer=recipe.gpu.manufacturer,
            model=recipe.gpu.model,
            serial=f"1{code(number * 16 + place, 10, salt=13)}",
            memory_bytes=recipe.gpu.memory_bytes,
        )
        for place in range(count)
    )
