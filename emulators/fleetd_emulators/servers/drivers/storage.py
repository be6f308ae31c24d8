"""sushy-tools' drivers of storage subsystems, drives and volumes."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, Final

from sushy_tools import error
from sushy_tools.emulator.resources import base

from fleetd_emulators.servers.documents.tree import Names
from fleetd_emulators.servers.drivers.systems import Systems
from fleetd_emulators.servers.machine import Machine

_LOG: Final = logging.getLogger(__name__)


class Storage(base.DriverBase):  # type: ignore[misc]  # sushy-tools carries no types
    """Storage subsystems and drives."""

    def __init__(self, machine: Machine) -> None:
        super().__init__({}, _LOG)
        self._machine = machine
        self._names = Names(machine.server, machine.layout)

    def get_storage_col(self, identity: str) -> list[dict[str, Any]]:
        return [
            {
                "Id": self._names.storage(index, controller).rpartition("/")[2],
                "Name": controller.model,
                "StorageControllers": [
                    {"MemberId": "0", "Name": controller.model, "SpeedGbps": 16}
                ],
                "Drives": [drive["Id"] for drive in self._drives(index)],
            }
            for index, controller in enumerate(self._machine.server.controllers)
        ]

    def get_all_storage(self) -> list[tuple[str, str]]:
        system = self._machine.layout.system
        return [(system, storage["Id"]) for storage in self.get_storage_col(system)]

    def get_drives(self, identity: str, storage_id: str) -> list[dict[str, Any]]:
        for index, storage in enumerate(self.get_storage_col(identity)):
            if storage["Id"] == storage_id:
                return self._drives(index)
        raise error.NotFound(f"Storage {storage_id} was not found")

    def get_all_drives(self) -> list[tuple[str, str, str]]:
        return [
            (system, storage, drive["Id"])
            for system, storage in self.get_all_storage()
            for drive in self.get_drives(system, storage)
        ]

    def _drives(self, index: int) -> list[dict[str, Any]]:
        return [
            {
                "Id": self._names.drive(index, place, drive).rpartition("/")[2],
                "Name": drive.bay,
                "CapacityBytes": drive.capacity_bytes,
                "Protocol": drive.protocol,
            }
            for place, drive in enumerate(self._machine.server.controllers[index].drives)
        ]


class LogicalDrives(base.DriverBase):  # type: ignore[misc]  # sushy-tools carries no types
    """Volumes, made from what the systems driver has planned."""

    def __init__(self, machine: Machine, systems: Systems) -> None:
        super().__init__({}, _LOG)
        self._machine = machine
        self._systems = systems

    def get_volumes_col(self, identity: str, storage_id: str) -> list[dict[str, Any]]:
        return [
            {
                "Id": str(volume.number),
                "Name": volume.name,
                "VolumeType": volume.raid_type,
                "CapacityBytes": volume.capacity_bytes,
            }
            for volume in self._machine.volumes.of(storage_id)
        ]

    def add_volume(self, uu_identity: str, storage_id: str, vol: dict[str, Any]) -> None:
        if self._systems.planned is None:
            raise error.BadRequest("No volume was planned")
        name = vol["Name"] or self._systems.planned.name
        self._machine.volumes.add(storage_id, replace(self._systems.planned, name=name))

    def delete_volume(self, uu_identity: str, storage_id: str, vol: dict[str, Any]) -> None:
        self._machine.volumes.remove(storage_id, str(vol["Id"]))
