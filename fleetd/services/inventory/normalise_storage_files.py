"""Files and groups: file systems, their shares, volumes kept consistent, classes of service."""

from __future__ import annotations

from collections.abc import Iterator

from fleetd.domain.device import Component, ComponentKind
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import (
    boolean,
    entries,
    integer,
    is_absent,
    positive,
    text,
    texts,
)
from fleetd.services.inventory.normalise_parts import part
from fleetd.services.inventory.normalise_storage_capacity import (
    capacity,
    class_of_service,
    providing,
    replicas,
)


def file_systems(subsystem: Resource, documents: Documents) -> Iterator[Component]:
    """The file systems of a storage subsystem or service, each followed by its shares."""
    for resource in documents.follow(subsystem.body, "FileSystems"):
        body = resource.body
        if is_absent(body):
            continue
        yield part(
            ComponentKind.FILE_SYSTEM,
            resource.key,
            body,
            name=text(body, "Name") or resource.last,
            attributes={
                **capacity(body),
                "block_size_bytes": positive(body, "BlockSizeBytes"),
                "access": texts(body, "AccessCapabilities"),
                "case_sensitive": boolean(body, "CaseSensitive"),
                "volumes": list(providing(body, documents, "Volume")),
                "pools": list(providing(body, documents, "StoragePool")),
                "replicas": replicas(body, documents),
                "class_of_service": class_of_service(body, documents),
            },
        )
        yield from _shares(resource, documents)


def _shares(holder: Resource, documents: Documents) -> Iterator[Component]:
    for resource in documents.follow(holder.body, "ExportedShares"):
        body = resource.body
        if is_absent(body):
            continue
        yield part(
            ComponentKind.FILE_SHARE,
            resource.key,
            body,
            name=text(body, "Name") or resource.last,
            attributes={
                "file_system": holder.key,
                "path": text(body, "FileSharePath"),
                "protocols": texts(body, "FileSharingProtocols"),
                "access": texts(body, "DefaultAccessCapabilities"),
                "quota_type": text(body, "FileShareQuotaType"),
                "quota_bytes": positive(body, "FileShareTotalQuotaBytes"),
                "quota_left_bytes": integer(body, "FileShareRemainingQuotaBytes"),
            },
        )


def consistency_groups(subsystem: Resource, documents: Documents) -> Iterator[Component]:
    """Volumes that are kept consistent with one another (Swordfish 'ConsistencyGroup')."""
    for resource in documents.follow(subsystem.body, "ConsistencyGroups"):
        body = resource.body
        if is_absent(body):
            continue
        yield part(
            ComponentKind.CONSISTENCY_GROUP,
            resource.key,
            body,
            name=text(body, "Name") or resource.last,
            attributes={
                "volumes": [item.key for item in documents.follow(body, "Volumes")],
                "consistent": boolean(body, "IsConsistent"),
                "consistency_type": text(body, "ConsistencyType"),
                "consistency_method": text(body, "ConsistencyMethod"),
                "replicas": replicas(body, documents),
            },
        )


def classes_of_service(subsystem: Resource, documents: Documents) -> Iterator[Component]:
    """The promises by which a service hands out capacity (Swordfish 'ClassOfService')."""
    for resource in documents.follow(subsystem.body, "ClassesOfService"):
        body = resource.body
        # A line of service stands apart in newer versions, and in its class in older ones.
        lines = [item.body for item in documents.follow(body, "DataStorageLinesOfService")]
        lines += entries(body, "DataStorageLinesOfService") if not lines else []
        told = next((line for line in lines if "ProvisioningPolicy" in line), {})
        yield part(
            ComponentKind.CLASS_OF_SERVICE,
            resource.key,
            body,
            name=text(body, "Name") or resource.last,
            attributes={
                "version": text(body, "ClassOfServiceVersion"),
                "provisioning": text(told, "ProvisioningPolicy"),
                "space_efficient": boolean(told, "IsSpaceEfficient"),
                "access": texts(told, "AccessCapabilities"),
                "spare_sources": integer(told, "RecoverableCapacitySourceCount"),
            },
        )
