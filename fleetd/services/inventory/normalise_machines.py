"""Which devices stand at an endpoint, and which chassis and managers are parts of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from fleetd.domain.device import DeviceKind
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import canonical, links
from fleetd.services.inventory.normalise_frame_kinds import frame_kind
from fleetd.services.inventory.normalise_frames import Frames
from fleetd.services.inventory.normalise_seeds import Seed, hosts_unread, seeds
from fleetd.services.inventory.read_walk import Walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One device at an endpoint: its main resource, and what else belongs to it.

    ``anchors`` are the canonical paths at which a failure below counts as this device's.
    ``inside`` is the path of the machine that holds this one, ``bays`` what sits in a chassis'
    bays, ``guests`` the systems of the DPUs in a server.
    """

    kind: DeviceKind
    main: Resource
    also: tuple[Resource, ...] = ()
    chassis: tuple[Resource, ...] = ()
    managers: tuple[Resource, ...] = ()
    anchors: frozenset[str] = frozenset()
    inside: str | None = None
    bays: tuple[Resource, ...] = ()
    guests: tuple[Resource, ...] = ()


def machines(walk: Walk) -> tuple[Machine, ...]:
    """Every device, in a lasting order: servers, storage, switches, PDUs, cooling, chassis."""
    planted = seeds(walk)
    servers = sum(seed.kind is DeviceKind.SERVER for seed in planted)
    frames = Frames(walk)
    found = []
    for seed in planted:
        owned = frames.claim(seed, only=servers == 1)
        found.append(_machine(walk, seed, owned, only=len(planted) == 1))
    for frame in () if hosts_unread(walk) else frames.left():
        same = (frame, *frames.twins(frame))
        paths = tuple(item.path for item in same)
        seed = Seed(kind=frame_kind(same, walk), main=frame, also=(), paths=paths)
        owned = frames.claim(seed, only=False)
        found.append(_machine(walk, seed, owned, only=not planted))
    return tuple(_nested(machine, found, frames) for machine in found)


def _nested(machine: Machine, found: list[Machine], frames: Frames) -> Machine:
    """The machine with what holds it and what it holds."""
    servers = [item for item in found if item.kind is DeviceKind.SERVER]
    guests = [item for item in found if item.kind is DeviceKind.DPU]
    host = servers[0] if len(servers) == 1 else None
    if machine.kind is DeviceKind.DPU and host is not None:
        return replace(machine, inside=host.main.path)
    return replace(
        machine,
        inside=_chassis_around(machine, found, frames),
        bays=frames.bays_of(machine.main) if machine.kind is DeviceKind.CHASSIS else (),
        guests=tuple(item.main for item in guests) if machine is host else (),
    )


def _chassis_around(machine: Machine, found: list[Machine], frames: Frames) -> str | None:
    linked = links(machine.main.body, "Links/Chassis")
    around = frames.holders_of(
        [machine.main.path, *(item.path for item in machine.chassis), *linked]
    )
    mains = {
        canonical(item.main.path): item.main.path
        for item in found
        if item.kind is DeviceKind.CHASSIS and item is not machine
    }
    return next((mains[key] for key in around if key in mains), None)


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
    """The managers that a device names; failing that those that name it; failing that all.

    The only device at an endpoint has the rest as well: auxiliary controllers name nobody.
    """
    every = walk.of_kind("Manager")
    found = _own_managers(every, list(bodies)) or every
    rest = (item for item in every if item not in found)
    return (*found, *rest) if only else found


def _own_managers(every: tuple[Resource, ...], bodies: list[Resource]) -> tuple[Resource, ...]:
    named = {canonical(path) for item in bodies for path in links(item.body, "Links/ManagedBy")}
    found = tuple(item for item in every if canonical(item.path) in named)
    here = {canonical(item.path) for item in bodies}
    for place in ("Links/ManagerForServers", "Links/ManagerForChassis", "Links/ManagerForSwitches"):
        found = found or tuple(
            item
            for item in every
            if any(canonical(path) in here for path in links(item.body, place))
        )
    return found
