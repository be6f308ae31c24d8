"""Switches and their ports, as Fabrics, EthernetSwitches and the Chinook NetworkDevices have them.

A switch is a device of its own, or a chip inside one: an NVSwitch, a PCIe switch, a SAS expander.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fleetd.domain.device import Component, ComponentKind, Json
from fleetd.driverkit.behaviours.neighbours import Neighbours
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import integer, is_absent, macs, positive, text, value
from fleetd.services.inventory.normalise_network import heard_attributes, port_attributes
from fleetd.services.inventory.normalise_parts import part


def inner_switches(
    switches: Iterable[Resource], documents: Documents, neighbours: Neighbours | None
) -> Iterator[Component]:
    """The switches inside a device, each followed by its ports."""
    for switch in switches:
        body = switch.body
        if is_absent(body):
            continue
        ports = list(switch_ports(switch, documents, neighbours, inside=True))
        yield part(
            ComponentKind.SWITCH,
            switch.key,
            body,
            name=text(body, "Name") or switch.last,
            attributes={
                "switch_type": text(body, "SwitchType"),
                "port_count": len(ports) or None,
            },
        )
        yield from ports


def switch_ports(
    switch: Resource, documents: Documents, neighbours: Neighbours | None, *, inside: bool = False
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
                **_link_attributes(body),
                **_transceiver(body),
                "mac": own[0] if own else None,
                "mtu_bytes": positive(body, "MTUSize", "FrameSize", "MaxFrameSize"),
                "switch": switch.key if inside else None,
                **heard_attributes(heard),
            },
        )


def _link_attributes(body: Mapping[str, Json]) -> dict[str, Any]:
    return {
        "protocol": text(body, "PortProtocol", "LinkType"),
        "port_type": text(body, "PortType"),
        "lanes": positive(body, "ActiveWidth", "Width"),
        "first_lane": integer(body, "FirstLane"),
    }


def _transceiver(body: Mapping[str, Json]) -> dict[str, Any]:
    """The plugged-in module (DSP0268 'Port', SFP)."""
    module = value(body, "SFP")
    if not isinstance(module, dict) or is_absent(module):
        return {}
    return {
        "transceiver_type": text(module, "Type"),
        "transceiver_manufacturer": text(module, "Manufacturer"),
        "transceiver_part_number": text(module, "PartNumber"),
        "transceiver_serial": text(module, "SerialNumber"),
    }
