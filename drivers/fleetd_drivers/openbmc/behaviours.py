"""Where bmcweb's procedures differ from the standard's, or are narrower."""

from __future__ import annotations

from typing import Final

from fleetd.domain.device import Json
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.actions import find_action
from fleetd.driverkit.behaviours.accounts import Accounts
from fleetd.driverkit.behaviours.event_subscriptions import EventSubscriptions
from fleetd.driverkit.behaviours.logs import Logs
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.request import Request

_NO_EVENTS: Final = frozenset(
    {"journal", "dump", "postcodes", "hostlogger", "crashdump", "debugtokenservice"}
)
_SCHEMES: Final = frozenset({"HTTPS", "SMB"})
_MOST_ACCOUNTS: Final = 15


class EventLogs(Logs):
    """Only the logs whose entries are events."""

    def services(self, documents: Documents) -> tuple[Resource, ...]:
        """Every log but the journal, dumps and POST codes, which are no events, and are huge."""
        return tuple(
            item for item in super().services(documents) if item.last.lower() not in _NO_EVENTS
        )


class LegacyMedia(VirtualMedia):
    """Slots that the BMC itself fills; those of the web page's own proxy take no URI."""

    def slots(self, documents: Documents, media_type: str) -> tuple[Resource, ...]:
        """The slots that have the action InsertMedia."""
        return tuple(
            slot
            for slot in super().slots(documents, media_type)
            if find_action(slot, "VirtualMedia.InsertMedia", documents)
        )

    def wanted(self, slot: Resource, uri: str) -> dict[str, Json]:
        """The image and its protocol, and nothing that the strict body check could refuse.

        Raises:
            Unsupported: The URI is neither HTTPS nor SMB.
        """
        protocol = uri.partition(":")[0].upper()
        if protocol not in _SCHEMES:
            raise Unsupported(
                f"no image by {protocol} here, only by HTTPS or SMB", endpoint="", uri=slot.path
            )
        return {"Image": uri, "TransferProtocolType": "CIFS" if protocol == "SMB" else protocol}


class SecureSubscriptions(EventSubscriptions):
    """Events go to HTTPS only, unless the build was made otherwise."""

    def subscribe(self, service: Resource, destination: str, context: str) -> tuple[Request, ...]:
        """The standard's request.

        Raises:
            Unsupported: The destination isn't HTTPS.
        """
        if not destination.lower().startswith("https:"):
            raise Unsupported("events are sent by HTTPS only here", endpoint="", uri=service.path)
        return super().subscribe(service, destination, context)


class FewAccounts(Accounts):
    """Fifteen accounts at most, counted before the BMC's answer misleads."""

    def create(
        self, service: Resource, documents: Documents, username: str, password: str, role: str
    ) -> tuple[Request, ...]:
        """The standard's request.

        Raises:
            Unsupported: There's no room for another account.
        """
        if len(documents.of_kind("ManagerAccount")) >= _MOST_ACCOUNTS:
            raise Unsupported("there are 15 accounts, the most", endpoint="", uri=service.path)
        return super().create(service, documents, username, password, role)
