"""Chassis: which device each is a part of, and which stand for themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from fleetd.domain.device import DeviceKind
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import canonical, is_absent, links, text
from fleetd.services.inventory.normalise_frame_kinds import has_supplies, plate
from fleetd.services.inventory.normalise_seeds import Seed
from fleetd.services.inventory.read_walk import Walk

_STANDS_ALONE: Final = frozenset(
    {
        *("Enclosure", "StorageEnclosure", "IPBasedDrive", "Shelf", "Drawer", "Expansion"),
        *("Rack", "RackGroup", "Row", "Pod", "StandAlone", "RackMount"),
        *("Sidecar", "PowerStrip", "HeatExchanger", "ImmersionTank"),
    }
)


BLADES: Final = frozenset({"Blade", "Sled"})
"""The kinds of chassis that a server is in a bay with (DSP0268 'ChassisType')."""
_IN_BAYS: Final = BLADES | {"Module", "Card"}


def in_a_bay(frame: Resource) -> bool:
    """A kind of chassis that is never without another around it."""
    return text(frame.body, "ChassisType") in _IN_BAYS


def is_composed(system: Resource) -> bool:
    """It's made of parts of several chassis (DSP0268 'SystemType'), so that none is its own."""
    return text(system.body, "SystemType") == "Composed"


class Frames:
    """The chassis at an endpoint, handed out to the devices that they are parts of."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._all = {canonical(item.path): item for item in walk.of_kind("Chassis")}
        self._free = dict(self._all)
        self._hosts = walk.of_kind("ComputerSystem", "StorageSystem")
        composed = {canonical(host.path) for host in self._hosts if is_composed(host)}
        self._holder = self._holders()
        self._systems: dict[str, set[str]] = {}
        for host in self._hosts:
            if is_composed(host):
                continue
            for path in links(host.body, "Links/Chassis") or self._namesake(host):
                self._count(canonical(path), canonical(host.path))
        for key, item in self._all.items():
            for path in links(item.body, "Links/ComputerSystems"):
                if canonical(path) in composed:
                    continue
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
        around = self._only_enclosure(found)
        for key, frame in self._all.items():
            if around is not None and key != around and in_a_bay(frame):
                found.setdefault(key, around)
        return found

    def _only_enclosure(self, holders: Mapping[str, str]) -> str | None:
        """The enclosure around all that sits in bays, where no chassis says what holds it."""
        enclosures = [
            key
            for key, frame in self._all.items()
            if text(frame.body, "ChassisType") == "Enclosure"
        ]
        return enclosures[0] if len(enclosures) == 1 and not holders else None

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

    def claim(self, seed: Seed, *, only: bool) -> tuple[Resource, ...]:
        """Take the chassis that are parts of the device: linked, around it alone, or inside.

        The only server at an endpoint also takes what doesn't stand for itself: boards, risers.
        """
        mine = {canonical(item.path) for item in (seed.main, *seed.also)}
        linked = set() if is_composed(seed.main) else {canonical(path) for path in seed.paths}
        core = {key for key in linked if self._systems.get(key, mine) <= mine}
        core |= {
            key
            for key, systems in self._systems.items()
            if systems <= mine and (key in linked or not self._is_for_several(key))
        }
        taken = [
            key
            for key in self._free
            if any(holder in core or holder in linked for holder in self._up(key))
            and self._systems.get(key, mine) <= mine
            and (key in linked or not self._is_for_several(key))
        ]
        if not taken:
            taken = [key for key in self._free if key in linked]
        if only and seed.kind is DeviceKind.SERVER:
            taken += [
                key
                for key, frame in self._free.items()
                if key not in taken and not _stands_alone(frame)
            ]
        own = [self._free.pop(key) for key in taken]
        # Those that the device itself links come first: they tell its serial and place.
        name = seed.main.last
        own.sort(key=lambda item: (canonical(item.path) not in linked, item.last != name))
        return tuple(own)

    def _is_for_several(self, key: str) -> bool:
        """An enclosure with bays and a serial of its own, though one blade alone is in it now."""
        frame = self._all.get(key)
        if frame is None or text(frame.body, "ChassisType") != "Enclosure":
            return False
        serial = text(frame.body, "SerialNumber")
        held = [item for inner, item in self._all.items() if self._holder.get(inner) == key]
        systems = self._systems.get(key, set())
        hosts = [item for item in self._hosts if canonical(item.path) in systems]
        others = {text(item.body, "SerialNumber") for item in (*held, *hosts)}
        bladed = any(text(item.body, "ChassisType") in BLADES for item in held)
        return serial is not None and bladed and serial not in others

    def holders_of(self, paths: Iterable[str]) -> tuple[str, ...]:
        """The canonical paths of all chassis around these, from the inside out."""
        ways = [list(self._up(canonical(path))) for path in paths]
        return tuple(dict.fromkeys(step for way in ways for step in way))

    def bays_of(self, frame: Resource) -> tuple[Resource, ...]:
        """What sits in the bays of a chassis, whether or not it's a device of its own here."""
        outer = canonical(frame.path)
        return tuple(
            item
            for key, item in self._all.items()
            if self._holder.get(key) == outer and in_a_bay(item) and not is_absent(item.body)
        )

    def left(self) -> Iterator[Resource]:
        """The outermost chassis that no device has taken, and that stand for themselves.

        Beside servers and enclosures, cards and modules are parts of them, though not all say so.
        """
        free = [
            key
            for key, frame in self._free.items()
            if not is_absent(frame.body)
            and (len(self._systems.get(key, ())) != 1 or self._is_for_several(key))
        ]
        whole = [key for key in free if _stands_alone(self._free[key])]
        if not whole and not self._hosts:
            whole = [key for key in free if _is_known(self._free[key])]
            whole = whole or [key for key in free if self._is_nameless_enclosure(key)]
        for key in whole:
            held = any(holder in self._free for holder in self._up(key) if holder != key)
            if key in self._free and not held:
                yield self._free[key]

    def _is_nameless_enclosure(self, key: str) -> bool:
        """It tells neither serial nor model, but shows the power supplies that are in it."""
        frame = self._free[key]
        declared = text(frame.body, "ChassisType")
        return declared == "Enclosure" and has_supplies(frame, self._walk)

    def twins(self, frame: Resource) -> tuple[Resource, ...]:
        """The free chassis that are the same thing as this one under another path.

        LITE-ON's power shelves show themselves twice, with supplies at one of the two.
        """
        mine = plate(frame)
        return tuple(
            item
            for item in self._free.values()
            if mine is not None and item is not frame and plate(item) == mine
        )


def _is_known(frame: Resource) -> bool:
    return text(frame.body, "SerialNumber", "Model", "PartNumber") is not None


def _stands_alone(frame: Resource) -> bool:
    """A kind of chassis that is bought, racked and replaced by itself, and says which it is."""
    declared = text(frame.body, "ChassisType")
    return _is_known(frame) and declared in _STANDS_ALONE
