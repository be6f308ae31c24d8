"""Storage: controllers, drives, volumes and pools, of a server or of an array."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from fleetd.domain.device import Component, ComponentKind, Json
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import (
    boolean,
    canonical,
    entries,
    integer,
    is_absent,
    links,
    number,
    positive,
    text,
    texts,
)
from fleetd.services.inventory.normalise_parts import part, slot_of

_SEPARATORS: Final = re.compile(r"[^0-9a-f]")
_WORLD_WIDE: Final = frozenset({"NAA", "EUI", "NGUID", "FC_WWN"})
_LEGACY_RAID: Final = {
    "NonRedundant": "RAID0",
    "Mirrored": "RAID1",
    "StripedWithParity": "RAID5",
    "SpannedMirrors": "RAID10",
    "SpannedStripesWithParity": "RAID50",
    "RawDevice": None,
}


def storage(
    resources: Iterable[Resource], documents: Documents, loose_drives: Iterable[Resource] = ()
) -> list[Component]:
    """Everything that the storage subsystems hold, and drives that only a chassis lists."""
    found: list[Component] = []
    drives: dict[str, Component] = {}
    seen: set[str] = set()
    for subsystem in resources:
        controllers = list(_controllers(subsystem, documents))
        serials = {part.serial for part in controllers if part.serial}
        if serials and serials <= seen:
            continue  # the same controller once more, in another place
        seen |= serials
        found.extend(controllers)
        only = controllers[0].key if len(controllers) == 1 else None
        for drive in documents.follow(subsystem.body, "Drives", "Links/EnclosureDrives"):
            _add_drive(drives, drive, only)
        pools = list(_pools(subsystem, documents))
        found.extend(pools)
        found.extend(_volumes(subsystem, documents, only, [pool.key for pool in pools]))
    known = {drive.serial for drive in drives.values() if drive.serial}
    for drive in loose_drives:
        if text(drive.body, "SerialNumber") not in known:
            _add_drive(drives, drive, None)
    return [*found, *drives.values()]


def _controllers(subsystem: Resource, documents: Documents) -> Iterator[Component]:
    listed = list(documents.follow(subsystem.body, "Controllers"))
    for resource in listed:
        if not is_absent(resource.body):
            yield _controller(resource.key, resource.body, resource.last)
    if listed:
        return
    inline = entries(subsystem.body, "StorageControllers")
    for index, body in enumerate(inline):
        if not is_absent(body):
            key = f"{subsystem.key}#/StorageControllers/{index}"
            yield _controller(key, body, text(subsystem.body, "Name") or subsystem.last)
    if not inline and "Drives" in subsystem.body and not is_absent(subsystem.body):
        yield _controller(subsystem.key, subsystem.body, subsystem.last)


def _controller(key: str, body: Mapping[str, Json], fallback: str) -> Component:
    return part(
        ComponentKind.STORAGE_CONTROLLER,
        key,
        body,
        name=text(body, "Name", "Model") or fallback,
        attributes={
            "raid_types": texts(body, "SupportedRAIDTypes"),
            "speed_gbps": number(body, "SpeedGbps"),
            "protocols": texts(body, "SupportedDeviceProtocols"),
        },
    )


def _add_drive(drives: dict[str, Component], resource: Resource, controller: str | None) -> None:
    body = resource.body
    key = canonical(resource.path)
    if key in drives or is_absent(body):
        return
    if text(body, "SerialNumber", "Model") is None and positive(body, "CapacityBytes") is None:
        return  # a bay that is listed though nothing is in it
    protocol = text(body, "Protocol")
    slot = slot_of(body)
    drives[key] = part(
        ComponentKind.DRIVE,
        resource.key,
        body,
        name=text(body, "Name") or resource.last,
        firmware_version=text(body, "Revision", "FirmwareVersion"),
        attributes={
            "capacity_bytes": positive(body, "CapacityBytes"),
            "media": text(body, "MediaType") or ("SSD" if protocol == "NVMe" else None),
            "protocol": protocol,
            "rotation_rpm": positive(body, "RotationSpeedRPM"),
            "life_left_percent": integer(body, "PredictedMediaLifeLeftPercent"),
            "failure_predicted": boolean(body, "FailurePredicted"),
            "slot": slot or resource.last,
            "controller": controller,
            "wwn": world_wide_name(body),
        },
    )


def world_wide_name(body: Mapping[str, Json]) -> str | None:
    """The first identifier of a drive or volume that is unique the world over."""
    for item in entries(body, "Identifiers"):
        name = text(item, "DurableName")
        if name and text(item, "DurableNameFormat") in _WORLD_WIDE:
            return _SEPARATORS.sub("", name.lower().removeprefix("naa.").removeprefix("eui."))
    return None


def _volumes(
    subsystem: Resource, documents: Documents, controller: str | None, pools: list[str]
) -> Iterator[Component]:
    for resource in documents.follow(subsystem.body, "Volumes"):
        body = resource.body
        if is_absent(body):
            continue
        declared = text(body, "RAIDType")
        legacy = _LEGACY_RAID.get(text(body, "VolumeType") or "")
        yield part(
            ComponentKind.VOLUME,
            resource.key,
            body,
            name=text(body, "DisplayName", "VolumeName", "Name") or resource.last,
            attributes={
                "capacity_bytes": positive(body, "CapacityBytes", "Capacity/Data/AllocatedBytes"),
                "raid_type": declared or legacy,
                "drives": [drive.key for drive in documents.follow(body, "Links/Drives")],
                "controller": controller,
                "pool": _pool_of(body, documents, pools),
            },
        )


def _pool_of(body: Mapping[str, Json], documents: Documents, pools: list[str]) -> str | None:
    """The pool that provides a volume's capacity, or the only pool there is."""
    providing = [
        path
        for source in entries(body, "CapacitySources")
        for path in links(source, "ProvidingPools")
    ]
    for path in (*providing, *links(body, "Links/StoragePools")):
        for resource in documents.at(path):
            if resource.key in pools:
                return resource.key
    return pools[0] if len(pools) == 1 else None


def _pools(subsystem: Resource, documents: Documents) -> Iterator[Component]:
    for resource in documents.follow(subsystem.body, "StoragePools"):
        body = resource.body
        if is_absent(body):
            continue
        yield part(
            ComponentKind.STORAGE_POOL,
            resource.key,
            body,
            name=text(body, "Name") or resource.last,
            attributes={
                "allocated_bytes": integer(body, "Capacity/Data/AllocatedBytes"),
                "consumed_bytes": integer(body, "Capacity/Data/ConsumedBytes"),
                "guaranteed_bytes": integer(body, "Capacity/Data/GuaranteedBytes"),
            },
        )


def simple_storage(resources: Iterable[Resource]) -> Iterator[Component]:
    """Controllers and drives of the older SimpleStorage, where there's no Storage."""
    for resource in resources:
        if is_absent(resource.body):
            continue
        yield _controller(resource.key, resource.body, resource.last)
        for index, body in enumerate(entries(resource.body, "Devices")):
            if is_absent(body) or text(body, "Model", "Manufacturer", "CapacityBytes") is None:
                continue
            yield part(
                ComponentKind.DRIVE,
                f"{resource.key}#/Devices/{index}",
                body,
                name=text(body, "Name") or f"device {index}",
                attributes={
                    "capacity_bytes": positive(body, "CapacityBytes"),
                    "controller": resource.key,
                },
            )
