"""Having a BMC tell what happens, instead of asking it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from fleetd.domain.device import Json
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import boolean, link, text, texts, value
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Request, delete, post

_ALERT: Final = "Alert"


class EventSubscriptions(Behaviour):
    """EventService and its Subscriptions (DSP0266 'Eventing'; DSP0268 'EventDestination')."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "ServiceRoot": (Follow("EventService", "EventService"),),
        "EventService": (Follow("Subscriptions", "EventDestination"),),
    }

    def existing(self, documents: Documents, destination: str) -> tuple[Resource, ...]:
        """Our subscriptions that the BMC still has, also those made before a restart of ours."""
        return tuple(
            item
            for item in documents.of_kind("EventDestination")
            if text(item.body, "Destination") == destination
        )

    def subscribe(self, service: Resource, destination: str, context: str) -> tuple[Request, ...]:
        """The requests that have events posted to the destination, with the context in each.

        Raises:
            Unsupported: The BMC sends no events.
        """
        place = link(value(service.body, "Subscriptions"))
        if place is None or boolean(service.body, "ServiceEnabled") is False:
            raise Unsupported("the BMC sends no events", endpoint="", uri=service.path)
        return (post(place, self.wanted(service, destination, context)),)

    def unsubscribe(self, subscription: Resource) -> tuple[Request, ...]:
        """The requests that end the subscription."""
        return (delete(subscription.path),)

    def wanted(self, service: Resource, destination: str, context: str) -> dict[str, Json]:
        """The subscription's body; without filters, it means everything that the BMC sends.

        EventTypes are deprecated and demanded by those who know no others, so they are said where
        the service lists them and knows no registries or prefixes to filter by.
        """
        found: dict[str, Json] = {
            "Destination": destination,
            "Protocol": "Redfish",
            "Context": context,
        }
        modern = texts(service.body, "RegistryPrefixes") or texts(service.body, "EventFormatTypes")
        old = texts(service.body, "EventTypesForSubscription")
        if old and not modern:
            found["EventTypes"] = [_ALERT] if _ALERT in old else old
        return found
