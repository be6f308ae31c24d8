"""What keeps the independent count fair: whose a part is, and what is the same part once more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from fleetd.daemon.corpus.item import Item, meaning, state, values_at, worded
from fleetd.daemon.corpus.machines import may_share, owner
from fleetd.daemon.corpus.schema import parent, schema
from fleetd.daemon.corpus.tree import ROOT, folded
from fleetd.daemon.corpus.walk import Node, Reached

_GPU_TYPES: Final = frozenset({"GPU", "Accelerator"})
_MACHINE_SCHEMAS: Final = frozenset(
    {"ComputerSystem", "Chassis", "Storage", "StorageService", "PowerDistribution", "Switch"}
)
# These tell of relations; what holds a part lists it elsewhere (DSP0266 "Links property").
_SIDEWAYS: Final = frozenset({"Links", "ConnectedEntities", "RelatedItem", "Instances"})
# Drives, supplies and fans of one enclosure are listed at several of its chassis.
_SHARED_BY_CHASSIS: Final = frozenset({"drives", "psus", "fans"})


def marked(reached: Reached, items: Iterable[Item]) -> list[Item]:
    """The items, optional where they belong to no machine of this capture."""
    machines = {
        folded(node.path)
        for node in reached.nodes.values()
        if schema(node) in _MACHINE_SCHEMAS and state(node.body) != "Absent"
    }
    return [
        item if _belongs(reached, machines, item) else replace(item, optional=True)
        for item in items
    ]


def _belongs(reached: Reached, machines: set[str], item: Item) -> bool:
    collection = owner(item.path)[0]
    node = reached.nodes[item.key.partition("#")[0]]
    if all(place in _SIDEWAYS for _, place in reached.holders(node)):
        return False
    if collection == "resourceblocks":
        return _is_composed(reached, node, set())
    if collection in {"systems", "chassis"}:
        return any(above in machines for above in _above(item.key))
    return bool(machines)


def _above(key: str) -> Iterable[str]:
    while key.startswith(f"{ROOT}/"):
        key = key.rpartition("/")[0]
        yield key


def _is_composed(reached: Reached, node: Node, seen: set[str]) -> bool:
    """A part of a resource block is a machine's once a machine's collection lists it (DSP2050)."""
    seen.add(node.path)
    for holder, place in reached.holders(node):
        collection, machine = owner(holder.path)
        if collection != "resourceblocks":
            composed = place == "Members" and bool(machine)
        else:
            inside = place != "Links" and holder.path not in seen
            composed = inside and schema(holder) != "ResourceBlock"
            composed = composed and _is_composed(reached, holder, seen)
        if composed:
            return True
    return False


def of_hosts(reached: Reached, processors: list[Item]) -> list[Item]:
    """Without those that a baseboard lists beside the host that it sits in.

    A baseboard is shown as a System that can't be reset (DSP0268 "ComputerSystem", Actions).
    """
    hosts = {
        owner(node.path)
        for node in reached.nodes.values()
        if schema(node) == "ComputerSystem" and "Reset" in str(node.body.get("Actions"))
    }
    in_hosts = [item for item in processors if owner(item.path) in hosts]
    return in_hosts if len(hosts) == 1 and in_hosts else processors


def of_no_gpu(reached: Reached, modules: list[Item]) -> list[Item]:
    """Without the memory of accelerators, which is no module of the machine's."""
    return [item for item in modules if not _is_of_gpu(reached, reached.nodes[item.key])]


def _is_of_gpu(reached: Reached, module: Node) -> bool:
    served = [
        reached.nodes[key]
        for link in values_at(module.body, "Links/Processors")
        if isinstance(link, dict) and (key := folded(str(link.get("@odata.id")))) in reached.nodes
    ]
    if served:
        return all(meaning(one.body.get("ProcessorType")) in _GPU_TYPES for one in served)
    return str(module.body.get("MemoryDeviceType")).startswith("HBM")


def firmware(reached: Reached) -> list[Item]:
    """What an UpdateService lists as firmware, with a version (DSP0268 "SoftwareInventory")."""
    found: dict[str, Item] = {}
    for node in reached.nodes.values():
        version = worded(node.body.get("Version"))
        if version is None or state(node.body) == "Absent" or not _is_listed(reached, node):
            continue
        key = _same_part(node)
        item = Item(kind="firmware", path=node.path, names=_other_paths(node, version))
        known = found.get(key)
        names = item.names | {f"path:{item.key}"} | (known.names if known else frozenset())
        found[key] = replace(known or item, names=names)
    return list(found.values())


def _is_listed(reached: Reached, node: Node) -> bool:
    return any(
        place == "Members"
        and any(_lists_firmware(holder, name) for holder, name in reached.holders(collection))
        for collection, place in reached.holders(node)
    )


def _lists_firmware(service: Node, place: str) -> bool:
    """Some services (Intel's) have one list only, and call it software."""
    only = place == "SoftwareInventory" and "FirmwareInventory" not in service.body
    return place == "FirmwareInventory" or (only and schema(service) == "UpdateService")


def _same_part(node: Node) -> str:
    """An iDRAC lists a part's current, installed and previous image: one part's firmware."""
    last = folded(node.path).rpartition("/")[2]
    software, part = meaning(node.body.get("SoftwareId")), last.rpartition("__")[2]
    return f"{software} {part}" if software and "__" in last else folded(node.path)


def _other_paths(node: Node, version: str) -> frozenset[str]:
    """An iDRAC writes the version into the path; a reader may leave it out."""
    bare = folded(node.path).replace(f"-{version.lower()}", "")
    return frozenset({f"path:{bare}"})


def distinct(items: Iterable[Item]) -> list[Item]:
    """One item for what is listed in two collections with one serial.

    A serial that one collection gives twice is nobody's identity.
    """
    items = list(items)
    given = Counter((parent(item.path), name) for item in items for name in _identities(item))
    shared = {name for (_, name), times in given.items() if times > 1}
    kept: dict[str, Item] = {}
    by_name: dict[str, str] = {}
    for item in items:
        names = _identities(item) - shared
        twin = next((by_name[name] for name in names if name in by_name), None)
        if twin is not None and _may_be_one(kept[twin], item):
            merged = kept[twin].names | item.names | {f"path:{item.key}"}
            kept[twin] = replace(kept[twin], names=merged)
            continue
        kept.setdefault(item.key, item)
        by_name.update((name, item.key) for name in names)
    return list(kept.values())


def _identities(item: Item) -> set[str]:
    return {name for name in item.names if name.startswith(("serial:", "wwn:"))}


def _may_be_one(first: Item, second: Item) -> bool:
    """Two machines don't share a part: there one serial only says that serials are not unique."""
    if parent(first.path) == parent(second.path):
        return False
    among_chassis = first.kind in _SHARED_BY_CHASSIS and owner(first.path)[0] == "chassis"
    # Several drives with one copied serial have still names of their own.
    alike = first.kind != "drives" or _last(first.path) == _last(second.path)
    return (among_chassis and alike) or may_share(first.path, second.path)


def _last(path: str) -> str:
    return folded(path).rpartition("/")[2]
