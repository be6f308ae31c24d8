"""Capacity: volumes, the pools that they are cut from, and what those are made of.

Names are Swordfish's ('Volume', 'StoragePool', 'Capacity'), which took over DSP0268's Volume.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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
    links,
    positive,
    text,
    texts,
    value,
)
from fleetd.services.inventory.normalise_parts import part
from fleetd.services.inventory.normalise_storage_drives import percent, world_wide_name

# What the older VolumeType says of redundancy; RawDevice says nothing of it.
_LEGACY_RAID: Final = {
    "NonRedundant": "RAID0",
    "Mirrored": "RAID1",
    "StripedWithParity": "RAID5",
    "SpannedMirrors": "RAID10",
    "SpannedStripesWithParity": "RAID50",
}
_LASTING_ID: Final = re.compile(r"[0-9a-fA-F]{32}")
_IDLE: Final = "No operation in progress"


def volume(resource: Resource, documents: Documents) -> Component | None:
    """The volume (an NVMe namespace is one too), or None where it's absent."""
    body = resource.body
    if is_absent(body):
        return None
    return part(
        ComponentKind.VOLUME,
        resource.key,
        body,
        name=text(body, "DisplayName", "VolumeName", "Name") or resource.last,
        attributes={
            "capacity_bytes": positive(body, "CapacityBytes", "Capacity/Data/AllocatedBytes"),
            **_taken(body),
            "raid_type": text(body, "RAIDType") or _LEGACY_RAID.get(text(body, "VolumeType") or ""),
            "drives": [item.key for item in documents.follow(body, "Links/Drives")],
            "spare_drives": [
                item.key for item in documents.follow(body, "Links/DedicatedSpareDrives")
            ],
            "pool": next(providing(body, documents, "StoragePool"), None),
            "usage": text(body, "VolumeUsage"),
            "provisioning": text(body, "ProvisioningPolicy"),
            "access": texts(body, "AccessCapabilities"),
            "encrypted": boolean(body, "Encrypted"),
            "read_cache": text(body, "ReadCachePolicy"),
            "write_cache": text(body, "WriteCachePolicy"),
            "strip_bytes": positive(body, "StripSizeBytes"),
            "namespace_id": label(body, "NVMeNamespaceProperties/NamespaceId"),
            "wwn": world_wide_name(body),
            "nqn": qualified_name(body),
            "operations": _operations(body),
            "replicas": replicas(body, documents),
            "class_of_service": class_of_service(body, documents),
        },
    )


def _taken(body: Mapping[str, Json]) -> dict[str, Json]:
    """What is used of a capacity, of its own (Swordfish 'Capacity')."""
    return {
        "consumed_bytes": integer(body, "Capacity/Data/ConsumedBytes"),
        "provisioned_bytes": positive(body, "Capacity/Data/ProvisionedBytes"),
        "remaining_percent": percent(body, "RemainingCapacityPercent"),
    }


def pool(resource: Resource, documents: Documents) -> Component | None:
    """The storage pool, or None where it's absent."""
    body = resource.body
    if is_absent(body):
        return None
    return part(
        ComponentKind.STORAGE_POOL,
        resource.key,
        body,
        name=text(body, "Name") or resource.last,
        attributes={
            **capacity(body),
            "metadata_allocated_bytes": positive(body, "Capacity/Metadata/AllocatedBytes"),
            "metadata_consumed_bytes": integer(body, "Capacity/Metadata/ConsumedBytes"),
            "types": texts(body, "PoolType"),
            "raid_types": texts(body, "SupportedRAIDTypes"),
            "thin": boolean(body, "Capacity/IsThinProvisioned"),
            "compressed": boolean(body, "Compressed"),
            "deduplicated": boolean(body, "Deduplicated"),
            "encrypted": boolean(body, "Encrypted"),
            "drives": list(providing(body, documents, "Drive")),
            "spare_drives": [
                item.key for item in documents.follow(body, "Links/DedicatedSpareDrives")
            ],
            "pools": [
                key for key in providing(body, documents, "StoragePool") if key != resource.key
            ],
            "class_of_service": class_of_service(body, documents),
        },
    )


def capacity(body: Mapping[str, Json]) -> dict[str, Json]:
    """Bytes allocated, guaranteed and used of a pool or file system (Swordfish 'Capacity')."""
    return {
        "allocated_bytes": integer(body, "Capacity/Data/AllocatedBytes"),
        "guaranteed_bytes": integer(body, "Capacity/Data/GuaranteedBytes"),
        **_taken(body),
    }


_PROVIDES: Final = {
    "Drive": "ProvidingDrives",
    "StoragePool": "ProvidingPools",
    "Volume": "ProvidingVolumes",
}


def providing(body: Mapping[str, Json], documents: Documents, kind: str) -> Iterator[str]:
    """The keys of what a capacity comes from: its sources' drives, pools or volumes."""
    return (resource.key for resource in providers(body, documents, kind))


def providers(body: Mapping[str, Json], documents: Documents, kind: str) -> Iterator[Resource]:
    """What a capacity comes from, each once."""
    seen: set[str] = set()
    for source in _sources(body, documents):
        for path in _listed(source, _PROVIDES[kind]):
            for resource in documents.at(path):
                if documents.kind_of(resource) == kind and resource.key not in seen:
                    seen.add(resource.key)
                    yield resource


def _sources(body: Mapping[str, Json], documents: Documents) -> Iterator[Mapping[str, Json]]:
    """The capacity sources: said in place, or each a resource that was read."""
    for item in entries(body, "CapacitySources"):
        path = link(item)
        read = [] if path is None else list(documents.at(path))
        apart = [found.body for found in read if documents.kind_of(found) == "CapacitySource"]
        yield from apart or [item]


def _listed(source: Mapping[str, Json], place: str) -> list[str]:
    """The paths at a place; Seagate's arrays write the collection's members there."""
    holder = value(source, place)
    if isinstance(holder, dict) and "Members" in holder:
        return links(holder, "Members")
    return links(source, place)


def qualified_name(body: Mapping[str, Json]) -> str | None:
    """The NVMe Qualified Name among a resource's identifiers, as written."""
    return next(
        (
            text(item, "DurableName")
            for item in (*entries(body, "Identifiers"), *entries(body, "Identifier"))
            if text(item, "DurableNameFormat") == "NQN"
        ),
        None,
    )


def durable_name(body: Mapping[str, Json]) -> str | None:
    """The first name by which a volume or pool is known wherever it's listed.

    Seagate's arrays give neither one, but write a number that is unique the world over as Id.
    """
    for item in entries(body, "Identifiers"):
        name, form = text(item, "DurableName"), text(item, "DurableNameFormat")
        if name and form:
            return f"{form}/{name.lower()}"
    own = text(body, "Id") or ""
    return own.lower() if _LASTING_ID.fullmatch(own) else None


def _operations(body: Mapping[str, Json]) -> list[str]:
    """What the controller is doing to it now: a rebuild, an initialisation."""
    named = (text(item, "OperationName", "Operation") for item in entries(body, "Operations"))
    return [name for name in named if name and name != _IDLE]


def replicas(body: Mapping[str, Json], documents: Documents) -> list[dict[str, Json]]:
    """How it takes part in replication (Swordfish 'StorageReplicaInfo')."""
    infos = (*entries(body, "ReplicaInfos"), *entries(body, "ReplicaInfo"))
    found = []
    for info in infos:
        other = documents.get(link(info.get("Replica")))
        said = {
            "role": text(info, "ReplicaRole"),
            "type": text(info, "ReplicaType"),
            "state": text(info, "ReplicaState"),
            "of": other.key if other else link(info.get("Replica")),
        }
        found.append({name: item for name, item in said.items() if item is not None})
    return [said for said in found if said]


def class_of_service(body: Mapping[str, Json], documents: Documents) -> str | None:
    """The key of the class of service by which a capacity was made, or is by default."""
    places = ("Links/ClassOfService", "DefaultClassOfService")
    return next((found.key for found in documents.follow(body, *places)), None)
