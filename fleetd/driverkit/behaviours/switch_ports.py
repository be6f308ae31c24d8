"""Ports of a switch: enabled or not."""

from __future__ import annotations

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import boolean, text
from fleetd.driverkit.request import Request, patch


class SwitchPorts(Behaviour):
    """A Port's Enabled and LinkState (DSP0268 'Port')."""

    def is_enabled(self, port: Resource) -> bool | None:
        """The port is administratively enabled; None where it doesn't say."""
        said = boolean(port.body, "Enabled")
        link_state = text(port.body, "LinkState")
        if said is not None or link_state is None:
            return said
        return link_state == "Enabled"

    def enable(self, port: Resource, *, enabled: bool) -> tuple[Request, ...]:
        """The requests that enable or disable it.

        Raises:
            Unsupported: It has no such property.
        """
        if "Enabled" in port.body:
            return (patch(port.path, {"Enabled": enabled}),)
        if "LinkState" in port.body:
            state = "Enabled" if enabled else "Disabled"
            return (patch(port.path, {"LinkState": state}),)
        raise Unsupported("the port can't be enabled or disabled", endpoint="", uri=port.path)
