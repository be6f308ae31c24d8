"""Turning a system on, off and round again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fleetd.driverkit.actions import action
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Request

_INFO = "@Redfish.ActionInfo"


class PowerControl(Behaviour):
    """ComputerSystem.Reset (DSP0268 'ComputerSystem', Actions)."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "ComputerSystem": (Follow(f"Actions/#ComputerSystem.Reset/{_INFO}", "ActionInfo"),)
    }

    def reset_types(self, system: Resource, documents: Documents) -> tuple[str, ...]:
        """The ResetTypes that the BMC says it takes; empty where it doesn't say.

        Raises:
            Unsupported: The system can't be reset.
        """
        return action(system, "ComputerSystem.Reset", documents).allowed.get("ResetType", ())

    def reset(self, system: Resource, documents: Documents, reset_type: str) -> Request:
        """The request for a reset of that type, such as ``GracefulShutdown``.

        Raises:
            Unsupported: The system can't be reset so; the message names the ways it can.
        """
        return action(system, "ComputerSystem.Reset", documents).request(ResetType=reset_type)
