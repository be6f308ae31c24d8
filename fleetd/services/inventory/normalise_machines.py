"""Which devices stand at an endpoint, and which chassis and managers are parts of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fleetd.domain.device import DeviceKind
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import canonical, links
from fleetd.services.inventory.normalise_frame_kinds import frame_kind
from fleetd.services.inventory.normalise_frames import Frames
from fleetd.services.inventory.normalise_seeds import Seed, seeds
from fleetd.services.inventory.read_walk import Walk


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


def machines(walk: Walk) -> tuple[Machine, ...]:
    """Every device, in a lasting order: servers, storage, switches, PDUs, cooling, chassis."""
    planted = seeds(walk)
    servers = sum(seed.kind is DeviceKind.SERVER for seed in planted)
    frames = Frames(walk)
    found = []
    for seed in planted:
        owned = frames.claim(seed, only=servers == 1)
        found.append(_machine(walk, seed, owned, only=len(planted) == 1))
    for frame in frames.left():
        same = (frame, *frames.twins(frame))
        paths = tuple(item.path for item in same)
        seed = Seed(kind=frame_kind(same, walk), main=frame, also=(), paths=paths)
        owned = frames.claim(seed, only=False)
        found.append(_machine(walk, seed, owned, only=not planted))
    return tuple(found)


def _machine(walk: Walk, seed: Seed, chassis: tuple[Resource, ...], *, only: bool) -> Machine:
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
