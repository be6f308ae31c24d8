"""Power supplies that several devices of one endpoint list: each belongs to one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from fleetd.domain.device import Component, ComponentKind, Description

Plate = tuple[str | None, ...]


def each_supply_once(found: Iterable[Description]) -> tuple[Description, ...]:
    """Leave a supply that several list with the device around them; failing that with the first.

    The nodes of a blade show the blade's supplies, each under a path of its own.
    """
    found = tuple(found)
    listed: dict[Plate, list[Description]] = {}
    for device in found:
        for plate in dict.fromkeys(_plates(device.components).values()):
            listed.setdefault(plate, []).append(device)
    owners = {
        plate: _owner(holders, found) for plate, holders in listed.items() if len(holders) > 1
    }
    return tuple(_settled(device, owners, found) for device in found) if owners else found


def _plates(components: Iterable[Component]) -> Mapping[str, Plate]:
    """By key, what tells each supply; a serial that two of one device have tells neither."""
    supplies = [
        part for part in components if part.kind is ComponentKind.PSU and part.serial is not None
    ]
    serials = Counter(part.serial for part in supplies)
    return {
        part.key: (part.serial, part.model, part.name)
        for part in supplies
        if serials[part.serial] == 1
    }


def _owner(holders: list[Description], found: tuple[Description, ...]) -> str:
    around = {device.inside for device in holders}
    outer = around.pop() if len(around) == 1 else None
    paths = {device.identity.path for device in found}
    return outer if outer in paths and outer is not None else holders[0].identity.path


def _settled(
    device: Description, owners: Mapping[Plate, str], found: tuple[Description, ...]
) -> Description:
    mine = device.identity.path
    own = _plates(device.components)
    kept = tuple(
        part for part in device.components if owners.get(own.get(part.key, ()), mine) == mine
    )
    has = set(own.values())
    gained = [plate for plate, owner in owners.items() if owner == mine and plate not in has]
    return replace(device, components=(*kept, *(_first(plate, found) for plate in gained)))


def _first(plate: Plate, found: tuple[Description, ...]) -> Component:
    return next(
        part
        for device in found
        for part in device.components
        if _plates((part,)).get(part.key) == plate
    )
