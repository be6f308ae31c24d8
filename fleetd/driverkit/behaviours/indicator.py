"""The light by which a person finds a device in its rack."""

from __future__ import annotations

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import boolean, text
from fleetd.driverkit.request import Request, patch


class LocationIndicator(Behaviour):
    """LocationIndicatorActive, or IndicatorLED which it replaced (DSP0268)."""

    def is_active(self, resource: Resource) -> bool | None:
        """It shines; None where the resource has no light."""
        said = boolean(resource.body, "LocationIndicatorActive")
        old = text(resource.body, "IndicatorLED")
        if said is not None or old is None:
            return said
        return old in {"Lit", "Blinking", "On"}

    def light(self, resource: Resource, *, active: bool) -> tuple[Request, ...]:
        """The requests that light it or put it out.

        Raises:
            Unsupported: The resource has no light.
        """
        if boolean(resource.body, "LocationIndicatorActive") is not None:
            return (patch(resource.path, {"LocationIndicatorActive": active}),)
        if "IndicatorLED" in resource.body:
            state = "Blinking" if active else "Off"
            return (patch(resource.path, {"IndicatorLED": state}),)
        raise Unsupported("there's no light here", endpoint="", uri=resource.path)
