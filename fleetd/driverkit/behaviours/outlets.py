"""Outlets of a PDU: on, off, and off for a moment."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.actions import action
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import boolean, power_state, text
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Request


class OutletPower(StrEnum):
    """What an outlet can be told: the values of PowerControl's PowerState (DSP0268 'Outlet')."""

    ON = "On"
    OFF = "Off"
    CYCLE = "PowerCycle"


class Outlets(Behaviour):
    """Outlet.PowerControl and OutletGroup.PowerControl (DSP0268 'Outlet', 'OutletGroup')."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "PowerDistribution": (Follow("Outlets", "Outlet"), Follow("OutletGroups", "OutletGroup")),
        "Outlet": (Follow("Actions/#Outlet.PowerControl/@Redfish.ActionInfo", "ActionInfo"),),
        "OutletGroup": (
            Follow("Actions/#OutletGroup.PowerControl/@Redfish.ActionInfo", "ActionInfo"),
        ),
    }

    def state(self, outlet: Resource) -> str:
        """Its PowerState."""
        return str(power_state(outlet.body))

    def control(
        self, outlet: Resource, documents: Documents, power: OutletPower
    ) -> tuple[Request, ...]:
        """The requests that switch the outlet or the group.

        Raises:
            Unsupported: It can't be switched, is locked, or can't be switched so.
        """
        if boolean(outlet.body, "PowerControlLocked"):
            raise Unsupported("its power control is locked", endpoint="", uri=outlet.path)
        kind = (text(outlet.body, "@odata.type") or "#Outlet.").strip("#").partition(".")[0]
        return (action(outlet, f"{kind}.PowerControl", documents).request(PowerState=str(power)),)
