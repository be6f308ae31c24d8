"""The independent count of ports: a host's by their MACs, a switch's by their resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from fleetd.daemon.corpus.item import Item, mac, objects_at, state, values_at
from fleetd.daemon.corpus.machines import may_share
from fleetd.daemon.corpus.schema import schema
from fleetd.daemon.corpus.tree import folded
from fleetd.daemon.corpus.walk import Node, Reached

_FUNCTION: Final = ("Ethernet/PermanentMACAddress", "Ethernet/MACAddress")
_INTERFACE: Final = ("PermanentMACAddress", "MACAddress")
_PORT_MACS: Final = ("Ethernet/AssociatedMACAddresses", "AssociatedNetworkAddresses")
_PORT_OF_FUNCTION: Final = (
    *("Links/PhysicalPortAssignment", "Links/PhysicalNetworkPortAssignment"),
    *("PhysicalPortAssignment", "PhysicalNetworkPortAssignment"),
)
_OLD_ADAPTERS: Final = frozenset({"HpeBaseNetworkAdapter", "HpBaseNetworkAdapter"})
_PORTS: Final = frozenset({"Port", "NetworkPort", "EthernetSwitchPort"})
_SWITCHES: Final = frozenset({"Switch", "EthernetSwitch", "NetworkDevice"})

Resources = list[tuple[Node, str]]


class _Ports:
    """The ports found so far, each with all the MACs that were seen at it.

    One MAC at two machines, or at two functions of one adapter that are on different ports, is
    no reason to take these for one.
    """

    def __init__(self, not_host: frozenset[str]) -> None:
        self.items: list[Item] = []
        self._on: list[str] = []
        self._not_host = not_host

    def knows(self, macs: Iterable[str]) -> bool:
        names = {f"mac:{one}" for one in macs}
        return any(names & item.names for item in self.items)

    def add(self, path: str, macs: list[str], on: str = "") -> None:
        """One more port, unless it is known by its foremost MAC, or is the BMC's own."""
        names = frozenset(f"mac:{one}" for one in macs)
        if not macs or self._not_host.intersection(macs):
            return
        for number, item in enumerate(self.items):
            another = bool(on) and self._on[number] not in {"", on}
            if f"mac:{macs[0]}" in item.names and may_share(item.path, path) and not another:
                self.items[number] = replace(item, names=item.names | names)
                return
        self.items.append(Item(kind="ports", path=path, names=names))
        self._on.append(on)


def host_ports(reached: Reached, resources: Resources) -> list[Item]:
    """A port for every MAC that the host has; the permanent MAC goes before the current one.

    A function or an interface is a port of its own to the operating system. A physical port
    counts only where nothing of these is on it. The BMC's own MACs are not the host's.
    """
    present = [(node, name) for node, name in resources if state(node.body) != "Absent"]
    interfaces = [node for node, name in present if name == "EthernetInterface"]
    own = [node for node in interfaces if _is_managers(reached, node)]
    ports = _Ports(frozenset(one for node in own for one in _macs(node.body, *_INTERFACE)))
    taken: set[str] = set()
    for node, name in present:
        if name == "NetworkDeviceFunction" and (macs := _macs(node.body, *_FUNCTION)):
            assigned = [folded(link) for link in _links(node.body, *_PORT_OF_FUNCTION)]
            ports.add(node.path, macs, assigned[0] if assigned else "")
            taken.update(assigned)
    for node in interfaces:
        if node not in own and not _is_of_function(reached, node):
            ports.add(node.path, _macs(node.body, *_INTERFACE))
    for path, macs in _old_ports(present):
        ports.add(path, macs)
    for node, name in present:
        macs = _macs(node.body, *_PORT_MACS) if name in _PORTS else []
        free = folded(node.path) not in taken and not ports.knows(macs)
        if free and not _of_switch(reached, node):
            ports.add(node.path, macs)
    return ports.items


def switch_ports(reached: Reached, resources: Resources) -> list[Item]:
    """The ports that a switch lists."""
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


def _is_managers(reached: Reached, node: Node) -> bool:
    below = "/managers/" in folded(node.path)
    linked = any(place == "ManagerEthernetInterface" for _, place in reached.holders(node))
    return below or linked


def _is_of_function(reached: Reached, node: Node) -> bool:
    """The interface is how the host sees a function, which counts already."""
    return any(
        schema(holder) == "NetworkDeviceFunction"
        for collection, _ in reached.holders(node)
        for holder, _ in reached.holders(collection)
    )


def _macs(body: Mapping[str, Any], *places: str) -> list[str]:
    """The distinct MACs at the places, in their order."""
    found = (mac(value) for value in values_at(body, *places))
    return list(dict.fromkeys(one for one in found if one))


def _links(body: Mapping[str, Any], *places: str) -> Iterator[str]:
    for value in values_at(body, *places):
        target = value.get("@odata.id") if isinstance(value, dict) else None
        if isinstance(target, str):
            yield target


def _old_ports(resources: Resources) -> Iterator[tuple[str, list[str]]]:
    """HPE's BaseNetworkAdapters stand for NetworkAdapters (iLO 4 and 5)."""
    for node, name in resources:
        if name in _OLD_ADAPTERS:
            for number, port in objects_at(node.body, "PhysicalPorts"):
                yield f"{node.path}#/PhysicalPorts/{number}", _macs(port, "MacAddress")
