"""Which port of which switch LLDP heard at a port."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from fleetd.domain.identity import normal_mac
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import text


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """What LLDP heard on a port."""

    chassis_id: str | None = None
    port_id: str | None = None
    system_name: str | None = None
    system_description: str | None = None


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
    chassis = _spoken(resource, place, "ChassisId")
    port = _spoken(resource, place, "PortId")
    if chassis is None and port is None:
        return None
    return Neighbour(
        chassis_id=normal_mac(chassis) or chassis,
        port_id=normal_mac(port) or port,
        system_name=text(resource.body, f"{place}/SystemName"),
        system_description=text(resource.body, f"{place}/SystemDescription"),
    )


_OCTETS: Final = re.compile(r"^[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})*$")
_NO_NAMES: Final = frozenset({"MacAddr", "NetworkAddr", "NetworkAddress"})


def _spoken(resource: Resource, place: str, name: str) -> str | None:
    """The id as a switch's operator knows it.

    DSP0268 'Port' has LLDP's ids as octets in hexadecimal ("31:2F:33"), and many write a name
    plainly all the same ("1/3"); a MAC or an address stays as it is.
    """
    said = text(resource.body, f"{place}/{name}")
    subtype = text(resource.body, f"{place}/{name}Subtype")
    if said is None or subtype in _NO_NAMES or not _OCTETS.match(said):
        return said
    decoded = bytes.fromhex(said.replace(":", "")).decode("ascii", errors="replace")
    return decoded if decoded.isprintable() and "\ufffd" not in decoded else said
