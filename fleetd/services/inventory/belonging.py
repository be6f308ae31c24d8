"""Who holds whom after a reading: the devices it shows, and those elsewhere that are their kin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from fleetd.domain.belonging import CLAIMING, claimants, claims_on, holder_of
from fleetd.domain.device import Device, DeviceId
from fleetd.domain.inventory import DEVICE_SECTION

_TELLING: Final = frozenset({DEVICE_SECTION, *(kind.value for kind in CLAIMING)})


class Belonging:
    """Tells of each device whose part it is, by what this reading and the store say."""

    def __init__(
        self,
        shown: Iterable[Device],
        elsewhere: Iterable[Device],
        aliases: Mapping[str, DeviceId],
    ) -> None:
        """``aliases`` are the paths here of devices that are known, and stay, elsewhere."""
        self._shown = {device.id: device for device in shown}
        others = {device.id: device for device in elsewhere if device.id not in self._shown}
        self._all = {**self._shown, **others}
        self._claiming = claimants(self._all.values())
        self.others = tuple(others.values())
        self._at = {one.description.identity.path: one for one in self._shown.values()}
        self._at |= {path: others[name] for path, name in aliases.items() if name in others}

    def placed(self, device: Device) -> Device:
        """The device with its holder and, where its own BMC doesn't say it, its slot there."""
        if device.id in self._shown:
            return self._placed_as_shown(device)
        if device.part_of is not None and device.part_of not in self._all:
            return device
        held = holder_of(device, self._claiming)
        return replace(device, part_of=self._kept(device) if held is None else held[0].id)

    def _placed_as_shown(self, device: Device) -> Device:
        container = self._container(device)
        if container is not None:
            pairs = claims_on(device, self._claiming)
            slots = (claim.slot for other, claim in pairs if other.id == container.id)
            return _in_slot(replace(device, part_of=container.id), next(slots, None))
        held = holder_of(device, self._claiming)
        if held is not None:
            holder, claim = held
            return _in_slot(replace(device, part_of=holder.id), claim.slot)
        # A container that is told of and wasn't read this time is there nevertheless.
        unread = device.description.inside is not None
        return device if unread else replace(device, part_of=None)

    def _container(self, device: Device) -> Device | None:
        """The device at the same endpoint that its BMC says it is inside."""
        path = device.description.inside
        return None if path is None else self._at.get(path)

    def _kept(self, device: Device) -> DeviceId | None:
        """Nobody claims it: it's still its holder's, unless that was read whole and has it not.

        But what its own BMC elsewhere says it is inside of, that BMC must take back.
        """
        holder = self._shown.get(device.part_of) if device.part_of else None
        told = holder is not None and not holder.description.stale & _TELLING
        said = device.description.inside is not None and (
            holder is None or device.endpoint_id != holder.endpoint_id
        )
        unread = DEVICE_SECTION in device.description.stale
        return None if told and not said and not unread else device.part_of


def _in_slot(device: Device, slot: str | None) -> Device:
    description = device.description
    if slot is None or description.placement.slot is not None:
        return device
    placement = replace(description.placement, slot=slot)
    return replace(device, description=replace(description, placement=placement))
