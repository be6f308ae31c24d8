"""The seams at which a driver may put a procedure of its own in place of the standard's.

A behaviour is pure: it reads documents that were already fetched and answers with values.
"""

from __future__ import annotations

from dataclasses import dataclass

from fleetd.domain.identity import normal_mac
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import text


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """What LLDP heard on a port."""

    chassis_id: str | None = None
    port_id: str | None = None
    system_name: str | None = None


class Behaviour:
    """A named seam; it holds no state."""


class Neighbours(Behaviour):
    """Where a port's LLDP neighbour is written (DSP0268 'Port', Ethernet.LLDPReceive)."""

    def of_port(
        self, port: Resource, functions: tuple[Resource, ...], documents: Documents
    ) -> Neighbour | None:
        """The neighbour heard on the port; None where nothing was heard or nothing is known.

        Args:
            port: The port of an adapter or a switch.
            functions: The network device functions that use the port.
            documents: Everything that was read at the endpoint.
        """
        del functions, documents
        return neighbour_at(port, "Ethernet/LLDPReceive")


def neighbour_at(resource: Resource, place: str) -> Neighbour | None:
    """The neighbour in an object of the shape of LLDPReceive; both ids missing is silence."""
    chassis = text(resource.body, f"{place}/ChassisId")
    port = text(resource.body, f"{place}/PortId")
    if chassis is None and port is None:
        return None
    return Neighbour(
        chassis_id=normal_mac(chassis) or chassis,
        port_id=normal_mac(port) or port,
        system_name=text(resource.body, f"{place}/SystemName"),
    )
