"""What kind of device a chassis is that stands for itself, and which chassis are the same one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from fleetd.domain.device import DeviceKind
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import entries, links, text
from fleetd.services.inventory.read_walk import Walk

# By ChassisType (DSP0268 'Chassis'), where it alone decides.
_KINDS: Final = {
    "IPBasedDrive": DeviceKind.STORAGE,
    "PowerStrip": DeviceKind.PDU,
    "HeatExchanger": DeviceKind.COOLING,
    "ImmersionTank": DeviceKind.COOLING,
}
_POWER_SHELF: Final = re.compile(r"power[ _-]?shelf", re.IGNORECASE)


def frame_kind(frames: Iterable[Resource], walk: Walk) -> DeviceKind:
    """The kind of the device that the chassis, which are one, show.

    A chassis with network adapters and no system is a switch (OCP's profile for switches). One
    that is a shelf and holds power supplies and no system is a power shelf; the standard has
    PowerEquipment for those, which some of them lack.
    """
    frames = tuple(frames)
    declared = (text(frame.body, "ChassisType") or "" for frame in frames)
    known = next((_KINDS[name] for name in declared if name in _KINDS), None)
    if known is not None:
        return known
    if any(links(frame.body, "Links/ComputerSystems") for frame in frames):
        return DeviceKind.CHASSIS
    if any(True for frame in frames for _ in walk.linked(frame, "NetworkAdapter")):
        return DeviceKind.SWITCH
    shelf = any(_is_shelf(frame) for frame in frames)
    supplied = any(has_supplies(frame, walk) for frame in frames)
    return DeviceKind.PDU if shelf and supplied else DeviceKind.CHASSIS


def _is_shelf(frame: Resource) -> bool:
    named = f"{text(frame.body, 'Name') or ''} {frame.last}"
    return text(frame.body, "ChassisType") == "Shelf" or bool(_POWER_SHELF.search(named))


def has_supplies(frame: Resource, walk: Walk) -> bool:
    """The chassis lists power supplies, in PowerSubsystem or the older Power."""
    subsystems = walk.linked(frame, "PowerSubsystem")
    if any(True for item in subsystems for _ in walk.linked(item, "PowerSupply")):
        return True
    return any(entries(item.body, "PowerSupplies") for item in walk.linked(frame, "Power"))


def plate(frame: Resource) -> tuple[str, str] | None:
    """What is written on a device that no other has; None where it isn't said whole."""
    serial, model = text(frame.body, "SerialNumber"), text(frame.body, "Model")
    return (serial, model) if serial and model else None
