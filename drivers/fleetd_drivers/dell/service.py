"""The iDRAC itself: logins, accounts, readiness, events, logs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from fleetd.domain.device import Json
from fleetd.driverkit.actions import find_action
from fleetd.driverkit.behaviours.account_slots import AccountSlots
from fleetd.driverkit.behaviours.readiness import Readiness
from fleetd.driverkit.documents import Documents
from fleetd.driverkit.payload import text
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Request

_STATUS: Final = "DellLCService.GetRemoteServicesAPIStatus"


class IdracAccounts(AccountSlots):
    """Slot 1 is nobody's and slot 2 is root's, whatever they're called."""

    reserved: ClassVar[frozenset[str]] = frozenset({"1", "2"})


class LifecycleReadiness(Readiness):
    """The Lifecycle Controller takes work long after the iDRAC answers."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "Manager": (Follow("Links/Oem/Dell/DellLCService", "DellLCService"),)
    }

    def question(self, documents: Documents) -> Request | None:
        """Asks the Lifecycle Controller how it is."""
        for service in documents.of_kind("DellLCService"):
            found = find_action(service, _STATUS, documents)
            if found is not None:
                return found.request()
        return None

    def answered(self, body: Mapping[str, Json]) -> str | None:
        """The Lifecycle Controller's own word, where it isn't Ready."""
        said = text(body, "LCStatus")
        return None if said in {None, "Ready"} else f"the Lifecycle Controller is {said}"
