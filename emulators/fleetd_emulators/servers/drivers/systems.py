"""sushy-tools' systems driver: power, boot, BIOS, processors and interfaces of one machine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sushy_tools import error
from sushy_tools.emulator.resources.systems.base import AbstractSystemsDriver

from fleetd_emulators.hardware import GIB, Volume
from fleetd_emulators.servers.documents.tree import Names
from fleetd_emulators.servers.machine import Machine, Media
from fleetd_emulators.servers.power import Power


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
        return self._machine.bios.current

    def set_bios(self, identity: str, attributes: dict[str, Any]) -> None:
        self._machine.bios.stage(attributes)

    def reset_bios(self, identity: str) -> None:
        self._machine.bios.reset()

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
