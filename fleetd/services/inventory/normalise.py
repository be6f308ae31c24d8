"""From documents to devices: what stands at an endpoint, and what each device is made of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from fleetd.domain.device import (
    HOSTS,
    Component,
    ComponentKind,
    Description,
    DeviceKind,
    Health,
    Identity,
    Json,
    Placement,
    PowerState,
)
from fleetd.domain.identity import normal_uuid
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import health, integer, label, power_state, text
from fleetd.services.inventory.normalise_components import components
from fleetd.services.inventory.normalise_machines import Machine, machines
from fleetd.services.inventory.normalise_modules import slot_of_machine
from fleetd.services.inventory.normalise_shared import each_supply_once
from fleetd.services.inventory.read_walk import Walk

_NAMED_BY_PEOPLE: Final = frozenset(
    {DeviceKind.PDU, DeviceKind.SWITCH, DeviceKind.STORAGE, DeviceKind.COOLING}
)
_ARCHITECTURES: Final = {
    "x86-64": "x86_64",
    "x86": "x86_64",
    "arm-a64": "aarch64",
    "arm": "aarch64",
    "risc-v": "riscv64",
    "riscv": "riscv64",
    "power": "ppc64le",
    "powerisa": "ppc64le",
}
_MODEL_HINTS: Final = (
    (re.compile(r"xeon|epyc|opteron", re.IGNORECASE), "x86_64"),
    (re.compile(r"grace|altra|ampereone|neoverse|armv[89]", re.IGNORECASE), "aarch64"),
)


def descriptions(walk: Walk) -> tuple[Description, ...]:
    """Every device at the endpoint, as read; two readings of one state are equal."""
    found = machines(walk)
    every_anchor = frozenset(anchor for machine in found for anchor in machine.anchors)
    read = (_description(walk, machine, every_anchor) for machine in found)
    return each_supply_once(_distinct(tuple(read)))


def _distinct(found: tuple[Description, ...]) -> tuple[Description, ...]:
    """A serial or UUID that several devices of a kind at one endpoint give tells none of them.

    The nodes of one blade often carry the blade's serial. The name keeps it, with the node's.
    """
    serials = Counter((item.kind, item.identity.serial) for item in found)
    uuids = Counter((item.kind, item.identity.uuid) for item in found)
    distinct = []
    for item in found:
        known = item.identity
        shared = known.serial is not None and serials[item.kind, known.serial] > 1
        name = item.name
        if shared and name == known.serial:
            name = f"{name} {known.path.rpartition('/')[2]}"
        if shared:
            known = replace(known, serial=None)
        if known.uuid is not None and uuids[item.kind, known.uuid] > 1:
            known = replace(known, uuid=None)
        distinct.append(replace(item, identity=known, name=name))
    return tuple(distinct)


def _description(walk: Walk, machine: Machine, every_anchor: frozenset[str]) -> Description:
    body = machine.main.body
    bodies = [item.body for item in (machine.main, *machine.chassis, *machine.also)]
    parts = tuple(components(walk, machine))
    bmc = _main_manager(machine)
    hostname = text(body, "HostName")
    identity = _identity(walk, machine, bmc, parts, bodies)
    return Description(
        kind=machine.kind,
        identity=identity,
        name=_name(machine, identity, hostname),
        sku=_first(bodies, "SKU"),
        part_number=_first(bodies, "PartNumber"),
        asset_tag=_first(bodies, "AssetTag"),
        hostname=hostname,
        bios_version=text(body, "BiosVersion"),
        bmc_version=_bmc_version(machine, bmc),
        architecture=_architecture(parts),
        health=_health(machine),
        power_state=_power(bodies),
        placement=replace(_placement(bodies), slot=slot_of_machine(machine)),
        inside=machine.inside,
        components=parts,
        stale=_stale(walk, machine, every_anchor),
    )


def _first(bodies: Iterable[Mapping[str, Json]], *places: str) -> str | None:
    """The first resource that says it; the device's own before its chassis."""
    return next((found for body in bodies if (found := text(body, *places))), None)


def _first_label(bodies: Iterable[Mapping[str, Json]], place: str) -> str | None:
    return next((found for body in bodies if (found := label(body, place))), None)


def _main_manager(machine: Machine) -> Resource | None:
    """The BMC itself: the first manager that has firmware."""
    with_firmware = (item for item in machine.managers if text(item.body, "FirmwareVersion"))
    return next(with_firmware, machine.managers[0] if machine.managers else None)


def _bmc_version(machine: Machine, bmc: Resource | None) -> str | None:
    own = text(bmc.body, "FirmwareVersion") if bmc else None
    return own or text(machine.main.body, "FirmwareVersion")


def _identity(
    walk: Walk,
    machine: Machine,
    bmc: Resource | None,
    parts: tuple[Component, ...],
    bodies: list[Mapping[str, Json]],
) -> Identity:
    uuids = (normal_uuid(body.get("UUID")) for body in bodies)
    return Identity(
        uuid=next((found for found in uuids if found), None),
        serial=_first(bodies, "SerialNumber"),
        manufacturer=_first(bodies, "Manufacturer"),
        model=_first(bodies, "Model"),
        macs=_macs(machine, parts),
        manager_id=_manager_id(walk, bmc),
        path=machine.main.path,
    )


def _macs(machine: Machine, parts: tuple[Component, ...]) -> tuple[str, ...]:
    """The host's own addresses; a switch is known by its BMC's, for its ports may share one."""
    if machine.kind in HOSTS:
        own = {
            part.attributes.get("permanent_mac") or part.attributes.get("mac")
            for part in parts
            if part.kind is ComponentKind.PORT
        }
    else:
        own = {
            mac
            for part in parts
            if part.kind is ComponentKind.BMC
            for mac in part.attributes.get("macs", ())
        }
    return tuple(sorted(mac for mac in own if mac))


def _manager_id(walk: Walk, bmc: Resource | None) -> str | None:
    if bmc is not None:
        own = normal_uuid(bmc.body.get("UUID")) or text(bmc.body, "SerialNumber")
        if own:
            return own
    return normal_uuid(walk.root.get("UUID"))


def _name(machine: Machine, identity: Identity, hostname: str | None) -> str:
    """What people would call it: its host name, what they named it, its serial, its place."""
    given = text(machine.main.body, "UserLabel", "Name")
    if given == machine.main.last:
        given = None
    if hostname is None and machine.kind in _NAMED_BY_PEOPLE and given:
        return given
    return hostname or identity.serial or f"{machine.kind} {machine.main.last}"


def _architecture(parts: tuple[Component, ...]) -> str | None:
    """The first processor's architecture, as Linux and Ironic name it."""
    for part in parts:
        if part.kind is not ComponentKind.PROCESSOR:
            continue
        for name in ("instruction_set", "architecture"):
            known = _ARCHITECTURES.get(str(part.attributes.get(name, "")).lower())
            if known:
                return known
        for pattern, name in _MODEL_HINTS:
            if pattern.search(part.model or ""):
                return name
    return None


def _health(machine: Machine) -> Health:
    own = health(machine.main.body, rolled_up=True)
    if own is not Health.UNKNOWN:
        return own
    rolled = (health(item.body, rolled_up=True) for item in (*machine.also, *machine.chassis))
    return next((found for found in rolled if found is not Health.UNKNOWN), Health.UNKNOWN)


def _power(bodies: list[Mapping[str, Json]]) -> PowerState:
    states = (power_state(body) for body in bodies)
    return next((found for found in states if found is not PowerState.UNKNOWN), PowerState.UNKNOWN)


def _placement(bodies: list[Mapping[str, Json]]) -> Placement:
    """Location.Placement and PostalAddress (DSP0268 'Location'); a site is ours to name."""
    return Placement(
        room=_first_label(bodies, "Location/PostalAddress/Room"),
        row=_first_label(bodies, "Location/Placement/Row"),
        rack=_first_label(bodies, "Location/Placement/Rack"),
        unit=_unit(bodies),
    )


def _unit(bodies: list[Mapping[str, Json]]) -> int | None:
    found = (integer(body, "Location/Placement/RackOffset") for body in bodies)
    return next((unit for unit in found if unit is not None and unit > 0), None)


def _stale(walk: Walk, machine: Machine, every_anchor: frozenset[str]) -> frozenset[str]:
    """The sections that failures leave in doubt: this device's own, and nobody's in particular."""
    doubtful: set[str] = set()
    for failure in walk.failures:
        owners = set(_owners(walk, failure.key, every_anchor))
        if not owners or owners & machine.anchors:
            doubtful |= failure.sections
    return frozenset(doubtful)


def _owners(walk: Walk, key: str, every_anchor: frozenset[str]) -> Iterator[str]:
    """The nearest devices' resources on the ways from the root to a resource."""
    seen: set[str] = set()
    waiting = [key]
    while waiting:
        step = waiting.pop()
        if step in seen:
            continue
        seen.add(step)
        if step in every_anchor:
            yield step
        else:
            waiting.extend(walk.referrers.get(step, ()))
