"""Which node is which server: by our own mark, else by what cannot belong to two servers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fleetd.domain.device import DeviceId, Json
from fleetd.domain.endpoint import normal_address
from fleetd.domain.enrollment import DesiredNode, ObservedNode, ObservedPort
from fleetd.domain.errors import InvalidInput

Key = str
Keys = Callable[[DesiredNode], Iterable[Key]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The node of a server, or why none may be taken for it; neither: it must be created."""

    node: ObservedNode | None = None
    conflict: str | None = None


def match_nodes(
    desired: Sequence[DesiredNode],
    nodes: Sequence[ObservedNode],
    ports: Sequence[ObservedPort],
    *,
    devices: frozenset[DeviceId],
) -> dict[DeviceId, Match]:
    """Give each server its node; a node goes to one server at most.

    The rules in order: fleetd's own mark; the UUID that fleetd creates with; BMC address and
    system; the server's UUID; a MAC. A later rule never takes a node that is marked as another
    device that exists. A retired server, whose address may be another's by now, has only nodes
    that fleetd made or marked.

    Args:
        desired: The servers to match.
        nodes: All nodes.
        ports: All ports.
        devices: Every device that exists, also those that are not desired now.
    """
    matches: dict[DeviceId, Match] = {}
    taken: set[str] = set()
    for number, (index, keys) in enumerate(_rules(nodes, ports)):
        for one in desired:
            if one.device_id in matches or (one.retired and number >= _OWN_RULES):
                continue
            found = {node.uuid: node for key in keys(one) for node in index.get(key, ())}
            if found:
                match = _choose(one, tuple(found.values()), taken, devices)
                matches[one.device_id] = match
                taken |= {match.node.uuid} if match.node else set()
    return {one.device_id: matches.get(one.device_id, Match()) for one in desired}


def _choose(
    desired: DesiredNode,
    found: Sequence[ObservedNode],
    taken: set[str],
    devices: frozenset[DeviceId],
) -> Match:
    ours = [node for node in found if node.device_id == desired.device_id]
    candidates = ours or found
    if len(candidates) > 1:
        uuids = ", ".join(sorted(node.uuid for node in candidates))
        return Match(conflict=f"more than one node may be this server: {uuids}")
    node = candidates[0]
    owner = node.device_id
    if owner not in {None, desired.device_id} and owner in devices:
        return Match(conflict=f"node {node.uuid} belongs to device {owner}")
    if node.uuid in taken:
        return Match(conflict=f"node {node.uuid} is another server's")
    return Match(node=node)


def _rules(
    nodes: Sequence[ObservedNode], ports: Sequence[ObservedPort]
) -> tuple[tuple[Mapping[Key, Sequence[ObservedNode]], Keys], ...]:
    by_uuid = {node.uuid: node for node in nodes}
    on_ports = [
        (port.address, by_uuid[port.node_uuid]) for port in ports if port.node_uuid in by_uuid
    ]
    return (
        (_index((str(node.device_id or ""), node) for node in nodes), lambda d: (d.device_id,)),
        (_index((node.uuid, node) for node in nodes), lambda d: (d.uuid,)),
        (_index((_place(node.driver_info), node) for node in nodes), _places),
        (_index((node.uuid, node) for node in nodes), lambda d: (d.system_uuid or _NOTHING,)),
        (_index(on_ports), lambda d: (port.address for port in d.ports)),
    )


_NOTHING: Final = "\0"
_OWN_RULES: Final = 2


def _index(pairs: Iterable[tuple[Key, ObservedNode]]) -> dict[Key, list[ObservedNode]]:
    index: dict[Key, list[ObservedNode]] = defaultdict(list)
    for key, node in pairs:
        if key:
            index[key].append(node)
    return index


def _place(driver_info: Mapping[str, Json]) -> Key:
    """BMC address and system in one form; nothing where there is no Redfish address."""
    address = driver_info.get("redfish_address")
    if not isinstance(address, str) or not address:
        return ""
    system = driver_info.get("redfish_system_id")
    return f"{_normal(address)} {str(system).rstrip('/') if system else ''}"


def _places(desired: DesiredNode) -> tuple[Key, ...]:
    """With and, where the BMC serves no other system, without the system."""
    exact = _place(desired.driver_info)
    return (exact, f"{exact.partition(' ')[0]} ") if desired.sole_system else (exact,)


def _normal(address: str) -> str:
    try:
        return normal_address(address)
    except InvalidInput:
        return address
