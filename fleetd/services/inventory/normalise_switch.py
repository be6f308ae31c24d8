"""Switch ports, as Fabrics, the older EthernetSwitches and the Chinook NetworkDevices have them."""

from __future__ import annotations

from collections.abc import Iterator

from fleetd.domain.device import Component, ComponentKind
from fleetd.driverkit.behaviours.neighbours import Neighbours
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import is_absent, macs, positive, text
from fleetd.services.inventory.normalise_network import heard_attributes, port_attributes
from fleetd.services.inventory.normalise_parts import part


def switch_ports(
    switch: Resource, documents: Documents, neighbours: Neighbours | None
) -> Iterator[Component]:
    """The ports of a switch with what LLDP heard on each."""
    for port in documents.follow(switch.body, "Ports", "NetworkInterfaces"):
        body = port.body
        if is_absent(body):
            continue
        heard = neighbours.of_port(port, (), documents) if neighbours else None
        own = macs(body, "Ethernet/AssociatedMACAddresses", "MACAddress", "EthernetInterface/MAC")
        yield part(
            ComponentKind.PORT,
            port.key,
            body,
            name=text(body, "Name") or port.last,
            attributes={
                **port_attributes(body),
                "mac": own[0] if own else None,
                "mtu_bytes": positive(body, "MTUSize", "FrameSize"),
                **heard_attributes(heard),
            },
        )
