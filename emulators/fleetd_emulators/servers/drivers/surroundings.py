"""sushy-tools' drivers of what stands around the system: chassis, BMC, locator light."""

from __future__ import annotations

import logging
from typing import Final

from sushy_tools import error
from sushy_tools.emulator.resources import base

from fleetd_emulators.servers.machine import Machine

_LOG: Final = logging.getLogger(__name__)


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
