"""Components from single resources: processors, memory, PCIe devices, firmware, BMCs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from fleetd.domain.device import Component, ComponentKind, Health, Json
from fleetd.domain.identity import normal_uuid
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import (
    boolean,
    entries,
    health,
    integer,
    is_absent,
    label,
    links,
    macs,
    positive,
    text,
)

MIB: Final = 2**20
GPU_TYPES: Final = frozenset({"GPU", "Accelerator"})
OTHER_ACCELERATORS: Final = frozenset({"FPGA", "DSP"})
_NO_SOCKET: Final = frozenset({"Core", "Thread", "Partition"}) | OTHER_ACCELERATORS
_KIND_NAMES: Final = frozenset({"Processor", "PCIe Device", "PCIeDevice", "GPU"})
_DATE: Final = re.compile(r"^(\d{4})-(\d{2})-(\d{2})")
_PLACES: Final = (
    "Location/PartLocation/ServiceLabel",
    "PhysicalLocation/PartLocation/ServiceLabel",
    "Location/Info",
    "PhysicalLocation/Info",
)


def slot_of(body: Mapping[str, Json]) -> str | None:
    """The label of the slot or bay where a part sits."""
    if "Location" not in body and "PhysicalLocation" not in body:
        return None
    named = label(body, *_PLACES)
    if named is not None:
        return named
    for place in ("Location/PartLocation", "PhysicalLocation/PartLocation"):
        ordinal = integer(body, f"{place}/LocationOrdinalValue")
        kind = text(body, f"{place}/LocationType")
        if ordinal is not None and kind is not None:
            return f"{kind} {ordinal}"
    return None


def label_of(body: Mapping[str, Json], fallback: str) -> str:
    """The part's name, where it's more than the name of its kind; else its model."""
    name = text(body, "Name")
    if name is None or name in _KIND_NAMES:
        return text(body, "Model") or name or fallback
    return name


def references(body: Mapping[str, Json], names: Iterable[str]) -> list[str]:
    """What ``Links`` names, as it's written: much of it is at another service."""
    return [
        found
        for name in names
        for item in entries(body, f"Links/{name}")
        if (found := text(item, "@odata.id"))
    ]


def part(
    kind: ComponentKind,
    key: str,
    body: Mapping[str, Json],
    *,
    name: str,
    attributes: Mapping[str, Json],
    **fields: Any,
) -> Component:
    """A component with what all kinds have in common read from the resource.

    ``fields`` replace what was read; attributes without a value are left out.
    """
    common: dict[str, Any] = {
        "manufacturer": text(body, "Manufacturer"),
        "model": text(body, "Model"),
        "serial": text(body, "SerialNumber"),
        "part_number": text(body, "PartNumber"),
        "firmware_version": text(body, "FirmwareVersion"),
        "location": slot_of(body),
        "health": health(body),
        **fields,
    }
    known = {name: item for name, item in attributes.items() if item is not None and item != []}
    return Component(kind=kind, key=key, name=name, attributes=known, **common)


def processors(resources: Iterable[Resource]) -> Iterator[Component]:
    """Sockets; accelerators listed among them are ``normalise_accelerators``' business."""
    for resource in resources:
        body = resource.body
        declared = text(body, "ProcessorType") or "CPU"
        if is_absent(body) or declared in _NO_SOCKET:
            continue
        if declared in GPU_TYPES:
            continue
        yield part(
            ComponentKind.PROCESSOR,
            resource.key,
            body,
            name=label(body, "Socket", "Name") or resource.last,
            location=slot_of(body) or label(body, "Socket"),
            attributes={
                "socket": label(body, "Socket"),
                "cores": positive(body, "TotalCores"),
                "threads": positive(body, "TotalThreads"),
                "max_speed_mhz": positive(body, "MaxSpeedMHz"),
                "architecture": text(body, "ProcessorArchitecture"),
                "instruction_set": text(body, "InstructionSet"),
            },
        )


def memory(resources: Iterable[Resource]) -> Iterator[Component]:
    """Filled memory slots."""
    for resource in resources:
        body = resource.body
        mebibytes = positive(body, "CapacityMiB")
        if is_absent(body) or (mebibytes is None and text(body, "SerialNumber") is None):
            continue
        slot = label(body, "DeviceLocator") or slot_of(body)
        yield part(
            ComponentKind.MEMORY,
            resource.key,
            body,
            name=slot or text(body, "Name") or resource.last,
            location=slot_of(body) or slot,
            attributes={
                "capacity_bytes": mebibytes * MIB if mebibytes else None,
                "speed_mhz": positive(body, "OperatingSpeedMhz", "OperatingSpeedMHz"),
                "type": text(body, "MemoryDeviceType", "MemoryType"),
                "slot": slot,
            },
        )


def firmware(resources: Iterable[Resource]) -> Iterator[Component]:
    """The firmware inventory; two images of one part are told apart by their versions."""
    resources = list(resources)
    images = Counter(_part_of(resource) for resource in resources)
    for resource in resources:
        of_part = _part_of(resource)
        body = resource.body
        version = text(body, "Version")
        if is_absent(body) or version is None:
            continue
        yield part(
            ComponentKind.FIRMWARE,
            of_part if images[of_part] == 1 else resource.key,
            body,
            name=text(body, "Name") or resource.last,
            firmware_version=version,
            attributes={
                "version": version,
                "updateable": boolean(body, "Updateable"),
                "release_date": iso_date(text(body, "ReleaseDate")),
                "software_id": text(body, "SoftwareId"),
                "related": links(body, "RelatedItem"),
            },
        )


def _part_of(resource: Resource) -> str:
    """An iDRAC writes the version into the path: an update is news of a part, not a new part."""
    holder, slash, last = resource.key.rpartition("/")
    version = text(resource.body, "Version")
    bare = last.replace(f"-{version}", "")
    return f"{holder}{slash}{bare}"


def iso_date(written: str | None) -> str | None:
    """The day of an ISO date-time; None for other forms and for days that never were."""
    found = _DATE.match(written or "")
    if found is None or found.group(1) < "1971" or found.group(2) == "00":
        return None
    return found.group(0)


def managers(resources: Iterable[Resource], documents: Documents) -> Iterator[Component]:
    """The BMCs and other controllers that manage a device."""
    for resource in resources:
        body = resource.body
        interfaces = list(documents.follow(body, "EthernetInterfaces"))
        addresses = sorted(
            {
                mac
                for item in interfaces
                for mac in macs(item.body, "PermanentMACAddress", "MACAddress")
            }
        )
        host = next((found for item in interfaces if (found := text(item.body, "HostName"))), None)
        if text(body, "FirmwareVersion") is None and health(body) is Health.UNKNOWN:
            continue  # a second manager that says nothing (Cisco M8) manages nothing
        yield part(
            ComponentKind.BMC,
            resource.key,
            body,
            name=text(body, "Name") or resource.last,
            attributes={
                "type": text(body, "ManagerType"),
                "uuid": normal_uuid(body.get("UUID")),
                "macs": addresses,
                "hostname": host,
            },
        )
