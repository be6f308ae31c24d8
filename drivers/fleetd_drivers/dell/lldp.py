"""LLDP neighbours as an iDRAC keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fleetd.domain.identity import normal_mac
from fleetd.driverkit.behaviours.neighbours import Neighbour, Neighbours
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import text

_SILENCE: Final = frozenset({"no link", "no data", "not available", "not supported"})


class SwitchConnections(Neighbours):
    """LLDP neighbours are DellSwitchConnections, named by the function's FQDD."""

    def of_port(
        self, port: Resource, functions: tuple[Resource, ...], documents: Documents
    ) -> Neighbour | None:
        """The standard place where it's filled, else the connection of one of the functions."""
        standard = super().of_port(port, functions, documents)
        if standard is not None:
            return standard
        names = {item.last for item in functions} | {port.last}
        for connection in documents.of_kind("DellSwitchConnection"):
            if text(connection.body, "FQDD", "Id") in names:
                return _connected(connection.body)
        return None


def _connected(body: Mapping[str, Any]) -> Neighbour | None:
    chassis = text(body, "SwitchConnectionID")
    port = text(body, "SwitchPortConnectionID")
    silent = chassis is None or chassis.lower() in _SILENCE or port is None
    if silent or text(body, "StaleData") == "Stale":
        return None
    return Neighbour(chassis_id=normal_mac(chassis) or chassis, port_id=normal_mac(port) or port)
