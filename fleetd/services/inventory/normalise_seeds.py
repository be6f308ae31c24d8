"""What stands at an endpoint, before its chassis and managers are known: the seeds of devices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from fleetd.domain.device import DeviceKind, Json
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import canonical, is_absent, links, number, text, value
from fleetd.services.inventory.read_walk import Walk

_INSIDE_A_SERVER: Final = frozenset({"PCIe", "NVLink", "SAS", "SATA", "UPI", "CXL", "QPI"})
_BOOTS: Final = ("Boot/BootSourceOverrideTarget", "Boot/BootSourceOverrideEnabled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A device before its chassis and managers are known; ``paths`` are the chassis it links."""

    kind: DeviceKind
    main: Resource
    also: tuple[Resource, ...]
    paths: tuple[str, ...]


def seeds(walk: Walk) -> tuple[Seed, ...]:
    """Servers, storage, switches, PDUs and cooling, in a lasting order."""
    return (*_servers(walk), *_storage(walk), *_switches(walk), *_equipment(walk))


def _servers(walk: Walk) -> Iterator[Seed]:
    systems = [item for item in walk.of_kind("ComputerSystem") if not is_absent(item.body)]
    hosts = [item for item in systems if _can_boot(item.body)]
    boards = [item for item in systems if not _can_boot(item.body)]
    # A baseboard of accelerators is shown as a System beside the host that it sits in.
    merged = tuple(boards) if len(hosts) == 1 else ()
    if _only_switches(walk, systems):
        yield Seed(
            kind=DeviceKind.SWITCH,
            main=systems[0],
            also=walk.of_kind("Switch"),
            paths=tuple(links(systems[0].body, "Links/Chassis")),
        )
        return
    for system in systems:
        if system in merged:
            continue
        also = merged if system in hosts else ()
        paths = tuple(
            path for item in (system, *also) for path in links(item.body, "Links/Chassis")
        )
        yield Seed(kind=DeviceKind.SERVER, main=system, also=also, paths=paths)
    for system in walk.of_kind("StorageSystem"):
        yield Seed(
            kind=DeviceKind.STORAGE,
            main=system,
            also=walk.of_kind("StorageService"),
            paths=tuple(links(system.body, "Links/Chassis")),
        )


def _can_boot(body: Mapping[str, Json]) -> bool:
    actions = body.get("Actions")
    resets = isinstance(actions, dict) and "#ComputerSystem.Reset" in actions
    # "None" is a target that can be chosen, so it's no placeholder here.
    return resets or any(value(body, place) is not None for place in _BOOTS)


def _only_switches(walk: Walk, systems: list[Resource]) -> bool:
    """The one System says that it has no processor and no memory: it stands for the switch."""
    if len(systems) != 1 or not walk.of_kind("Switch"):
        return False
    body = systems[0].body
    processors = number(body, "ProcessorSummary/Count")
    memory = number(body, "MemorySummary/TotalSystemMemoryGiB")
    return processors == 0 and memory == 0


def _storage(walk: Walk) -> Iterator[Seed]:
    """Storage that no server owns: what shares an enclosure is one array."""
    if walk.of_kind("StorageSystem"):
        return
    systems = walk.of_kind("ComputerSystem")
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
    has_server = bool(walk.of_kind("ComputerSystem"))
    for switch in walk.of_kind("Switch", "EthernetSwitch", "NetworkDevice"):
        declared = text(switch.body, "SwitchType")
        nameless = text(switch.body, "SerialNumber") is None
        inside = has_server and (declared in _INSIDE_A_SERVER or nameless)
        if is_absent(switch.body) or inside:
            continue
        yield Seed(
            kind=DeviceKind.SWITCH,
            main=switch,
            also=(),
            paths=tuple(links(switch.body, "Links/Chassis")),
        )


def _equipment(walk: Walk) -> Iterator[Seed]:
    kinds = (("PowerDistribution", DeviceKind.PDU), ("CoolingUnit", DeviceKind.COOLING))
    for name, kind in kinds:
        for unit in walk.of_kind(name):
            if not is_absent(unit.body):
                paths = (*links(unit.body, "Links/Chassis"), *links(unit.body, "Links/Facility"))
                yield Seed(kind=kind, main=unit, also=(), paths=paths)
