"""Which devices stand at an endpoint, and which chassis and managers are parts of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from fleetd.domain.device import DeviceKind, Json
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import canonical, is_absent, links, text
from fleetd.services.inventory.read_walk import Walk

_STANDS_ALONE: Final = frozenset(
    {
        *("Enclosure", "StorageEnclosure", "IPBasedDrive", "Shelf", "Drawer", "Expansion"),
        *("Rack", "RackGroup", "Row", "Pod", "StandAlone", "RackMount"),
    }
)
_INSIDE_A_SERVER: Final = frozenset({"PCIe", "NVLink", "SAS", "SATA", "UPI", "CXL", "QPI"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One device at an endpoint: its main resource, and what else belongs to it.

    ``anchors`` are the canonical paths at which a failure below counts as this device's.
    """

    kind: DeviceKind
    main: Resource
    also: tuple[Resource, ...] = ()
    chassis: tuple[Resource, ...] = ()
    managers: tuple[Resource, ...] = ()
    anchors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seed:
    """A device before its chassis and managers are known; ``paths`` are the chassis it links."""

    kind: DeviceKind
    main: Resource
    also: tuple[Resource, ...]
    paths: tuple[str, ...]


def machines(walk: Walk) -> tuple[Machine, ...]:
    """Every device, in a lasting order: servers, storage, switches, PDUs, cooling, chassis."""
    seeds = [*_servers(walk), *_storage(walk), *_switches(walk), *_equipment(walk)]
    frames = _Frames(walk)
    found = []
    for seed in seeds:
        owned = frames.claim(seed)
        found.append(_machine(walk, seed, owned, only=len(seeds) == 1))
    for frame in frames.left():
        seed = _Seed(kind=_frame_kind(frame, walk), main=frame, also=(), paths=(frame.path,))
        found.append(_machine(walk, seed, frames.claim(seed), only=not seeds))
    return tuple(found)


def _machine(walk: Walk, seed: _Seed, chassis: tuple[Resource, ...], *, only: bool) -> Machine:
    bodies = [seed.main, *seed.also, *chassis]
    managers = _managers(walk, bodies, only=only)
    linked = [path for item in bodies for path in links(item.body, "Links/Chassis")]
    managed = [path for item in bodies for path in links(item.body, "Links/ManagedBy")]
    anchors = {canonical(item.path) for item in (*bodies, *managers)}
    anchors.update(canonical(path) for path in (*linked, *managed))
    return Machine(
        kind=seed.kind,
        main=seed.main,
        also=seed.also,
        chassis=chassis,
        managers=managers,
        anchors=frozenset(anchors),
    )


def _managers(walk: Walk, bodies: Iterable[Resource], *, only: bool) -> tuple[Resource, ...]:
    """The managers that a device names; failing that those that name it; failing that all."""
    every = walk.of_kind("Manager")
    bodies = list(bodies)
    named = {canonical(path) for item in bodies for path in links(item.body, "Links/ManagedBy")}
    found = tuple(item for item in every if canonical(item.path) in named)
    if found and not only:
        return found
    if found and only:
        return (*found, *(item for item in every if item not in found))
    here = {canonical(item.path) for item in bodies}
    for place in ("Links/ManagerForServers", "Links/ManagerForChassis", "Links/ManagerForSwitches"):
        found = tuple(
            item
            for item in every
            if any(canonical(path) in here for path in links(item.body, place))
        )
        if found:
            return found
    return every


def _servers(walk: Walk) -> Iterator[_Seed]:
    systems = [item for item in walk.of_kind("ComputerSystem") if not is_absent(item.body)]
    hosts = [item for item in systems if _can_boot(item.body)]
    boards = [item for item in systems if not _can_boot(item.body)]
    # A baseboard of accelerators is shown as a System beside the host that it sits in.
    merged = tuple(boards) if len(hosts) == 1 else ()
    for system in systems:
        if system in merged:
            continue
        also = merged if system in hosts else ()
        paths = tuple(
            path for item in (system, *also) for path in links(item.body, "Links/Chassis")
        )
        yield _Seed(kind=DeviceKind.SERVER, main=system, also=also, paths=paths)
    for system in walk.of_kind("StorageSystem"):
        yield _Seed(
            kind=DeviceKind.STORAGE,
            main=system,
            also=walk.of_kind("StorageService"),
            paths=tuple(links(system.body, "Links/Chassis")),
        )


def _can_boot(body: Mapping[str, Json]) -> bool:
    actions = body.get("Actions")
    resets = isinstance(actions, dict) and "#ComputerSystem.Reset" in actions
    return resets or "Boot" in body


def _storage(walk: Walk) -> Iterator[_Seed]:
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
        yield _Seed(
            kind=DeviceKind.STORAGE,
            main=parts[0],
            also=tuple(parts[1:]),
            paths=tuple(path for item in parts for path in links(item.body, "Links/Enclosures")),
        )


def _switches(walk: Walk) -> Iterator[_Seed]:
    """Switches of a network; those that only join a server's own parts are not devices."""
    has_server = bool(walk.of_kind("ComputerSystem"))
    for switch in walk.of_kind("Switch", "EthernetSwitch", "NetworkDevice"):
        declared = text(switch.body, "SwitchType")
        says_nothing = declared is None and text(switch.body, "SerialNumber") is None
        inside = has_server and (declared in _INSIDE_A_SERVER or says_nothing)
        if is_absent(switch.body) or inside:
            continue
        yield _Seed(
            kind=DeviceKind.SWITCH,
            main=switch,
            also=(),
            paths=tuple(links(switch.body, "Links/Chassis")),
        )


def _equipment(walk: Walk) -> Iterator[_Seed]:
    kinds = (("PowerDistribution", DeviceKind.PDU), ("CoolingUnit", DeviceKind.COOLING))
    for name, kind in kinds:
        for unit in walk.of_kind(name):
            if not is_absent(unit.body):
                paths = (*links(unit.body, "Links/Chassis"), *links(unit.body, "Links/Facility"))
                yield _Seed(kind=kind, main=unit, also=(), paths=paths)


def _frame_kind(frame: Resource, walk: Walk) -> DeviceKind:
    """A chassis with network adapters and no system is a switch (OCP's profile for switches)."""
    if text(frame.body, "ChassisType") == "IPBasedDrive":
        return DeviceKind.STORAGE
    adapters = list(walk.linked(frame, "NetworkAdapter"))
    systems = links(frame.body, "Links/ComputerSystems")
    return DeviceKind.SWITCH if adapters and not systems else DeviceKind.CHASSIS


class _Frames:
    """The chassis at an endpoint, handed out to the devices that they are parts of."""

    def __init__(self, walk: Walk) -> None:
        self._all = {canonical(item.path): item for item in walk.of_kind("Chassis")}
        self._free = dict(self._all)
        self._hosts = walk.of_kind("ComputerSystem", "StorageSystem")
        self._holder = self._holders()
        self._systems: dict[str, set[str]] = {}
        for host in self._hosts:
            for path in links(host.body, "Links/Chassis") or self._namesake(host):
                self._count(canonical(path), canonical(host.path))
        for key, item in self._all.items():
            for path in links(item.body, "Links/ComputerSystems"):
                self._count(key, canonical(path))

    def _namesake(self, host: Resource) -> list[str]:
        """A system that links no chassis has its own under the same name (HPE Cray's nodes)."""
        return [item.path for item in self._all.values() if item.last == host.last]

    def _holders(self) -> dict[str, str]:
        """By chassis, the one that holds it; what the inner one says goes before the outer."""
        found: dict[str, str] = {}
        pairs = [
            *((key, canonical(path)) for key, path in self._linked("Links/ContainedBy")),
            *((canonical(path), key) for key, path in self._linked("Links/Contains")),
        ]
        for inner, outer in pairs:
            if inner != outer:
                found.setdefault(inner, outer)
        return found

    def _linked(self, place: str) -> Iterator[tuple[str, str]]:
        for key, item in self._all.items():
            for path in links(item.body, place):
                yield key, path

    def _count(self, key: str, system: str) -> None:
        """Note a system at a chassis and at all that hold it."""
        for holder in self._up(key):
            self._systems.setdefault(holder, set()).add(system)

    def _up(self, key: str) -> Iterator[str]:
        """The chassis and those that hold it, from the inside out; a circle ends it."""
        seen: set[str] = set()
        step: str | None = key
        while step is not None and step not in seen:
            seen.add(step)
            yield step
            step = self._holder.get(step)

    def claim(self, seed: _Seed) -> tuple[Resource, ...]:
        """Take the chassis that are parts of the device: linked, around it alone, or inside."""
        mine = {canonical(item.path) for item in (seed.main, *seed.also)}
        linked = {canonical(path) for path in seed.paths}
        core = {key for key in linked if self._systems.get(key, mine) <= mine}
        core |= {key for key, systems in self._systems.items() if systems <= mine}
        taken = [
            key
            for key in self._free
            if any(holder in core or holder in linked for holder in self._up(key))
            and self._systems.get(key, mine) <= mine
        ]
        if not taken:
            taken = [key for key in self._free if key in linked]
        own = [self._free.pop(key) for key in taken]
        # Those that the device itself links come first: they tell its serial and place.
        own.sort(key=lambda item: canonical(item.path) not in linked)
        return tuple(own)

    def left(self) -> Iterator[Resource]:
        """The outermost chassis that no device has taken, and that stand for themselves.

        Beside servers and enclosures, cards and modules are parts of them, though not all say so.
        """
        free = [
            key
            for key, frame in self._free.items()
            if not is_absent(frame.body) and len(self._systems.get(key, ())) != 1
        ]
        whole = [key for key in free if _stands_alone(self._free[key])]
        if not whole and not self._hosts:
            whole = [key for key in free if _is_known(self._free[key])]
        for key in whole:
            held = any(holder in self._free for holder in self._up(key) if holder != key)
            if key in self._free and not held:
                yield self._free[key]


def _is_known(frame: Resource) -> bool:
    return text(frame.body, "SerialNumber", "Model", "PartNumber") is not None


def _stands_alone(frame: Resource) -> bool:
    """A kind of chassis that is bought, racked and replaced by itself, and says which it is."""
    declared = text(frame.body, "ChassisType")
    return _is_known(frame) and declared in _STANDS_ALONE
