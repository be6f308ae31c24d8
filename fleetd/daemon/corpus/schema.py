"""Which kind of resource a body is: by its declared type, else by where it stands."""

from __future__ import annotations

from typing import Final

from fleetd.daemon.corpus.tree import folded
from fleetd.daemon.corpus.walk import Node

_BY_COLLECTION: Final = {
    "systems": "ComputerSystem",
    "chassis": "Chassis",
    "managers": "Manager",
    "processors": "Processor",
    "memory": "Memory",
    "drives": "Drive",
    "volumes": "Volume",
    "storagepools": "StoragePool",
    "ethernetinterfaces": "EthernetInterface",
    "networkports": "NetworkPort",
    "networkdevicefunctions": "NetworkDeviceFunction",
    "ports": "Port",
    "powersupplies": "PowerSupply",
    "fans": "Fan",
    "outlets": "Outlet",
    "firmwareinventory": "SoftwareInventory",
    "switches": "Switch",
    "ethernetswitches": "EthernetSwitch",
    "storage": "Storage",
    "simplestorage": "SimpleStorage",
}
_BY_NAME: Final = {"power": "Power", "thermal": "Thermal", "updateservice": "UpdateService"}
_NOT_THE_THING: Final = frozenset({"settings", "sd", "capabilities", "pending", "$ref"})


def schema(node: Node) -> str:
    """The name of the schema, such as "Processor"; empty for what is no thing of its own.

    Collections, the pending settings of a resource, and the capabilities of a collection carry a
    thing's type without being one (DSP0266 "Settings resource", "Capabilities object").
    """
    last = folded(node.path).rpartition("/")[2]
    if is_collection(node) or last in _NOT_THE_THING:
        return ""
    declared = node.body.get("@odata.type")
    named = declared.rpartition(".")[2].lstrip("#") if isinstance(declared, str) else ""
    return named or _BY_NAME.get(last) or _BY_COLLECTION.get(folded(node.path).split("/")[-2], "")


def is_collection(node: Node) -> bool:
    """The body lists members."""
    declared = node.body.get("@odata.type")
    named = isinstance(declared, str) and declared.partition(".")[0].endswith("Collection")
    return named or "Members" in node.body or "Members@odata.count" in node.body


def parent(path: str) -> str:
    """The path above, in one spelling."""
    return folded(path).rpartition("/")[0]
