"""Erasing a drive so that nothing can be read from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fleetd.driverkit.actions import action
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Request


class SecureErase(Behaviour):
    """Drive.SecureErase (DSP0268 'Drive')."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "Drive": (Follow("Actions/#Drive.SecureErase/@Redfish.ActionInfo", "ActionInfo"),)
    }

    def erase(self, drive: Resource, documents: Documents) -> tuple[Request, ...]:
        """The requests that erase the drive.

        Raises:
            Unsupported: The BMC can't.
        """
        return (action(drive, "Drive.SecureErase", documents).request(),)
