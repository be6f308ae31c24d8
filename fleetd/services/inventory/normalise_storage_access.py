"""Who reaches which volume: fabric endpoints, connections between them, and zones.

Swordfish's Connection says it now; its StorageGroup said it before, in other properties, and both
become one kind of component. Endpoint groups only gather endpoints, so they are resolved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from fleetd.domain.device import Component, ComponentKind, Json
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import (
    boolean,
    entries,
    integer,
    is_absent,
    label,
    link,
    text,
    texts,
)
from fleetd.services.inventory.normalise_parts import part

_ENDPOINTS: Final = ("Endpoints", "Links/Endpoints")
_ROLES: Final = {
    "Client": "Initiator",
    "Server": "Target",
    "Initiator": "Initiator",
    "Target": "Target",
}
_INITIATORS: Final = (
    "Links/InitiatorEndpoints",
    "Links/InitiatorEndpointGroups",
    "ClientEndpointGroups",
)
_TARGETS: Final = ("Links/TargetEndpoints", "Links/TargetEndpointGroups", "ServerEndpointGroups")


def fabric_endpoints(holders: Iterable[Resource], documents: Documents) -> Iterator[Component]:
    """The initiators and targets that subsystems, services and fabrics list, or their groups."""
    seen: set[str] = set()
    for holder in holders:
        roles = _roles(holder, documents)
        listed = documents.follow(holder.body, "Endpoints", "EndpointGroups")
        for resource in _resolved(listed, documents):
            if resource.key in seen or is_absent(resource.body):
                continue
            seen.add(resource.key)
            yield _fabric_endpoint(resource, documents, roles.get(resource.key))


def _roles(holder: Resource, documents: Documents) -> dict[str, str]:
    """By endpoint, the role that a group gives it: the older ones say it only there."""
    found: dict[str, str] = {}
    for group in documents.follow(holder.body, "EndpointGroups"):
        role = _ROLES.get(text(group.body, "GroupType") or "")
        if role is not None:
            for member in documents.follow(group.body, *_ENDPOINTS):
                found.setdefault(member.key, role)
    return found


def _resolved(listed: Iterable[Resource], documents: Documents) -> Iterator[Resource]:
    """The endpoints, and in place of each group what it gathers."""
    for resource in listed:
        if documents.kind_of(resource) == "EndpointGroup":
            yield from documents.follow(resource.body, *_ENDPOINTS)
        else:
            yield resource


def _fabric_endpoint(resource: Resource, documents: Documents, role: str | None) -> Component:
    body = resource.body
    entities = entries(body, "ConnectedEntities")
    own = {found for item in entities if (found := text(item, "EntityRole"))}
    names = [name for item in entries(body, "Identifiers") if (name := text(item, "DurableName"))]
    return part(
        ComponentKind.FABRIC_ENDPOINT,
        resource.key,
        body,
        name=text(body, "Name") or resource.last,
        attributes={
            "protocol": text(body, "EndpointProtocol"),
            "role": "Both" if len(own) > 1 else next(iter(own), role),
            "names": list(dict.fromkeys(names)),
            "addresses": list(_addresses(body)),
            "entities": [
                entity.key
                for item in entities
                if (entity := documents.get(link(item.get("EntityLink")))) is not None
            ],
        },
    )


def _addresses(body: Mapping[str, Json]) -> Iterator[str]:
    """Where it's reached, as ``address`` or ``address:port`` (DSP0268 'IPTransportDetails')."""
    for item in entries(body, "IPTransportDetails"):
        port = integer(item, "Port")
        for place, form in (("IPv4Address/Address", "{}"), ("IPv6Address/Address", "[{}]")):
            address = text(item, place)
            if address is not None:
                written = form.format(address)
                yield f"{written}:{port}" if port else address


def connections(holders: Iterable[Resource], documents: Documents) -> Iterator[Component]:
    """Which initiators reach which volumes through which targets."""
    for resource in _each(holders, documents, "Connections", "StorageGroups"):
        body = resource.body
        mapped = [*entries(body, "VolumeInfo"), *entries(body, "MappedVolumes")]
        numbers = {
            volume: number
            for item in mapped
            if (volume := _key(item.get("Volume"), documents)) is not None
            and (number := label(item, "LUN", "LogicalUnitNumber")) is not None
        }
        reached = [_key(item.get("Volume"), documents) for item in mapped]
        reached += [item.key for item in documents.follow(body, "Volumes")]
        yield part(
            ComponentKind.CONNECTION,
            resource.key,
            body,
            name=text(body, "Name") or resource.last,
            attributes={
                "volumes": list(dict.fromkeys(key for key in reached if key is not None)),
                "unit_numbers": numbers or None,
                "initiators": _endpoint_keys(body, documents, _INITIATORS),
                "targets": _endpoint_keys(body, documents, _TARGETS),
                "access": _access(body, mapped),
                "access_state": text(body, "AccessState"),
                "exposed": boolean(body, "VolumesAreExposed"),
                "authentication": text(body, "AuthenticationMethod"),
            },
        )


def _access(body: Mapping[str, Json], mapped: Iterable[Mapping[str, Json]]) -> list[str]:
    """What may be done to the volumes: said for the whole, or for each."""
    said = texts(body, "AccessCapabilities")
    each = (found for item in mapped for found in texts(item, "AccessCapabilities"))
    return said or list(dict.fromkeys(each))


def _key(reference: Json, documents: Documents) -> str | None:
    found = documents.get(link(reference))
    return None if found is None else found.key


def _endpoint_keys(
    body: Mapping[str, Json], documents: Documents, places: tuple[str, ...]
) -> list[str]:
    found = _resolved(documents.follow(body, *places), documents)
    return list(dict.fromkeys(item.key for item in found))


def zones(fabrics: Iterable[Resource], documents: Documents) -> Iterator[Component]:
    """Which endpoints of a fabric may speak with one another (DSP0268 'Zone')."""
    for resource in _each(fabrics, documents, "Zones"):
        body = resource.body
        yield part(
            ComponentKind.ZONE,
            resource.key,
            body,
            name=text(body, "Name") or resource.last,
            attributes={
                "type": text(body, "ZoneType"),
                "endpoints": [item.key for item in documents.follow(body, "Links/Endpoints")],
                "accessibility": text(body, "ExternalAccessibility"),
            },
        )


def _each(holders: Iterable[Resource], documents: Documents, *places: str) -> Iterator[Resource]:
    """What the holders list at the places, once each, and only what's there."""
    seen: set[str] = set()
    for holder in holders:
        for resource in documents.follow(holder.body, *places):
            if resource.key not in seen and not is_absent(resource.body):
                seen.add(resource.key)
                yield resource
