"""What keeps the independent count fair: whose a part is, and what is the same part once more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from fleetd.daemon.corpus.item import Item, meaning, state, values_at, worded
from fleetd.daemon.corpus.schema import parent, schema
from fleetd.daemon.corpus.tree import ROOT, folded
from fleetd.daemon.corpus.walk import Node, Reached

_MACHINES: Final = frozenset({"systems", "chassis"})
_GPU_TYPES: Final = frozenset({"GPU", "Accelerator"})
_OWNER_SEGMENTS: Final = 2
_MACHINE_SCHEMAS: Final = frozenset(
    {"ComputerSystem", "Chassis", "Storage", "StorageService", "PowerDistribution", "Switch"}
)


def _owner(path: str) -> tuple[str, ...]:
    """The collection and the name of the machine that a path is below: ("systems", "1")."""
    return tuple(folded(path).removeprefix(f"{ROOT}/").split("/")[:_OWNER_SEGMENTS])


def in_a_machine(reached: Reached, node: Node) -> bool:
    """The system or chassis that the part is in is in the capture, too."""
    owner = _owner(node.path)
    return owner[0] not in _MACHINES or f"{ROOT}/{'/'.join(owner)}" in reached.nodes


def any_machine(reached: Reached) -> bool:
    """The capture holds something to manage, not only a manager."""
    return any(
        schema(node) in _MACHINE_SCHEMAS and state(node.body) != "Absent"
        for node in reached.nodes.values()
    )


def of_hosts(reached: Reached, processors: list[Item]) -> list[Item]:
    """Without those that a baseboard lists beside the host that it sits in.

    A baseboard is shown as a System that can't be reset (DSP0268 "ComputerSystem", Actions).
    """
    hosts = {
        _owner(node.path)
        for node in reached.nodes.values()
        if schema(node) == "ComputerSystem" and "Reset" in str(node.body.get("Actions"))
    }
    in_hosts = [item for item in processors if _owner(item.path) in hosts]
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
        and any(name == "FirmwareInventory" for _, name in reached.holders(collection))
        for collection, place in reached.holders(node)
    )


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
    """One item for what is listed in two collections with one serial."""
    kept: dict[str, Item] = {}
    by_name: dict[str, str] = {}
    for item in items:
        names = [name for name in item.names if name.startswith(("serial:", "wwn:"))]
        twin = next((by_name[name] for name in names if name in by_name), None)
        if twin is not None and _may_be_one(kept[twin], item):
            merged = kept[twin].names | item.names | {f"path:{item.key}"}
            kept[twin] = replace(kept[twin], names=merged)
            continue
        kept.setdefault(item.key, item)
        by_name.update((name, item.key) for name in names)
    return list(kept.values())


def _may_be_one(first: Item, second: Item) -> bool:
    """Two machines don't share a part: there one serial only says that serials are not unique."""
    if parent(first.path) == parent(second.path):
        return False
    one, other = _owner(first.path), _owner(second.path)
    machines = one[0] == other[0] and one[0] in _MACHINES and one != other
    return not machines or (one[0] == "chassis" and first.kind == "drives")
