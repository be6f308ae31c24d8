"""Booting and turning round what an iLO watches."""

from __future__ import annotations

from typing import Final

from fleetd.domain.device import Json, PowerState
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.actions import Action, find_action
from fleetd.driverkit.behaviours.boot_override import Boot, BootOverride, Lasting, whole_order
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.behaviours.readiness import Readiness
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import power_state, text, value
from fleetd.driverkit.request import Request

_FULL: Final = "FullPowerCycle"
_POST: Final = frozenset({"InPost", "InPostDiscoveryComplete"})


class IloBoot(BootOverride):
    """The mode can't be written, and clearing keeps the target."""

    def override(self, system: Resource, documents: Documents, boot: Boot) -> tuple[Request, ...]:
        """The requests that set the override; none where there's nothing to clear.

        Raises:
            Unsupported: There's no such target, or another boot mode would be needed.
        """
        current = self.current(system)
        clears = boot.lasting is Lasting.DISABLED
        if clears and current is not None and current.lasting is Lasting.DISABLED:
            return ()
        if not clears and boot.mode and current is not None and current.mode != boot.mode:
            raise Unsupported(
                f"the boot mode is the BIOS attribute BootMode here; it's {current.mode} now",
                endpoint="",
                uri=system.path,
            )
        return super().override(system, documents, boot)

    def wanted(self, boot: Boot, system: Resource) -> dict[str, Json]:
        """The Boot object to send, without the mode."""
        found = super().wanted(boot, system)
        return {name: item for name, item in found.items() if name != "BootSourceOverrideMode"}

    def order(
        self, system: Resource, documents: Documents, references: tuple[str, ...]
    ) -> tuple[Request, ...]:
        """The requests for the order, with every other option behind those that were named."""
        return super().order(system, documents, whole_order(system, references))


class AuxPower(PowerControl):
    """A full power cycle is an action of HPE's own, taken while the host is off."""

    def reset_types(self, system: Resource, documents: Documents) -> tuple[str, ...]:
        """The standard's, and FullPowerCycle where HPE's action offers it."""
        found = super().reset_types(system, documents)
        return found if _aux_cycle(system, documents) is None else (*found, _FULL)

    def reset(self, system: Resource, documents: Documents, reset_type: str) -> Request:
        """The request for a reset of that type.

        Raises:
            Unsupported: The system can't be reset so, or not while it's on.
        """
        cycle = _aux_cycle(system, documents)
        if reset_type != _FULL or cycle is None:
            return super().reset(system, documents, reset_type)
        if power_state(system.body) is not PowerState.OFF:
            raise Unsupported(
                "the host must be off for a full power cycle", endpoint="", uri=system.path
            )
        return cycle.request(ResetType="AuxCycle")


def _aux_cycle(system: Resource, documents: Documents) -> Action | None:
    own = value(system.body, "Oem/Hpe")
    if not isinstance(own, dict):
        return None
    holder = Resource(system.path, own)
    found = find_action(holder, "HpeComputerSystemExt.SystemReset", documents)
    return found if found and "AuxCycle" in found.allowed.get("ResetType", ()) else None


class PostReadiness(Readiness):
    """Changes are refused while the host is in POST."""

    def waits_for(self, system: Resource, documents: Documents) -> str | None:
        """The end of POST, while it lasts."""
        del documents
        said = text(system.body, "Oem/Hpe/PostState", "Oem/Hp/PostState")
        return "the end of POST" if said in _POST else None
