"""Booting, BIOS and power behind an XCC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fleetd.domain.device import Json
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.actions import Action, find_action
from fleetd.driverkit.behaviours.apply_time import ApplyTime
from fleetd.driverkit.behaviours.bios import BiosSettings
from fleetd.driverkit.behaviours.boot_override import Boot, BootOverride, Lasting, whole_order
from fleetd.driverkit.behaviours.indicator import LocationIndicator
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import link, text, value
from fleetd.driverkit.request import Request

_FULL: Final = "FullPowerCycle"
_CYCLE: Final = "LenovoComputerSystem.SystemReset"
_HANGING_SKU: Final = "7D9RCTOLWW"


class XccBoot(BootOverride):
    """An override holds once; what lasts is the order, which is staged and must be whole."""

    def override(self, system: Resource, documents: Documents, boot: Boot) -> tuple[Request, ...]:
        """The requests that set the override.

        Raises:
            Unsupported: There's no such target, or it should last.
        """
        if boot.lasting is Lasting.CONTINUOUS:
            raise Unsupported(
                "an override holds once here: change the boot order", endpoint="", uri=system.path
            )
        return super().override(system, documents, boot)

    def order(
        self, system: Resource, documents: Documents, references: tuple[str, ...]
    ) -> tuple[Request, ...]:
        """The requests for the order, with every other option behind those that were named."""
        return super().order(system, documents, whole_order(system, references))

    def order_place(self, system: Resource) -> str:
        """The system's settings resource, where there's one."""
        staged = link(value(system.body, "@Redfish.Settings/SettingsObject"))
        return staged or super().order_place(system)


class PlainBios(BiosSettings):
    """Nothing but the attributes may be said; they hold after the next boot."""

    def change(
        self,
        bios: Resource,
        documents: Documents,
        changes: Mapping[str, Json],
        at: ApplyTime | None = None,
    ) -> tuple[Request, ...]:
        """The requests that have the changes take effect at the next boot.

        Raises:
            Unsupported: The attributes can't be changed, or not at that time.
        """
        if at not in {None, ApplyTime.ON_RESET}:
            raise Unsupported(
                f"a change can't take effect {at} here, only OnReset", endpoint="", uri=bios.path
            )
        return super().change(bios, documents, changes)


class XccPower(PowerControl):
    """A full power cycle is Lenovo's own action; some machines hang at a forced restart."""

    def reset_types(self, system: Resource, documents: Documents) -> tuple[str, ...]:
        """The standard's that can be trusted, and FullPowerCycle where Lenovo offers it."""
        found = super().reset_types(system, documents)
        if text(system.body, "SKU") == _HANGING_SKU:
            found = tuple(kind for kind in found if kind != "ForceRestart")
        return found if _ac_cycle(system, documents) is None else (*found, _FULL)

    def reset(self, system: Resource, documents: Documents, reset_type: str) -> Request:
        """The request for a reset of that type.

        Raises:
            Unsupported: The system can't be reset so, or wouldn't come back.
        """
        cycle = _ac_cycle(system, documents)
        if reset_type == _FULL and cycle is not None:
            return cycle.request(ResetType="ACPowerCycle")
        if reset_type == "ForceRestart" and text(system.body, "SKU") == _HANGING_SKU:
            raise Unsupported(
                "a forced restart can hang this machine: turn it off, then on",
                endpoint="",
                uri=system.path,
            )
        return super().reset(system, documents, reset_type)


class SystemLight(LocationIndicator):
    """The light of the chassis is the system's to switch."""

    def light(self, resource: Resource, *, active: bool) -> tuple[Request, ...]:
        """The requests that light it or put it out.

        Raises:
            Unsupported: It's the chassis, or has no light.
        """
        if resource.key.startswith("Chassis/"):
            raise Unsupported(
                "the light is switched at the system here", endpoint="", uri=resource.path
            )
        return super().light(resource, active=active)


def _ac_cycle(system: Resource, documents: Documents) -> Action | None:
    """Lenovo's actions stand below Oem, or one step deeper below Lenovo."""
    deeper = Resource(system.path, {"Actions": {"Oem": value(system.body, "Actions/Oem/Lenovo")}})
    return find_action(system, _CYCLE, documents) or find_action(deeper, _CYCLE, documents)
