"""Where a device's storage is told of: below it, beside it, in its chassis, in fabrics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Final

from fleetd.domain.device import Component, ComponentKind, DeviceKind
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import canonical, links
from fleetd.services.inventory.normalise_machines import Machine
from fleetd.services.inventory.normalise_storage import storage
from fleetd.services.inventory.normalise_storage_access import fabric_endpoints, zones
from fleetd.services.inventory.normalise_storage_controllers import simple_storage
from fleetd.services.inventory.read_walk import Walk

_LINKED: Final = ("Storage", "StorageService")
_REACH_OVER_FABRICS: Final = frozenset({DeviceKind.SERVER, DeviceKind.STORAGE})


def storage_of(walk: Walk, machine: Machine) -> Iterator[Component]:
    """The components of all storage that is a device's own, or that its own fabrics lead to."""
    owners = (machine.main, *machine.also, *_blocks_in(walk, machine))
    subsystems = [*_subsystems(walk, owners), *_below(walk, machine)]
    if machine.kind is DeviceKind.STORAGE:
        subsystems = [*owners, *subsystems]
    fabrics = walk.of_kind("Fabric") if machine.kind in _REACH_OVER_FABRICS else ()
    loose = _loose_drives(walk, machine, subsystems)
    found = storage(subsystems, walk.documents, loose, fabrics)
    yield from found
    own = {item.key for item in subsystems}
    yield from _reached(walk, machine, fabrics, found, own)
    for owner in owners:
        yield from simple_storage(walk.linked(owner, "SimpleStorage"))


def _subsystems(walk: Walk, owners: Sequence[Resource]) -> list[Resource]:
    """The storage subsystems and services of a system, also those that a group of them holds.

    A chassis links the subsystems whose drives it holds; they are others' all the same.
    """
    holders = [item for item in owners if walk.documents.kind_of(item) != "Chassis"]
    found = [item for owner in holders for kind in _LINKED for item in walk.linked(owner, kind)]
    groups = [item for owner in owners for item in walk.linked(owner, "StorageGroup")]
    return found + [item for group in groups for item in walk.linked(group, "Storage")]


def _below(walk: Walk, machine: Machine) -> Iterator[Resource]:
    """Subsystems below the device's own path that only something else links, such as a chassis."""
    linked = {item.path for item in walk.linked(machine.main, "Storage")}
    within = f"{canonical(machine.main.path)}/"
    for item in walk.of_kind("Storage"):
        if item.path not in linked and canonical(item.path).startswith(within):
            yield item


def _blocks_in(walk: Walk, machine: Machine) -> list[Resource]:
    """The blocks of storage in a chassis from which Systems are composed (DSP0268).

    What a System is composed of is the System's; the rest waits in the chassis.
    """
    if machine.kind is not DeviceKind.CHASSIS:
        return []
    frames = {canonical(item.path) for item in machine.chassis}
    return [
        block
        for block in walk.of_kind("ResourceBlock")
        if any(canonical(path) in frames for path in links(block.body, "Links/Chassis"))
        and not links(block.body, "Links/ComputerSystems")
    ]


def _loose_drives(
    walk: Walk, machine: Machine, subsystems: Sequence[Resource]
) -> Iterator[Resource]:
    """The drives in its chassis, but for those that belong to another device's subsystem."""
    mine = {item.path for item in subsystems}
    others = [item for item in walk.of_kind("Storage", "StorageService") if item.path not in mine]
    theirs = {drive.path for item in others for drive in walk.linked(item, "Drive")}
    for holder in (*machine.chassis, *_blocks_in(walk, machine)):
        for drive in walk.linked(holder, "Drive"):
            if drive.path not in theirs:
                yield drive


def _reached(
    walk: Walk,
    machine: Machine,
    fabrics: Sequence[Resource],
    found: Sequence[Component],
    subsystems: Set[str],
) -> Iterator[Component]:
    """A device's part of the fabrics: its own endpoints, those that reach it, and its zones."""
    mine = {*subsystems, *(item.key for item in found)}
    named = {
        key
        for item in found
        if item.kind is ComponentKind.CONNECTION
        for place in ("initiators", "targets")
        for key in item.attributes.get(place, ())
    }
    attached: set[str] = set()
    for endpoint in fabric_endpoints(fabrics, walk.documents):
        entities = endpoint.attributes.get("entities", ())
        if any(key in mine or _within(key, machine.anchors) for key in entities):
            attached.add(endpoint.key)
            yield endpoint
        elif endpoint.key in named:
            yield endpoint
    for zone in zones(fabrics, walk.documents):
        if not attached.isdisjoint(zone.attributes.get("endpoints", ())):
            yield zone


def _within(key: str, anchors: Iterable[str]) -> bool:
    path = canonical(f"/redfish/v1/{key}")
    return any(path == anchor or path.startswith(f"{anchor}/") for anchor in anchors)
