"""Restarting the BMC itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from fleetd.driverkit.actions import action
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Request

_PREFERRED: Final = ("GracefulRestart", "ForceRestart")


class BmcReset(Behaviour):
    """Manager.Reset (DSP0268 'Manager', Actions)."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "Manager": (Follow("Actions/#Manager.Reset/@Redfish.ActionInfo", "ActionInfo"),)
    }

    def reset(self, manager: Resource, documents: Documents) -> Request:
        """The request for the gentlest restart that the BMC offers.

        Raises:
            Unsupported: It can't be restarted.
        """
        found = action(manager, "Manager.Reset", documents)
        taken = found.allowed.get("ResetType", ())
        gentlest = next((kind for kind in _PREFERRED if kind in taken), _PREFERRED[0])
        return found.request(ResetType=gentlest)
