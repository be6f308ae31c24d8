"""All components of one device, by its kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from fleetd.domain.device import Component, ComponentKind, DeviceKind
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import canonical, links, macs
from fleetd.services.inventory.normalise_accelerators import accelerators
from fleetd.services.inventory.normalise_cooling import cooling_loops, fans, liquid_cooling
from fleetd.services.inventory.normalise_dpus import with_dpus
from fleetd.services.inventory.normalise_machines import Machine
from fleetd.services.inventory.normalise_modules import modules
from fleetd.services.inventory.normalise_neighbours import neighbours_of
from fleetd.services.inventory.normalise_network import adapters, with_interfaces
from fleetd.services.inventory.normalise_parts import (
    firmware,
    managers,
    memory,
    processors,
)
from fleetd.services.inventory.normalise_power import batteries, power_supplies, supplies_of
from fleetd.services.inventory.normalise_power_distribution import distribution
from fleetd.services.inventory.normalise_storage_places import storage_of
from fleetd.services.inventory.normalise_switch import inner_switches, switch_ports
from fleetd.services.inventory.normalise_switch_places import switches_inside
from fleetd.services.inventory.read_walk import Walk

_LISTED_BY_SEVERAL: Final = frozenset(
    {ComponentKind.PSU, ComponentKind.FAN, ComponentKind.BATTERY, ComponentKind.PUMP}
)

_Plate = tuple[str | None, ...]


def components(walk: Walk, machine: Machine) -> Iterator[Component]:
    """What the device is made of; a key that comes twice is kept once, and so is a part."""
    found: Iterable[Component] = _all(walk, machine)
    if machine.kind is DeviceKind.SERVER:
        guests = [(guest, walk.linked(guest, "EthernetInterface")) for guest in machine.guests]
        found = with_dpus(found, guests)
    found = list(found)
    keys: set[tuple[str, str]] = set()
    plates: set[_Plate] = set()
    copied = _copied(found)
    for component in found:
        key, plate = (component.kind, component.key), _plate(component, copied)
        if key not in keys and plate not in plates:
            yield component
        keys.add(key)
        if plate is not None:
            plates.add(plate)


def _plate(component: Component, copied: frozenset[str]) -> _Plate | None:
    """What tells a supply or fan, as several chassis may list one of them."""
    serial = component.serial
    if component.kind not in _LISTED_BY_SEVERAL or serial is None or serial in copied:
        return None
    told = (component.serial, component.model, component.name, component.location)
    return (component.kind, *told)


def _copied(found: Iterable[Component]) -> frozenset[str]:
    """The serials that one list gives twice: they tell no part from another."""
    lists = {
        (one.key, one.kind): (one.key.rpartition("/")[0], one.kind, one.serial)
        for one in found
        if one.kind in _LISTED_BY_SEVERAL and one.serial is not None
    }
    given = Counter(lists.values())
    return frozenset(str(serial) for (_, _, serial), times in given.items() if times > 1)


def _all(walk: Walk, machine: Machine) -> Iterator[Component]:
    yield from _compute(walk, machine)
    yield from _network(walk, machine)
    yield from storage_of(walk, machine)
    documents = walk.documents
    yield from _power_and_cooling(walk, machine)
    yield from modules(machine.bays)
    yield from managers(machine.managers, documents)
    yield from firmware(_firmware_of(walk, machine))


def _power_and_cooling(walk: Walk, machine: Machine) -> Iterator[Component]:
    documents = walk.documents
    if machine.kind is DeviceKind.PDU:
        yield from supplies_of(machine.main, documents)
        yield from distribution(machine.main, documents)
    yield from power_supplies(machine.chassis, documents)
    yield from batteries(machine.chassis, documents)
    yield from fans(machine.chassis, documents)
    holders = (machine.main, *machine.also) if machine.kind is DeviceKind.COOLING else ()
    yield from cooling_loops(item for item in holders if documents.kind_of(item) == "CoolingLoop")
    yield from liquid_cooling(holders, machine.chassis, documents)


def _compute(walk: Walk, machine: Machine) -> Iterator[Component]:
    owners = (machine.main, *machine.also)
    sockets = [item for owner in owners for item in walk.linked(owner, "Processor")]
    cards: dict[str, Resource] = {}
    for owner in (*owners, *machine.chassis):
        for card in walk.linked(owner, "PCIeDevice"):
            cards.setdefault(canonical(card.path), card)
    yield from _first_that_has(processors(walk.linked(owner, "Processor")) for owner in owners)
    yield from accelerators(sockets, cards.values(), walk.documents)
    yield from _first_that_has(memory(walk.linked(owner, "Memory")) for owner in owners)


def _first_that_has(groups: Iterable[Iterator[Component]]) -> list[Component]:
    """A baseboard lists the host's processors and memory once more, or alone."""
    return next((found for group in groups if (found := list(group))), [])


def _network(walk: Walk, machine: Machine) -> Iterator[Component]:
    documents = walk.documents
    neighbours = neighbours_of(walk)
    cards: list[Component] = []
    for owner in (*machine.chassis, machine.main, *machine.also):
        found = walk.linked(owner, "NetworkAdapter")
        cards.extend(adapters(found, documents, neighbours))
    interfaces = [
        item
        for owner in (machine.main, *machine.also)
        for item in walk.linked(owner, "EthernetInterface")
    ]
    own = frozenset(
        mac
        for item in walk.of_kind("ManagerInterface")
        for mac in macs(item.body, "MACAddress", "PermanentMACAddress")
    )
    yield from with_interfaces(cards, interfaces, own)
    if machine.kind is DeviceKind.SWITCH:
        yield from switch_ports(machine.main, documents, neighbours)
        yield from inner_switches(machine.also, documents, neighbours)
    inside = switches_inside(walk, machine.main, machine.chassis)
    yield from inner_switches(inside, documents, neighbours)


def _firmware_of(walk: Walk, machine: Machine) -> Iterator[Resource]:
    """The firmware that is related to this device, or to none in particular.

    What nodes in a chassis have in common, such as their BMC's, is the chassis' alone.
    """
    systems = walk.of_kind("ComputerSystem")
    mine = {item.path for item in (machine.main, *machine.also)}
    for resource in walk.of_kind("SoftwareInventory"):
        named = {item.path for item in systems if _named_after(resource, item)}
        if len(systems) > 1 and named:
            related = bool(named & mine)
        else:
            related = _is_related(walk, machine, resource)
        if related:
            yield resource


def _named_after(resource: Resource, system: Resource) -> bool:
    """Its Id begins with the system's, as ``Node0.BIOS`` does."""
    return resource.last.startswith((f"{system.last}.", f"{system.last}_"))


def _is_related(walk: Walk, machine: Machine, resource: Resource) -> bool:
    related = [canonical(path) for path in links(resource.body, "RelatedItem")]
    if any(_within(path, anchor) for path in related for anchor in machine.anchors):
        return True
    elsewhere = bool(related) and _belongs_elsewhere(walk, related)
    return not elsewhere and machine.inside is None


def _within(path: str, anchor: str) -> bool:
    return path == anchor or path.startswith(f"{anchor}/")


def _belongs_elsewhere(walk: Walk, related: list[str]) -> bool:
    """Another system or chassis at the endpoint is named, so this isn't everybody's."""
    owners = [canonical(item.path) for item in walk.of_kind("ComputerSystem", "Chassis")]
    return any(_within(path, owner) for path in related for owner in owners)
