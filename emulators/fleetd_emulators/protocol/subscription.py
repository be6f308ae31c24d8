"""A subscription to events: what it may say, and how it reads.

Source: DSP0268 "EventDestination".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final

from yarl import URL

from fleetd_emulators.protocol.exchange import Response
from fleetd_emulators.protocol.problems import Json, problem

SUBSCRIPTIONS: Final = "/redfish/v1/EventService/Subscriptions"

_TAKEN: Final[dict[str, type]] = {
    "Destination": str,
    "Protocol": str,
    "Context": str,
    "Name": str,
    "SubscriptionType": str,
    "EventFormatType": str,
    "EventTypes": list,
    "RegistryPrefixes": list,
    "ResourceTypes": list,
    "MessageIds": list,
    "OriginResources": list,
    "HttpHeaders": list,
    "DeliveryRetryPolicy": str,
    "IncludeOriginOfCondition": bool,
    "SubordinateResources": bool,
    "VerifyCertificate": bool,
}
_CHANGED_LATER: Final = frozenset(
    {"Context", "DeliveryRetryPolicy", "HttpHeaders", "VerifyCertificate"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Where events go, and what the subscriber said of it."""

    id: str
    given: Json
    headers: Json = field(default_factory=dict, repr=False)

    @property
    def destination(self) -> URL:
        """Where events are sent."""
        return URL(self.given["Destination"])

    @property
    def is_near(self) -> bool:
        """Whether it is on loopback, the only network that emulated BMCs are on."""
        host = self.destination.host or ""
        try:
            return ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    def document(self) -> Json:
        """The subscription as a resource."""
        document: Json = {
            "@odata.id": f"{SUBSCRIPTIONS}/{self.id}",
            "@odata.type": "#EventDestination.v1_13_0.EventDestination",
            "Id": self.id,
            "Name": "Event Subscription",
            "Context": "",
            "SubscriptionType": "RedfishEvent",
            "EventFormatType": "Event",
            "DeliveryRetryPolicy": "TerminateAfterRetries",
            "Status": {"State": "Enabled", "Health": "OK"},
        }
        # DSP0268: HttpHeaders reads as an empty array, as it may hold secrets.
        return {**document, **self.given, "HttpHeaders": []}


def refusal_of_new(body: Json) -> Response | None:
    """What is wrong with a request to subscribe; None where it can be done."""
    for name in body:
        if name not in _TAKEN:
            return _refused(
                "PropertyUnknown", f"The property {name} is not in the list of valid properties."
            )
    for name in ("Destination", "Protocol"):
        if body.get(name) is None:
            return _refused("PropertyMissing", f"The property {name} is required.")
    return mistyped(body) or _misfit(body)


def refusal_of_change(body: Json) -> Response | None:
    """What is wrong with a change; None where it can be made."""
    for name in body:
        if name not in _CHANGED_LATER:
            return _refused("PropertyNotWritable", f"The property {name} is a read only property.")
    return mistyped(body)


def mistyped(body: Json) -> Response | None:
    """The refusal of the first value of a wrong type."""
    for name, value in body.items():
        if not isinstance(value, _TAKEN[name]):
            return _refused("PropertyValueTypeError", f"The property {name} is of another type.")
    if not all(isinstance(entry, dict) for entry in body.get("HttpHeaders", ())):
        return _refused("PropertyValueTypeError", "The members of HttpHeaders are objects.")
    return None


def headers_of(body: Json) -> Json:
    """The HttpHeaders, taken out of the body."""
    return {name: value for entry in body.pop("HttpHeaders", ()) for name, value in entry.items()}


def _misfit(body: Json) -> Response | None:
    for name, only in (("Protocol", "Redfish"), ("SubscriptionType", "RedfishEvent")):
        if body.get(name, only) != only:
            return _refused(
                "PropertyValueNotInList",
                f"The value '{body[name]}' for the property {name} is not in the list of "
                "acceptable values.",
            )
    if not _is_web(body["Destination"]):
        return _refused(
            "PropertyValueFormatError", "The property Destination is not an absolute URI."
        )
    return None


def _is_web(destination: str) -> bool:
    try:
        url = URL(destination)
    except ValueError:
        return False
    return url.scheme in {"http", "https"} and bool(url.host)


def _refused(message_id: str, message: str) -> Response:
    return problem(400, message_id, message)
