"""The independent count of ports: a host's by their MACs, a switch's by their resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from fleetd.daemon.corpus.item import Item, mac, objects_at, state, values_at
from fleetd.daemon.corpus.schema import schema
from fleetd.daemon.corpus.tree import folded
from fleetd.daemon.corpus.walk import Node, Reached

_INTERFACE_MACS: Final = ("MACAddress", "PermanentMACAddress")
_FUNCTION_MACS: Final = ("Ethernet/MACAddress", "Ethernet/PermanentMACAddress")
_PORT_MACS: Final = ("Ethernet/AssociatedMACAddresses", "AssociatedNetworkAddresses")
_OLD_ADAPTERS: Final = frozenset({"HpeBaseNetworkAdapter", "HpBaseNetworkAdapter"})
_PORTS: Final = frozenset({"Port", "NetworkPort", "EthernetSwitchPort"})
_SWITCHES: Final = frozenset({"Switch", "EthernetSwitch", "NetworkDevice"})

Resources = list[tuple[Node, str]]


def host_ports(reached: Reached, resources: Resources) -> list[Item]:
    """A port for every MAC that the host has; current and permanent MAC of one are one.

    A function or interface is a port of its own to the operating system. A physical port counts
    only where none of its MACs is known from those. The BMC's own MACs are not the host's.
    """
    own = {found for node in _manager_interfaces(reached, resources) for found in _macs(node.body)}
    groups = [
        *_groups(resources, "NetworkDeviceFunction", _FUNCTION_MACS),
        *_groups(resources, "EthernetInterface", _INTERFACE_MACS),
        *_old_ports(resources),
    ]
    joined = _joined(groups, own)
    known = {name for item in joined for name in item.names}
    for node, name in resources:
        if name not in _PORTS or state(node.body) == "Absent" or _of_switch(reached, node):
            continue
        macs = {f"mac:{found}" for found in map(mac, values_at(node.body, *_PORT_MACS)) if found}
        if macs and not macs & known and not macs & {f"mac:{found}" for found in own}:
            joined.append(Item(kind="ports", path=node.path, names=frozenset(macs)))
            known |= macs
    return joined


def switch_ports(reached: Reached, resources: Resources) -> list[Item]:
    """The ports that a switch lists, as long as it is not a part inside a server."""
    return [
        Item(kind="switch_ports", path=node.path)
        for node, name in resources
        if name in _PORTS and state(node.body) != "Absent" and _of_switch(reached, node)
    ]


def _of_switch(reached: Reached, node: Node) -> bool:
    """A switch holds the collection that the port is a member of."""
    return any(
        schema(switch) in _SWITCHES and place == "Ports"
        for collection, member in reached.holders(node)
        if member == "Members"
        for switch, place in reached.holders(collection)
    )


def _manager_interfaces(reached: Reached, resources: Resources) -> Iterator[Node]:
    for node, name in resources:
        if name == "EthernetInterface" and _is_managers(reached, node):
            yield node


def _is_managers(reached: Reached, node: Node) -> bool:
    below = "/managers/" in folded(node.path)
    linked = any(place == "ManagerEthernetInterface" for _, place in reached.holders(node))
    return below or linked


def _macs(body: Mapping[str, Any]) -> Iterator[str]:
    for value in values_at(body, *_INTERFACE_MACS):
        found = mac(value)
        if found is not None:
            yield found


def _groups(
    resources: Resources, wanted: str, places: Iterable[str]
) -> Iterator[tuple[str, set[str]]]:
    for node, name in resources:
        if name == wanted and state(node.body) != "Absent":
            found = {known for value in values_at(node.body, *places) if (known := mac(value))}
            if found:
                yield node.path, found


def _old_ports(resources: Resources) -> Iterator[tuple[str, set[str]]]:
    """HPE's BaseNetworkAdapters stand for NetworkAdapters (iLO 4 and 5)."""
    for node, name in resources:
        if name in _OLD_ADAPTERS:
            for number, port in objects_at(node.body, "PhysicalPorts"):
                found = mac(port.get("MacAddress"))
                if found is not None:
                    yield f"{node.path}#/PhysicalPorts/{number}", {found}


def _joined(groups: Iterable[tuple[str, set[str]]], own: set[str]) -> list[Item]:
    """Groups that share a MAC are one port; groups with a MAC of the BMC's are none."""
    joined: list[tuple[str, set[str]]] = []
    for path, macs in groups:
        if macs & own:
            continue
        same = [entry for entry in joined if entry[1] & macs]
        if same:
            same[0][1].update(macs, *(entry[1] for entry in same[1:]))
            for entry in same[1:]:
                joined.remove(entry)
        else:
            joined.append((path, set(macs)))
    return [
        Item(kind="ports", path=path, names=frozenset(f"mac:{found}" for found in macs))
        for path, macs in joined
    ]
