"""Whether a capture is complete, and if not, what it lacks.

What an inventory is made of must be in it: the service root, what the root lists of systems,
chassis, managers and equipment, and what these say of their parts. Logs, schemas, registries,
sessions and sensors are not missed. Real BMCs link to what they don't have (the power supplies of
an empty slot's chassis, say), so some links may dangle; the root's own may not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fleetd.daemon.corpus.schema import is_collection, schema
from fleetd.daemon.corpus.tree import ROOT, Captured, folded
from fleetd.daemon.corpus.walk import Node, Reached, is_error, links

_MOST: Final = 0.65  # a blade chassis with half of its slots empty
_PLACES: Final[dict[str, frozenset[str]]] = {
    "ServiceRoot": frozenset(
        {
            *("Systems", "Chassis", "Managers", "UpdateService", "Fabrics", "Storage"),
            *("StorageSystems", "StorageServices", "PowerEquipment", "ThermalEquipment"),
            *("NetworkDevices", "EthernetSwitches"),
        }
    ),
    "ComputerSystem": frozenset({"Processors", "Memory", "Storage", "EthernetInterfaces"}),
    "Chassis": frozenset(
        {"Power", "Thermal", "PowerSubsystem", "ThermalSubsystem", "NetworkAdapters", "Drives"}
    ),
    "Manager": frozenset({"EthernetInterfaces"}),
    "UpdateService": frozenset({"FirmwareInventory"}),
    "Storage": frozenset({"Drives", "Volumes", "Controllers"}),
    "PowerSubsystem": frozenset({"PowerSupplies"}),
    "ThermalSubsystem": frozenset({"Fans"}),
    "NetworkAdapter": frozenset({"Ports", "NetworkPorts", "NetworkDeviceFunctions"}),
    "Switch": frozenset({"Ports"}),
    "PowerEquipment": frozenset({"RackPDUs", "FloorPDUs", "TransferSwitches", "PowerShelves"}),
    "PowerDistribution": frozenset({"Outlets", "Branches", "Mains"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    path: str
    holder: str
    leads: bool
    of_root: bool


def gaps(tree: Captured, reached: Reached) -> tuple[str, ...]:
    """What is missing, one sentence each; none for a complete capture."""
    root = tree.body(ROOT)
    if root is None or is_error(root):
        return ("there is no readable service root",)
    known = list(_structure(reached))
    lost = [link for link in known if not link.leads]
    if not known:
        return ("the service root links to nothing that an inventory is made of",)
    most = sum(link.leads for link in known) >= _MOST * len(known)
    if most and not any(link.of_root for link in lost) and not _hollow(reached):
        return ()
    return tuple(f"{link.path} is missing ({link.holder} links to it)" for link in lost)


def _hollow(reached: Reached) -> bool:
    """A collection of the root's has members, but none of them is in the capture."""
    for path, place, _ in links(reached.nodes[ROOT].body):
        node = reached.nodes.get(folded(path))
        if node is None or place not in _PLACES["ServiceRoot"] or not is_collection(node):
            continue
        members = [member for member, inner, _ in links(node.body) if inner == "Members"]
        if members and not any(_leads(reached, member) for member in members):
            return True
    return False


def _leads(reached: Reached, link: str) -> bool:
    return folded(link.partition("#")[0]) in reached.nodes


def _structure(reached: Reached) -> Iterator[_Link]:
    """The links that an inventory is made of: from things to collections, and on to members."""
    seen: set[str] = set()
    for node in reached.nodes.values():
        for link in _links_of(reached, node):
            key = folded(link.path)
            if key not in seen:
                seen.add(key)
                yield link


def _links_of(reached: Reached, node: Node) -> Iterator[_Link]:
    name = "ServiceRoot" if folded(node.path) == ROOT else schema(node)
    wanted = _PLACES.get(name, frozenset())
    members = is_collection(node) and any(
        place in _PLACES.get("ServiceRoot" if folded(holder.path) == ROOT else schema(holder), ())
        for holder, place in reached.holders(node)
    )
    for target, place, _ in links(node.body):
        if place in wanted or (members and place == "Members"):
            yield _Link(
                path=target.partition("#")[0],
                holder=node.path,
                leads=_leads(reached, target),
                of_root=name == "ServiceRoot",
            )
