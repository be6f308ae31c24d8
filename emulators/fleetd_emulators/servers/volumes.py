"""Logical drives of one server: made of drives and taken apart while it is emulated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fleetd_emulators.hardware import Drive, Server, StorageController, Volume
from fleetd_emulators.servers.documents.tree import Names
from fleetd_emulators.servers.refusal import Refused, not_in_list, wrong_state

if TYPE_CHECKING:
    from fleetd_emulators.servers.machine import Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """How many drives a RAID type takes and how many of them hold no data."""

    least: int
    spare: int | None
    even: bool = False


_LEVELS: Final = {
    "RAID0": _Level(least=1, spare=0),
    "RAID1": _Level(least=2, spare=None, even=True),
    "RAID5": _Level(least=3, spare=1),
    "RAID6": _Level(least=4, spare=2),
    "RAID10": _Level(least=4, spare=None, even=True),
}


class Volumes:
    """The volumes of every controller, by the storage subsystem's id."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def of(self, storage: str) -> tuple[Volume, ...]:
        """The volumes of a storage subsystem; none where there is no such subsystem."""
        index = self._index(storage)
        return () if index is None else self._server.controllers[index].volumes

    def check(
        self, storage: str, raid_type: str, drives: Sequence[str], capacity: int | None
    ) -> Volume:
        """The volume that would be made, numbered.

        Args:
            storage: The subsystem's id.
            raid_type: One of the controller's.
            drives: Paths of the drives to make it of.
            capacity: Bytes, or all there is.

        Raises:
            Refused: The controller makes no volumes, or not such a one.
        """
        index = self._index(storage)
        controller = self._server.controllers[index] if index is not None else None
        if controller is None or index is None or not controller.raid_types:
            raise Refused(
                405, "OperationNotAllowed", "This controller makes no volumes.", allow="GET, HEAD"
            )
        if raid_type not in controller.raid_types:
            raise not_in_list("RAIDType", raid_type)
        chosen = self._drives(index, controller, drives)
        room = _room(raid_type, chosen)
        if capacity is not None and not 0 < capacity <= room:
            raise not_in_list("CapacityBytes", capacity)
        number = max((volume.number for volume in controller.volumes), default=0) + 1
        return Volume(
            number=number,
            name=f"Volume {number}",
            raid_type=raid_type,
            capacity_bytes=capacity or room,
            bays=tuple(drive.bay for drive in chosen),
        )

    def add(self, storage: str, volume: Volume) -> None:
        """Make a volume that was checked."""
        self._set(storage, (*self.of(storage), volume))

    def remove(self, storage: str, number: str) -> bool:
        """Take a volume apart; tells whether there was one."""
        left = tuple(volume for volume in self.of(storage) if str(volume.number) != number)
        if len(left) == len(self.of(storage)):
            return False
        self._set(storage, left)
        return True

    @property
    def _server(self) -> Server:
        return self._machine.server

    def _index(self, storage: str) -> int | None:
        names = Names(self._server, self._machine.layout)
        for index, controller in enumerate(self._server.controllers):
            if names.storage(index, controller).rpartition("/")[2] == storage:
                return index
        return None

    def _set(self, storage: str, volumes: tuple[Volume, ...]) -> None:
        index = self._index(storage)
        if index is None:
            return
        controllers = list(self._server.controllers)
        controllers[index] = replace(controllers[index], volumes=volumes)
        self._machine.server = replace(self._server, controllers=tuple(controllers))

    def _drives(
        self, index: int, controller: StorageController, paths: Sequence[str]
    ) -> list[Drive]:
        names = Names(self._server, self._machine.layout)
        known = {
            names.drive(index, place, drive): drive for place, drive in enumerate(controller.drives)
        }
        used = {bay for volume in controller.volumes for bay in volume.bays}
        chosen = []
        for path in paths:
            drive = known.get(path.rstrip("/"))
            if drive is None:
                raise Refused(400, "ResourceMissingAtURI", f"There is no drive {path} here.")
            if drive.bay in used:
                raise wrong_state(f"the drive in {drive.bay} is part of a volume")
            chosen.append(drive)
        return chosen


def _room(raid_type: str, drives: list[Drive]) -> int:
    """How many bytes a volume of this type over these drives can hold."""
    level = _LEVELS[raid_type]
    if len(drives) < level.least or (level.even and len(drives) % 2):
        raise Refused(
            400,
            "PropertyValueIncorrect",
            f"{raid_type} cannot be made of {len(drives)} drives.",
        )
    smallest = min(drive.capacity_bytes for drive in drives)
    spare = len(drives) // 2 if level.spare is None else level.spare
    return smallest * (len(drives) - spare)
