"""Network adapters and ports: one port from the several resources that each tell part of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from fleetd.domain.device import Component, ComponentKind, Health, Json
from fleetd.driverkit.behaviours.neighbours import Neighbour, Neighbours
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import (
    boolean,
    canonical,
    entries,
    health,
    is_absent,
    label,
    links,
    macs,
    number,
    positive,
    text,
)
from fleetd.services.inventory.normalise_parts import part, slot_of

_PORT_MACS: Final = (
    "Ethernet/AssociatedMACAddresses",
    "AssociatedNetworkAddresses",
    "Ethernet/MACAddress",
)
_UP: Final = {"linkup": True, "up": True, "linkdown": False, "down": False, "nolink": False}
_PORT_OF_FUNCTION: Final = (
    "Links/PhysicalPortAssignment",
    "Links/PhysicalNetworkPortAssignment",
    "PhysicalPortAssignment",
    "PhysicalNetworkPortAssignment",
    "AssignablePhysicalPorts",
    "AssignablePhysicalNetworkPorts",
)
_MBPS_A_GBPS: Final = 1000
_NO_PORTS_GBPS: Final = 1_000_000


def adapters(
    resources: Iterable[Resource], documents: Documents, neighbours: Neighbours | None
) -> Iterator[Component]:
    """Every adapter, followed by its ports."""
    for resource in resources:
        body = resource.body
        if is_absent(body):
            continue
        controllers = entries(body, "Controllers")
        controller: Mapping[str, Json] = controllers[0] if controllers else {}
        ports = list(_adapter_ports(resource, documents, neighbours))
        slot = slot_of(controller) or slot_of(body)
        yield part(
            ComponentKind.NIC,
            resource.key,
            body,
            name=text(body, "Model", "Name") or resource.last,
            firmware_version=text(controller, "FirmwarePackageVersion")
            or text(body, "FirmwareVersion"),
            location=slot,
            attributes={
                "slot": slot or resource.last,
                "port_count": len(ports)
                or positive(controller, "ControllerCapabilities/NetworkPortCount"),
            },
        )
        yield from ports


def _adapter_ports(
    adapter: Resource, documents: Documents, neighbours: Neighbours | None
) -> Iterator[Component]:
    functions = list(documents.follow(adapter.body, "NetworkDeviceFunctions"))
    ports = list(documents.follow(adapter.body, "Ports", "NetworkPorts"))
    taken: set[str] = set()
    for port in ports:
        if is_absent(port.body):
            continue
        mine = tuple(item for item in functions if _uses(item, port, ports))
        taken.update(item.path for item in mine)
        yield _port(port, mine, adapter, documents, neighbours)
        yield from _further_functions(port, mine, adapter)
    for function in functions:
        if function.path not in taken and _addresses(function)[0] is not None:
            yield _function(function, adapter, number=None)


def _uses(function: Resource, port: Resource, ports: list[Resource]) -> bool:
    """The function is on the port: by the first kind of link that leads to one, else by its MAC."""
    here, every = canonical(port.path), {canonical(item.path) for item in ports}
    for place in _PORT_OF_FUNCTION:
        paths = every.intersection(map(canonical, links(function.body, place)))
        if paths:
            return here in paths
    own = macs(function.body, "Ethernet/PermanentMACAddress", "Ethernet/MACAddress")
    return bool(set(own).intersection(macs(port.body, *_PORT_MACS)))


def _port(
    port: Resource,
    functions: tuple[Resource, ...],
    adapter: Resource,
    documents: Documents,
    neighbours: Neighbours | None,
) -> Component:
    body = port.body
    own = macs(body, *_PORT_MACS)
    mac, permanent = next(
        (pair for item in functions if (pair := _addresses(item))[0] is not None), (None, None)
    )
    heard = neighbours.of_port(port, functions, documents) if neighbours else None
    attributes = {
        **port_attributes(body),
        "mac": mac or (own[0] if own else None),
        "permanent_mac": permanent or (own[0] if own else None),
        "nic": adapter.key,
        "mtu_bytes": next(
            (size for item in functions if (size := positive(item.body, "Ethernet/MTUSize"))), None
        ),
        "pxe_enabled": _boots_from_network(functions),
        **heard_attributes(heard),
    }
    number_there = attributes["number"] or port.last
    return part(
        ComponentKind.PORT,
        port.key,
        body,
        name=f"{adapter.last}/{number_there}",
        attributes=attributes,
    )


def port_attributes(body: Mapping[str, Json]) -> dict[str, Any]:
    """What a Port or a NetworkPort says of its link."""
    current = number(body, "CurrentSpeedGbps")
    highest = number(body, "MaxSpeedGbps")
    status = (text(body, "LinkStatus") or "").lower()
    state = text(body, "LinkState")
    return {
        "number": label(body, "PortId", "PhysicalPortNumber", "Id"),
        "link_up": _UP.get(status),
        "speed_mbps": _mbps(current) or positive(body, "CurrentLinkSpeedMbps"),
        "max_speed_mbps": _mbps(highest) or _fastest(body),
        "enabled": boolean(body, "InterfaceEnabled", "PortEnabled")
        if state is None
        else state == "Enabled",
    }


def _mbps(gbps: float | None) -> int | None:
    """A speed that some port may have, in Mbit/s; garbage and zero are none."""
    if gbps is None or not 0 < gbps < _NO_PORTS_GBPS:
        return None
    return round(gbps * _MBPS_A_GBPS)


def _fastest(body: Mapping[str, Json]) -> int | None:
    speeds = [
        speed
        for item in entries(body, "SupportedLinkCapabilities")
        if (speed := positive(item, "LinkSpeedMbps"))
    ]
    return max(speeds, default=None)


def heard_attributes(heard: Neighbour | None) -> dict[str, Json]:
    """What LLDP heard, as a port's attributes."""
    if heard is None:
        return {}
    return {
        "neighbour_chassis_id": heard.chassis_id,
        "neighbour_port_id": heard.port_id,
        "neighbour_system_name": heard.system_name,
        "neighbour_system_description": heard.system_description,
    }


def _addresses(function: Resource) -> tuple[str | None, str | None]:
    """The MAC in use and the permanent one; each stands in for the other."""
    current = macs(function.body, "Ethernet/MACAddress")
    permanent = macs(function.body, "Ethernet/PermanentMACAddress")
    either = next(iter(current or permanent), None)
    return either, next(iter(permanent), either)


def _boots_from_network(functions: tuple[Resource, ...]) -> bool | None:
    modes = {mode for item in functions if (mode := text(item.body, "BootMode"))}
    return bool(modes & {"PXE", "HTTP"}) if modes else None


def _further_functions(
    port: Resource, functions: tuple[Resource, ...], adapter: Resource
) -> Iterator[Component]:
    """Partitions of a port: a machine sees each as a port of its own, with its own MAC."""
    seen: set[str | None] = {None}
    number_there = label(port.body, "PortId", "PhysicalPortNumber", "Id")
    for index, function in enumerate(item for item in functions if _addresses(item)[0] is not None):
        mac = _addresses(function)[0]
        if index and mac not in seen:
            yield _function(function, adapter, number=number_there)
        seen.add(mac)


def _function(function: Resource, adapter: Resource, *, number: str | None) -> Component:
    mac, permanent = _addresses(function)
    return part(
        ComponentKind.PORT,
        function.key,
        function.body,
        name=f"{adapter.last}/{function.last}",
        attributes={
            "mac": mac,
            "permanent_mac": permanent,
            "nic": adapter.key,
            "number": number,
            "mtu_bytes": positive(function.body, "Ethernet/MTUSize"),
            "enabled": boolean(function.body, "DeviceEnabled"),
            "pxe_enabled": _boots_from_network((function,)),
        },
    )


def with_interfaces(
    ports: Iterable[Component], interfaces: Iterable[Resource], not_host: frozenset[str]
) -> Iterator[Component]:
    """The ports with what the host's Ethernet interfaces add, and the interfaces without a port.

    ``not_host`` are the BMCs' own MACs, which some BMCs list among the host's.
    """
    by_mac: dict[str, Resource] = {}
    for item in interfaces:
        for mac in macs(item.body, "PermanentMACAddress", "MACAddress"):
            by_mac.setdefault(mac, item)
    used: set[str] = set()
    for component in ports:
        attributes = component.attributes
        # A capture of an iLO 5 gives two functions one current MAC; the permanent ones differ.
        own = (attributes.get("permanent_mac"), attributes.get("mac"))
        twin = next((by_mac[mac] for mac in own if mac in by_mac), None)
        if component.kind is not ComponentKind.PORT or twin is None:
            yield component
            continue
        used.add(twin.path)
        yield _enriched(component, twin.body)
    for item in _distinct(by_mac):
        own_macs = macs(item.body, "MACAddress", "PermanentMACAddress")
        if item.path not in used and not is_absent(item.body) and own_macs[0] not in not_host:
            yield _interface(item)


def _distinct(by_mac: Mapping[str, Resource]) -> list[Resource]:
    return list({item.path: item for item in by_mac.values()}.values())


def _enriched(port: Component, body: Mapping[str, Json]) -> Component:
    added = {
        name: found for name, found in _interface_attributes(body).items() if found is not None
    }
    known_health = port.health if port.health is not Health.UNKNOWN else health(body)
    return replace(port, health=known_health, attributes={**added, **port.attributes})


def _interface(item: Resource) -> Component:
    body = item.body
    current = macs(body, "MACAddress")
    permanent = macs(body, "PermanentMACAddress")
    return part(
        ComponentKind.PORT,
        item.key,
        body,
        name=text(body, "Name", "Id") or item.last,
        attributes={
            "mac": (current or permanent)[0],
            "permanent_mac": (permanent or current)[0],
            **_interface_attributes(body),
        },
    )


def _interface_attributes(body: Mapping[str, Json]) -> dict[str, Json]:
    return {
        "link_up": _UP.get((text(body, "LinkStatus") or "").lower()),
        "speed_mbps": positive(body, "SpeedMbps"),
        "mtu_bytes": positive(body, "MTUSize"),
        "enabled": boolean(body, "InterfaceEnabled"),
    }
