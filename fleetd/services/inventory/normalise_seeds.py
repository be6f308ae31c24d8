"""What stands at an endpoint, before its chassis and managers are known: the seeds of devices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fleetd.domain.device import DeviceKind
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import canonical, is_absent, links
from fleetd.services.inventory.normalise_dpus import is_dpu
from fleetd.services.inventory.normalise_frame_kinds import plate
from fleetd.services.inventory.normalise_storage_arrays import storage_beside, storage_computer
from fleetd.services.inventory.normalise_switch_places import (
    all_switches,
    can_boot,
    standing_switches,
    switch_computer,
)
from fleetd.services.inventory.read_walk import Walk

_EQUIPMENT: Final = (
    ("PowerDistribution", DeviceKind.PDU),
    ("CoolingUnit", DeviceKind.COOLING),
    ("CoolingLoop", DeviceKind.COOLING),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A device before its chassis and managers are known; ``paths`` are the chassis it links."""

    kind: DeviceKind
    main: Resource
    also: tuple[Resource, ...]
    paths: tuple[str, ...]


def seeds(walk: Walk) -> tuple[Seed, ...]:
    """Servers, storage, switches, PDUs and cooling, in a lasting order.

    Where a System that is there couldn't be read, storage and switches may be parts of it.
    """
    if hosts_unread(walk):
        return (*_servers(walk), *_equipment(walk))
    return (*_servers(walk), *_storage(walk), *_switches(walk), *_equipment(walk))


def hosts_unread(walk: Walk) -> bool:
    """A System failed, or those that are listed are all not there, as with a BMC that boots."""
    listed = any(kind == "ComputerSystem" for kind in walk.missing.values())
    failed = any(failure.kind == "ComputerSystem" for failure in walk.failures)
    return failed or (listed and not walk.of_kind("ComputerSystem"))


def _servers(walk: Walk) -> Iterator[Seed]:
    systems = [item for item in walk.of_kind("ComputerSystem") if not is_absent(item.body)]
    dpus = [item for item in systems if is_dpu(item)]
    hosts = [item for item in systems if can_boot(item.body) and item not in dpus]
    boards = [item for item in systems if not can_boot(item.body) and item not in dpus]
    # A baseboard of accelerators is shown as a System beside the host that it sits in.
    merged = tuple(boards) if len(hosts) == 1 else ()
    computer = switch_computer(walk)
    if computer is not None:
        yield Seed(
            kind=DeviceKind.SWITCH,
            main=computer,
            also=all_switches(walk),
            paths=tuple(links(computer.body, "Links/Chassis")),
        )
        return
    array = storage_computer(walk)
    if array is not None:
        yield Seed(
            kind=DeviceKind.STORAGE,
            main=array,
            also=storage_beside(walk, array),
            paths=tuple(links(array.body, "Links/Chassis")),
        )
        return
    for system in systems:
        if system in merged:
            continue
        also = merged if system in hosts else ()
        paths = tuple(
            path for item in (system, *also) for path in links(item.body, "Links/Chassis")
        )
        kind = DeviceKind.DPU if system in dpus else DeviceKind.SERVER
        yield Seed(kind=kind, main=system, also=also, paths=paths)
    for system in walk.of_kind("StorageSystem"):
        yield Seed(
            kind=DeviceKind.STORAGE,
            main=system,
            also=walk.of_kind("StorageService"),
            paths=tuple(links(system.body, "Links/Chassis")),
        )


def _storage(walk: Walk) -> Iterator[Seed]:
    """Storage that no server owns: what shares an enclosure is one array."""
    if walk.of_kind("StorageSystem") or storage_computer(walk) is not None:
        return
    systems = walk.of_kind("ComputerSystem", "ResourceBlock")
    owned = {item.path for system in systems for item in walk.linked(system, "Storage")}
    below = tuple(f"{canonical(system.path)}/" for system in systems)
    arrays: dict[str, list[Resource]] = {}
    for resource in walk.of_kind("Storage", "StorageService"):
        inside = resource.path in owned or canonical(resource.path).startswith(below)
        if inside or is_absent(resource.body):
            continue
        enclosures = links(resource.body, "Links/Enclosures")
        arrays.setdefault(canonical(enclosures[0]) if enclosures else "", []).append(resource)
    loose = arrays.pop("", [])
    if len(arrays) == 1:
        next(iter(arrays.values())).extend(loose)
    elif loose:
        arrays[""] = loose
    for parts in arrays.values():
        yield Seed(
            kind=DeviceKind.STORAGE,
            main=parts[0],
            also=tuple(parts[1:]),
            paths=tuple(path for item in parts for path in links(item.body, "Links/Enclosures")),
        )


def _switches(walk: Walk) -> Iterator[Seed]:
    """Switches of a network; those that only join a server's own parts are not devices."""
    for switch in standing_switches(walk):
        yield Seed(
            kind=DeviceKind.SWITCH,
            main=switch,
            also=(),
            paths=tuple(links(switch.body, "Links/Chassis")),
        )


def _equipment(walk: Walk) -> Iterator[Seed]:
    """Power and cooling equipment; coolant loops are parts of the one unit that feeds them."""
    units = [item for item in walk.of_kind("CoolingUnit") if not is_absent(item.body)]
    loops = walk.of_kind("CoolingLoop") if len(units) == 1 else ()
    for name, kind in _EQUIPMENT:
        for unit in walk.of_kind(name):
            if is_absent(unit.body) or unit in loops:
                continue
            also = loops if kind is DeviceKind.COOLING else ()
            yield Seed(kind=kind, main=unit, also=also, paths=_chassis_of(walk, unit))


def _chassis_of(walk: Walk, unit: Resource) -> tuple[str, ...]:
    """The chassis that the unit links, and those that carry its very plate."""
    linked = (*links(unit.body, "Links/Chassis"), *links(unit.body, "Links/Facility"))
    own = plate(unit)
    twins = (item.path for item in walk.of_kind("Chassis") if own and plate(item) == own)
    return (*linked, *twins)
