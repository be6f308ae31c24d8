"""What sits in the bays of a chassis, and in which bay a device's own chassis says it sits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from fleetd.domain.device import Component, ComponentKind, DeviceKind
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import integer, label, text
from fleetd.services.inventory.normalise_frames import BLADES, in_a_bay
from fleetd.services.inventory.normalise_machines import Machine
from fleetd.services.inventory.normalise_parts import label_of, part

_PLACE: Final = "Location/PartLocation"
# Ids that name a bay; others are serials or UUIDs of what is in it.
_BAY: Final = re.compile(
    r"(?:blade|node|sled|bay|slot|tray|server|perif)[ _.-]?\d{1,3}", re.IGNORECASE
)


def modules(bays: Iterable[Resource]) -> Iterator[Component]:
    """Blades, sleds and modules, each of which may be a device of its own elsewhere."""
    for frame in bays:
        yield part(
            ComponentKind.MODULE,
            frame.key,
            frame.body,
            name=label_of(frame.body, frame.last),
            attributes={"slot": bay_of(frame), "type": text(frame.body, "ChassisType")},
        )


def slot_of_machine(machine: Machine) -> str | None:
    """The bay that the device's own chassis says it sits in; a chassis sits in none of its own."""
    own = machine.chassis[0] if machine.chassis else None
    if own is None or machine.kind is DeviceKind.CHASSIS:
        return None
    declared = text(own.body, "ChassisType")
    bladed = declared in BLADES or (machine.inside is not None and in_a_bay(own))
    return bay_of(own) if bladed else None


def bay_of(frame: Resource) -> str | None:
    """ServiceLabel, or LocationOrdinalValue (DSP0268 'PartLocation'), or an Id that is a bay's."""
    said = label(frame.body, f"{_PLACE}/ServiceLabel")
    ordinal = integer(frame.body, f"{_PLACE}/LocationOrdinalValue")
    if said is not None or ordinal is not None:
        return said or str(ordinal)
    return frame.last if _BAY.fullmatch(frame.last) else None
