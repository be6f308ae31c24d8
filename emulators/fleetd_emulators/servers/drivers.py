"""sushy-tools' drivers over one machine: how its Flask application sees and changes a server.

The interface is sushy-tools' own (``sushy_tools.emulator.resources``); the identities it passes
are the ids of the server's personality.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Any, Final

from sushy_tools import error
from sushy_tools.emulator.resources import base, vmedia
from sushy_tools.emulator.resources.systems.base import AbstractSystemsDriver

from fleetd_emulators.hardware import GIB, Volume
from fleetd_emulators.servers.documents.tree import Names
from fleetd_emulators.servers.machine import Machine, Media
from fleetd_emulators.servers.power import Power

_LOG: Final = logging.getLogger(__name__)


class Systems(AbstractSystemsDriver):  # type: ignore[misc]  # sushy-tools carries no types
    """The one computer system behind the BMC."""

    def __init__(self, machine: Machine) -> None:
        super().__init__()
        self._machine = machine
        self._names = Names(machine.server, machine.layout)
        self.planned: Volume | None = None

    @property
    def driver(self) -> str:
        return "<fleetd>"

    @property
    def systems(self) -> list[str]:
        return [self._machine.layout.system]

    def uuid(self, identity: str) -> str:
        layout = self._machine.layout
        if identity not in {layout.system, layout.manager}:
            raise error.NotFound(f"System {identity} was not found")
        return identity

    def name(self, identity: str) -> str:
        return self.uuid(identity)

    def get_power_state(self, identity: str) -> str:
        return self._power.state

    def set_power_state(self, identity: str, state: str) -> None:
        self._power.reset(state)

    def get_boot_device(self, identity: str) -> str:
        return self._machine.override.target

    def set_boot_device(self, identity: str, boot_source: str) -> None:
        self._machine.override = replace(self._machine.override, target=boot_source)

    def get_boot_mode(self, identity: str) -> str:
        return self._machine.override.mode

    def set_boot_mode(self, identity: str, boot_mode: str) -> None:
        self._machine.override = replace(self._machine.override, mode=boot_mode)

    def get_http_boot_uri(self, identity: str) -> str | None:
        return self._machine.override.http_uri

    def set_http_boot_uri(self, uri: str) -> None:
        self._machine.override = replace(self._machine.override, http_uri=uri)

    def get_secure_boot(self, identity: str) -> bool:
        return self._machine.secure_boot

    def set_secure_boot(self, identity: str, secure: bool) -> None:  # noqa: FBT001  # its interface
        self._machine.secure_boot = secure

    def get_total_memory(self, identity: str) -> int:
        return self._machine.server.memory_bytes // GIB

    def get_total_cpus(self, identity: str) -> int:
        return len(self._machine.server.processors)

    def get_bios(self, identity: str) -> dict[str, Any]:
        return self._machine.bios

    def set_bios(self, identity: str, attributes: dict[str, Any]) -> None:
        self._machine.pending_bios.update(attributes)

    def reset_bios(self, identity: str) -> None:
        self._machine.reset_bios()

    def get_versions(self, identity: str) -> dict[str, str]:
        return {"BiosVersion": self._machine.server.bios_version}

    def set_versions(self, identity: str, firmware_versions: dict[str, str]) -> None:
        version = firmware_versions["BiosVersion"]
        self._machine.server = replace(self._machine.server, bios_version=version)

    def get_nics(self, identity: str) -> list[dict[str, str]]:
        return [
            {
                "id": self._names.ethernet(index, port).rpartition("/")[2],
                "mac": self._machine.layout.mac(port.mac),
            }
            for index, adapter in enumerate(self._machine.server.adapters)
            for port in adapter.ports
        ]

    def get_processors(self, identity: str) -> list[dict[str, Any]]:
        return [
            {
                "id": (name := self._names.processor(index).rpartition("/")[2]),
                "Id": name,
                "socket": processor.socket,
                "vendor": processor.manufacturer,
                "model": processor.model,
                "cores": processor.cores,
                "threads": processor.threads,
            }
            for index, processor in enumerate(self._machine.server.processors)
        ]

    def get_simple_storage_collection(self, identity: str) -> dict[str, Any]:
        if not self._machine.layout.simple_storage:
            raise error.NotSupportedError("No SimpleStorage on this system")
        return {
            (name := self._names.storage(index, controller).rpartition("/")[2]): {
                "Id": name,
                "Name": controller.model,
                "DeviceList": [
                    {"Name": drive.bay, "CapacityBytes": drive.capacity_bytes}
                    for drive in controller.drives
                ],
            }
            for index, controller in enumerate(self._machine.server.controllers)
        }

    def get_boot_image(self, identity: str, device: str) -> tuple[str | None, bool, bool]:
        media = self._machine.media.get(device, Media())
        return media.image, media.write_protected, media.image is not None

    def set_boot_image(
        self,
        identity: str,
        device: str,
        boot_image: str | None = None,
        write_protected: bool = True,  # noqa: FBT001, FBT002  # sushy-tools' interface
    ) -> None:
        """The virtual drive holds the image already: the machine boots from what is in it."""

    def find_or_create_storage_volume(self, data: dict[str, Any]) -> str:
        """The id of a volume; a new one takes the place that was planned for it."""
        if self.planned is not None:
            data["Id"] = str(self.planned.number)
        return str(data["Id"])

    @property
    def _power(self) -> Power:
        return self._machine.power


class Chassis(base.DriverBase):  # type: ignore[misc]  # sushy-tools carries no types
    """The one enclosure."""

    def __init__(self, machine: Machine) -> None:
        super().__init__({}, _LOG)
        self._machine = machine

    @property
    def chassis(self) -> list[str]:
        return [self._machine.layout.chassis]

    def uuid(self, identity: str) -> str:
        if identity != self._machine.layout.chassis:
            raise error.NotFound(f"Chassis {identity} was not found")
        return identity

    def name(self, identity: str) -> str:
        return self.uuid(identity)


class Managers(base.DriverBase):  # type: ignore[misc]  # sushy-tools carries no types
    """The BMC as sushy-tools' manager resource sees it."""

    def __init__(self, machine: Machine) -> None:
        super().__init__({}, _LOG)
        self._machine = machine

    @property
    def managers(self) -> list[str]:
        return [self._machine.layout.manager]

    def get_manager(self, identity: str) -> dict[str, str]:
        if identity != self._machine.layout.manager:
            raise error.NotFound(f"Manager {identity} was not found")
        return {"Id": identity, "UUID": identity, "Name": "Manager"}

    def get_managed_systems(self, manager: dict[str, str]) -> list[str]:
        return [self._machine.layout.system]

    def get_managed_chassis(self, manager: dict[str, str]) -> list[str]:
        return [self._machine.layout.chassis]

    def get_managers_for_system(self, ident: str) -> list[str]:
        return self.managers

    def set_datetime(self, datetime_value: str, datetimelocaloffset_value: str) -> None:
        self._machine.host_clock = (datetime_value, datetimelocaloffset_value or "+00:00")

    def get_datetime(self) -> dict[str, str]:
        if self._machine.host_clock is None:
            return {}
        moment, offset = self._machine.host_clock
        return {"DateTime": moment, "DateTimeLocalOffset": offset}


class Indicators(base.DriverBase):  # type: ignore[misc]  # sushy-tools carries no types
    """The one locator light, seen at the system and at the chassis."""

    def __init__(self, machine: Machine) -> None:
        super().__init__({}, _LOG)
        self._machine = machine

    def get_indicator_state(self, identity: str) -> str:
        return self._machine.indicator

    def set_indicator_state(self, identity: str, state: str) -> None:
        self._machine.indicator = state


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


class VirtualMedia(vmedia.BaseDriver):  # type: ignore[misc]  # sushy-tools carries no types
    """Virtual drives that record what is inserted; no image is downloaded."""

    def __init__(self, machine: Machine) -> None:
        base.DriverBase.__init__(self, {}, _LOG)
        self._machine = machine
        self._devices: dict[Any, Any] = {}
        self._device_types = {
            identity: {"Name": name, "MediaTypes": list(types)}
            for identity, name, types in machine.layout.virtual_media
        }

    def get_device_image_info(self, identity: str, device: str) -> Any:
        self._get_device(identity, device)
        media = self._machine.media[device]
        image = media.image or ""
        return vmedia.DeviceInfo(
            image.rpartition("/")[2],
            image,
            media.image is not None,
            media.write_protected,
            media.user_name or "",
            "",
            media.verify_certificate,
        )

    def update_device_info(
        self,
        identity: str,
        device: str,
        verify: bool = False,  # noqa: FBT001, FBT002  # sushy-tools' interface
    ) -> None:
        self._get_device(identity, device)
        self._machine.media[device] = replace(
            self._machine.media[device], verify_certificate=verify
        )

    def insert_image(
        self,
        identity: str,
        device: str,
        image_url: str,
        inserted: bool = True,  # noqa: FBT001, FBT002  # sushy-tools' interface
        write_protected: bool = True,  # noqa: FBT001, FBT002
        username: str | None = None,
        password: str | None = None,
    ) -> str:
        """Record the image; for an HTTP boot sushy-tools names a drive that is not there."""
        if device in self._machine.media:
            verify = self._machine.media[device].verify_certificate
            media = Media(
                image=image_url,
                write_protected=write_protected,
                user_name=username or None,
                verify_certificate=verify,
            )
            self._machine.insert(device, media)
        return image_url

    def eject_image(self, identity: str, device: str) -> None:
        self._get_device(identity, device)
        self._machine.eject(device)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Every driver of one BMC, by the names sushy-tools' application has for them."""

    systems: Systems
    managers: Managers
    chassis: Chassis
    indicators: Indicators
    storage: Storage
    drives: Storage
    volumes: LogicalDrives
    vmedia: VirtualMedia


def bench(machine: Machine) -> Bench:
    """The drivers over a machine."""
    systems, storage = Systems(machine), Storage(machine)
    return Bench(
        systems=systems,
        managers=Managers(machine),
        chassis=Chassis(machine),
        indicators=Indicators(machine),
        storage=storage,
        drives=storage,
        volumes=LogicalDrives(machine, systems),
        vmedia=VirtualMedia(machine),
    )
