"""The independent count: what a captured tree holds, taken straight from its bodies.

What counts is in ``RULES``, a line a kind. Everything that links lead to from the service root is
looked at, wherever it stands; what is the same thing in two places counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from fleetd.daemon.corpus.count_fairly import (
    distinct,
    firmware,
    marked,
    of_hosts,
    of_no_gpu,
)
from fleetd.daemon.corpus.count_network import host_ports, switch_ports
from fleetd.daemon.corpus.item import (
    Item,
    amount,
    meaning,
    objects_at,
    present,
    said,
    serial_name,
    state,
    values_at,
    wide_names,
)
from fleetd.daemon.corpus.schema import parent, schema
from fleetd.daemon.corpus.walk import Node, Reached

_GPU_TYPES: Final = frozenset({"GPU", "Accelerator"})
_NO_SOCKETS: Final = _GPU_TYPES | {"FPGA", "DSP", "Core", "Thread", "Partition"}
_IDENTITY: Final = ("SerialNumber", "Model", "PartNumber", "Manufacturer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What counts as one of a kind: the schemas that declare it, and when it is really there."""

    kind: str
    schemas: frozenset[str]
    counts: Callable[[Mapping[str, Any]], bool]


def _is_processor(body: Mapping[str, Any]) -> bool:
    return meaning(body.get("ProcessorType")) not in _NO_SOCKETS and _is_there(body)


def _is_gpu(body: Mapping[str, Any]) -> bool:
    return meaning(body.get("ProcessorType")) in _GPU_TYPES and _is_there(body)


def _is_module(body: Mapping[str, Any]) -> bool:
    capacity = amount(body, "CapacityMiB", "SizeMB", "VolatileSizeMiB", "NonVolatileSizeMiB")
    return state(body) != "Absent" and capacity > 0


def _is_drive(body: Mapping[str, Any]) -> bool:
    return present(body, "CapacityBytes", "CapacityGB", "CapacityMiB", "SerialNumber", "Model")


def _is_device(body: Mapping[str, Any]) -> bool:
    """A backplane is listed among the drives; where capacities are given, it has none."""
    return _is_drive(body) and ("CapacityBytes" not in body or amount(body, "CapacityBytes") > 0)


def _is_supply(body: Mapping[str, Any]) -> bool:
    return present(body, *_IDENTITY, "PowerCapacityWatts")


def _is_there(body: Mapping[str, Any]) -> bool:
    return state(body) != "Absent"


def _is_manager(body: Mapping[str, Any]) -> bool:
    return _is_there(body) and said(body, "FirmwareVersion", "Status/Health")


RULES: Final = (
    Rule(kind="processors", schemas=frozenset({"Processor"}), counts=_is_processor),
    Rule(kind="gpus", schemas=frozenset({"Processor"}), counts=_is_gpu),
    Rule(kind="memory", schemas=frozenset({"Memory", "HpMemory"}), counts=_is_module),
    Rule(
        kind="drives",
        schemas=frozenset({"Drive", "HpeSmartStorageDiskDrive", "HpSmartStorageDiskDrive"}),
        counts=_is_drive,
    ),
    Rule(
        kind="volumes",
        schemas=frozenset({"Volume", "HpeSmartStorageLogicalDrive", "HpSmartStorageLogicalDrive"}),
        counts=_is_there,
    ),
    Rule(kind="storage_pools", schemas=frozenset({"StoragePool"}), counts=_is_there),
    Rule(kind="psus", schemas=frozenset({"PowerSupply"}), counts=_is_supply),
    Rule(kind="fans", schemas=frozenset({"Fan"}), counts=_is_there),
    Rule(kind="outlets", schemas=frozenset({"Outlet"}), counts=_is_there),
    Rule(kind="managers", schemas=frozenset({"Manager"}), counts=_is_manager),
)
"""By kind, what counts. A socket, bay or slot that is Absent holds nothing, so nothing counts."""

# Where an older resource holds a list of things: by schema, the kind, the place, and the rule.
_LISTED: Final = (
    ("Power", "psus", "PowerSupplies", _is_supply),
    ("Thermal", "fans", "Fans", _is_there),
    ("SimpleStorage", "drives", "Devices", _is_device),
)
KINDS: Final = (*(rule.kind for rule in RULES), "firmware", "ports", "switch_ports")


def count(reached: Reached) -> dict[str, list[Item]]:
    """Everything that is there, by kind, each thing once."""
    found: dict[str, list[Item]] = {kind: [] for kind in KINDS}
    resources = [(node, name) for node in reached.nodes.values() if (name := schema(node))]
    newer = _systems_with_drives(resources)
    for node, name in resources:
        for rule in RULES:
            if name in rule.schemas and rule.counts(node.body):
                found[rule.kind].append(_item(rule.kind, node.path, node.body))
    for node, name in resources:
        for holder, kind, place, counts in _LISTED:
            if name == holder and not _told_elsewhere(found[kind], node.path, kind):
                again = kind == "drives" and parent(parent(node.path)) in newer
                found[kind].extend(
                    replace(item, optional=again) for item in _listed(node, kind, place, counts)
                )
    found["processors"] = of_hosts(reached, found["processors"])
    found["memory"] = of_no_gpu(reached, found["memory"])
    found["firmware"] = firmware(reached)
    found["ports"] = host_ports(reached, resources)
    found["switch_ports"] = switch_ports(reached, resources)
    return {kind: marked(reached, distinct(items)) for kind, items in found.items()}


def _systems_with_drives(resources: Iterable[tuple[Node, str]]) -> set[str]:
    """The systems whose newer Storage names drives, though they may not be in the capture."""
    return {
        parent(parent(node.path))
        for node, name in resources
        if name == "Storage" and values_at(node.body, "Drives")
    }


def _item(kind: str, path: str, body: Mapping[str, Any]) -> Item:
    return Item(kind=kind, path=path, names=serial_name(body) | wide_names(body))


def _listed(
    node: Node, kind: str, place: str, counts: Callable[[Mapping[str, Any]], bool]
) -> Iterator[Item]:
    for number, body in objects_at(node.body, place):
        if counts(body):
            yield _item(kind, f"{node.path}#/{place}/{number}", body)


def _told_elsewhere(known: Iterable[Item], path: str, kind: str) -> bool:
    """The newer resources tell of the same parts of this chassis, or of this system's storage."""
    holder = parent(path) if kind != "drives" else parent(parent(path))
    return any(item.key.startswith(f"{holder}/") and "#" not in item.path for item in known)
