"""What must change on a node and its ports: JSON patches that hold differences only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from fleetd.domain.device import Json
from fleetd.domain.enrollment import (
    DEVICE_KEY,
    Action,
    CreateNode,
    CreatePort,
    DeletePort,
    DesiredNode,
    DesiredPort,
    ObservedNode,
    ObservedPort,
    PatchNode,
    PatchPort,
    SetTraits,
)

PASSWORD: Final = "redfish_password"  # noqa: S105 - the name of a key
_CONNECTIVITY: Final = frozenset({"pxe_enabled", "physical_network", "local_link_connection"})
"""What Ironic lets be changed on a port only while its node is not available."""


def creation(desired: DesiredNode, *, taken_names: frozenset[str]) -> CreateNode:
    """The request that makes the node, whole but for traits and ports."""
    name = desired.name
    if name in taken_names:
        name = f"{name}-{desired.uuid.partition('-')[0]}"
    attributes: dict[str, Json] = {
        "uuid": desired.uuid,
        "name": name,
        "driver": desired.driver,
        "driver_info": {**desired.driver_info, PASSWORD: desired.password},
        "properties": {**desired.properties, **_capabilities("", desired.capabilities)},
        "resource_class": desired.resource_class,
        "extra": {DEVICE_KEY: desired.device_id},
        **{f"{kind}_interface": name for kind, name in desired.interfaces.items()},
    }
    if desired.conductor_group is not None:
        attributes["conductor_group"] = desired.conductor_group
    if desired.owner is not None:
        attributes["owner"] = desired.owner
    return CreateNode(uuid=desired.uuid, attributes=attributes)


def node_changes(
    desired: DesiredNode, node: ObservedNode, *, password_known: bool
) -> tuple[Action, ...]:
    """The requests that bring an existing node to what is desired; none when it is."""
    changes: list[Action] = []
    patch = [
        *_scalars(desired, node),
        *_members("driver_info", desired.driver_info, node.driver_info),
        *_members("properties", _properties(desired, node), node.properties),
        *_members("extra", {DEVICE_KEY: desired.device_id}, node.extra),
    ]
    if not password_known or PASSWORD not in node.driver_info:
        patch.append(_set("driver_info", PASSWORD, desired.password))
    if patch:
        changes.append(
            PatchNode(
                uuid=node.uuid,
                patch=tuple(patch),
                reset_interfaces=desired.driver != node.driver,
                sends_password=any(entry["path"] == f"/driver_info/{PASSWORD}" for entry in patch),
            )
        )
    traits = desired.traits | (node.traits - desired.known_traits)
    if traits != node.traits:
        changes.append(SetTraits(uuid=node.uuid, traits=tuple(sorted(traits))))
    return tuple(changes)


def port_changes(
    desired: DesiredNode, node: ObservedNode, ports: Sequence[ObservedPort], *, available: bool
) -> tuple[Action, ...]:
    """The requests that bring the node's ports to what is desired.

    Ports that fleetd did not make or take over stay, whoever made them. While the node is
    available, a boot port that was only guessed is left as it is.
    """
    changes: list[Action] = []
    known = {port.address: port for port in ports}
    for wanted in desired.ports:
        port = known.get(wanted.address)
        if port is None:
            attributes = {"address": wanted.address, **_port_values(wanted)}
            attributes["extra"] = {DEVICE_KEY: desired.device_id}
            changes.append(CreatePort(node_uuid=node.uuid, attributes=attributes))
            continue
        patch = _port_patch(wanted, port, desired.device_id, guess=not available)
        if patch:
            changes.append(PatchPort(uuid=port.uuid, patch=patch))
    wanted_addresses = {port.address for port in desired.ports}
    changes.extend(
        DeletePort(uuid=port.uuid)
        for port in ports
        if port.address not in wanted_addresses and port.extra.get(DEVICE_KEY) == desired.device_id
    )
    return tuple(changes)


def needs_unavailable(changes: Iterable[Action]) -> bool:
    """Whether Ironic refuses any of these while the node is available."""
    return any(
        str(entry["path"]).split("/")[1] in _CONNECTIVITY
        for change in changes
        if isinstance(change, PatchPort)
        for entry in change.patch
    )


def parse_capabilities(text: Json) -> dict[str, str]:
    """``a:1,b:2`` as Ironic keeps it in properties."""
    pairs = (part.partition(":") for part in str(text or "").split(","))
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


def _capabilities(present: Json, wanted: Mapping[str, str]) -> dict[str, Json]:
    merged = {**parse_capabilities(present), **wanted}
    text = ",".join(f"{name}:{value}" for name, value in sorted(merged.items()))
    return {"capabilities": text} if text else {}


def _properties(desired: DesiredNode, node: ObservedNode) -> dict[str, Json]:
    """The desired properties; capabilities count as they are read, not as they are written."""
    present = node.properties.get("capabilities")
    known = parse_capabilities(present)
    if desired.capabilities.items() <= known.items():
        return dict(desired.properties)
    return {**desired.properties, **_capabilities(present, desired.capabilities)}


def _scalars(desired: DesiredNode, node: ObservedNode) -> list[dict[str, Json]]:
    values: dict[str, tuple[Json, Json]] = {
        "driver": (desired.driver, node.driver),
        "resource_class": (desired.resource_class, node.resource_class),
        "conductor_group": (desired.conductor_group, node.conductor_group),
        "owner": (desired.owner, node.owner),
        # a node that somebody named keeps its name
        "name": (desired.name if node.name is None else None, node.name),
    }
    for kind, name in desired.interfaces.items():
        values[f"{kind}_interface"] = (name, node.interfaces.get(kind))
    return [
        {"op": "add", "path": f"/{field}", "value": wanted}
        for field, (wanted, present) in values.items()
        if wanted is not None and wanted != present
    ]


def _members(
    field: str, wanted: Mapping[str, Json], present: Mapping[str, Json]
) -> list[dict[str, Json]]:
    return [
        _set(field, name, value)
        for name, value in wanted.items()
        if name not in present or not _same(present[name], value)
    ]


def _set(field: str, name: str, value: Json) -> dict[str, Json]:
    """JSON patch's ``add`` also replaces (RFC 6902, "add"), so that one verb serves both."""
    pointer = name.replace("~", "~0").replace("/", "~1")
    return {"op": "add", "path": f"/{field}/{pointer}", "value": value}


def _same(present: Json, wanted: Json) -> bool:
    """Equal, also where somebody wrote a number as text; True is not 1."""
    if isinstance(wanted, bool) or isinstance(present, bool):
        return present is wanted or str(present).lower() == str(wanted).lower()
    return bool(present == wanted or str(present) == str(wanted))


def _port_values(wanted: DesiredPort) -> dict[str, Json]:
    values: dict[str, Json] = {
        "pxe_enabled": wanted.pxe_enabled,
        "physical_network": wanted.physical_network,
        "local_link_connection": None if wanted.local_link is None else dict(wanted.local_link),
    }
    return {name: value for name, value in values.items() if value is not None}


def _port_patch(
    wanted: DesiredPort, port: ObservedPort, device_id: str, *, guess: bool
) -> tuple[dict[str, Json], ...]:
    present: dict[str, Json] = {
        "pxe_enabled": port.pxe_enabled,
        "physical_network": port.physical_network,
        "local_link_connection": dict(port.local_link),
    }
    values = _port_values(wanted)
    if wanted.pxe_guessed and not guess:
        values.pop("pxe_enabled", None)
    patch = [
        {"op": "add", "path": f"/{name}", "value": value}
        for name, value in values.items()
        if value != present[name]
    ]
    patch.extend(_members("extra", {DEVICE_KEY: device_id}, port.extra))
    return tuple(patch)
