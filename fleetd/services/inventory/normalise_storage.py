"""Storage: controllers, drives, volumes and pools, of a server or of an array."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from fleetd.domain.device import Component, ComponentKind, Json
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import (
    boolean,
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


class _Drives:
    """The drives of a device, each once, though some BMCs list them in two places."""

    def __init__(self) -> None:
        self.kept: dict[str, Component] = {}
        self._by_serial: dict[str, str] = {}
        self._twins: dict[str, str] = {}

    def add(self, resource: Resource, controller: str | None) -> None:
        drive = _drive(resource, controller)
        if drive is None or drive.key in self.kept:
            return
        twin = self._by_serial.get(drive.serial or "")
        if twin is not None:
            self._twins[drive.key] = twin
            return
        self.kept[drive.key] = drive
        if drive.serial is not None:
            self._by_serial[drive.serial] = drive.key

    def of_volume(self, volume: Component) -> Component:
        """The volume with the keys by which its drives are kept."""
        named = volume.attributes.get("drives", [])
        keys = [self._twins.get(key, key) for key in named]
        return (
            volume
            if keys == named
            else replace(volume, attributes={**volume.attributes, "drives": keys})
        )


def storage(
    resources: Iterable[Resource], documents: Documents, loose_drives: Iterable[Resource] = ()
) -> list[Component]:
    """Everything that the storage subsystems hold, and drives that only a chassis lists."""
    found: list[Component] = []
    drives = _Drives()
    known: dict[str, str] = {}
    for subsystem in resources:
        controllers = list(_controllers(subsystem, documents))
        serials = [part.serial for part in controllers if part.serial]
        doubled = bool(serials) and all(serial in known for serial in serials)
        if doubled:  # the same controller once more, in another place
            only: str | None = known[serials[0]]
        else:
            found.extend(controllers)
            known.update({part.serial: part.key for part in controllers if part.serial})
            only = controllers[0].key if len(controllers) == 1 else None
        for drive in documents.follow(subsystem.body, "Drives", "Links/EnclosureDrives"):
            drives.add(drive, only)
        if doubled and _has_volumes(found, only):
            continue
        pools = list(_pools(subsystem, documents))
        found.extend(pools)
        found.extend(_volumes(subsystem, documents, only, [pool.key for pool in pools]))
    for drive in loose_drives:
        drives.add(drive, None)
    return [*(drives.of_volume(part) for part in found), *drives.kept.values()]


def _has_volumes(found: Iterable[Component], controller: str | None) -> bool:
    return any(
        part.kind is ComponentKind.VOLUME and part.attributes.get("controller") == controller
        for part in found
    )


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


def _drive(resource: Resource, controller: str | None) -> Component | None:
    """The drive, or None for a bay that is listed though nothing is in it."""
    body = resource.body
    says_nothing = text(body, "SerialNumber", "Model") is None
    if is_absent(body) or (says_nothing and not positive(body, "CapacityBytes")):
        return None
    protocol = text(body, "Protocol")
    slot = slot_of(body)
    return part(
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
