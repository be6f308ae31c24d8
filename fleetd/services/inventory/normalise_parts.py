"""Components from single resources: processors, memory, PCIe devices, firmware, BMCs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from fleetd.domain.device import Component, ComponentKind, Health, Json
from fleetd.domain.identity import normal_uuid
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import (
    boolean,
    health,
    hexadecimal,
    integer,
    is_absent,
    links,
    macs,
    positive,
    text,
)
from fleetd.driverkit.plan import may_be_accelerator

_MIB: Final = 2**20
_GPU_TYPES: Final = frozenset({"GPU", "Accelerator"})
_NO_SOCKET: Final = frozenset({"Core", "Thread"})
_DATE: Final = re.compile(r"^(\d{4})-(\d{2})-(\d{2})")
_PLACES: Final = (
    "Location/PartLocation/ServiceLabel",
    "PhysicalLocation/PartLocation/ServiceLabel",
    "Location/Info",
    "PhysicalLocation/Info",
)


def slot_of(body: Mapping[str, Json]) -> str | None:
    """The label of the slot or bay where a part sits."""
    label = text(body, *_PLACES)
    if label is not None:
        return label
    for place in ("Location/PartLocation", "PhysicalLocation/PartLocation"):
        ordinal = integer(body, f"{place}/LocationOrdinalValue")
        kind = text(body, f"{place}/LocationType")
        if ordinal is not None and kind is not None:
            return f"{kind} {ordinal}"
    return None


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
    """Sockets, and the GPUs that are listed among them."""
    for resource in resources:
        body = resource.body
        declared = text(body, "ProcessorType") or "CPU"
        if is_absent(body) or declared in _NO_SOCKET:
            continue
        if declared in _GPU_TYPES:
            yield _gpu(resource)
            continue
        yield part(
            ComponentKind.PROCESSOR,
            resource.key,
            body,
            name=text(body, "Socket", "Name") or resource.last,
            location=slot_of(body) or text(body, "Socket"),
            attributes={
                "socket": text(body, "Socket"),
                "cores": positive(body, "TotalCores"),
                "threads": positive(body, "TotalThreads"),
                "max_speed_mhz": positive(body, "MaxSpeedMHz"),
                "architecture": text(body, "ProcessorArchitecture"),
                "instruction_set": text(body, "InstructionSet"),
            },
        )


def _gpu(resource: Resource) -> Component:
    body = resource.body
    mebibytes = positive(body, "MemorySummary/TotalMemorySizeMiB")
    return part(
        ComponentKind.GPU,
        resource.key,
        body,
        name=text(body, "Name", "Model") or resource.last,
        attributes={
            "memory_bytes": mebibytes * _MIB if mebibytes else None,
            "slot": slot_of(body) or text(body, "Socket"),
            "pci_vendor_id": hexadecimal(body, "SystemInterface/PCIe/VendorId"),
            "pci_device_id": hexadecimal(body, "SystemInterface/PCIe/DeviceId"),
        },
    )


def memory(resources: Iterable[Resource]) -> Iterator[Component]:
    """Filled memory slots."""
    for resource in resources:
        body = resource.body
        mebibytes = positive(body, "CapacityMiB")
        if is_absent(body) or (mebibytes is None and text(body, "SerialNumber") is None):
            continue
        slot = text(body, "DeviceLocator") or slot_of(body)
        yield part(
            ComponentKind.MEMORY,
            resource.key,
            body,
            name=slot or text(body, "Name") or resource.last,
            location=slot_of(body) or slot,
            attributes={
                "capacity_bytes": mebibytes * _MIB if mebibytes else None,
                "speed_mhz": positive(body, "OperatingSpeedMhz", "OperatingSpeedMHz"),
                "type": text(body, "MemoryDeviceType", "MemoryType"),
                "slot": slot,
            },
        )


def pcie_devices(
    resources: Iterable[Resource], documents: Documents, known_gpus: Iterable[Component]
) -> Iterator[Component]:
    """PCIe devices that are accelerators and that no processor stands for already."""
    serials = {gpu.serial for gpu in known_gpus if gpu.serial}
    has_gpus = any(True for _ in known_gpus)
    for resource in resources:
        body = resource.body
        if is_absent(body) or not may_be_accelerator(body):
            continue
        functions = list(documents.follow(body, "PCIeFunctions", "Links/PCIeFunctions"))
        classes = {text(item.body, "DeviceClass") for item in functions}
        first = functions[0].body if functions else {}
        kind = _pcie_kind(body, classes)
        serial = text(body, "SerialNumber")
        if kind is ComponentKind.GPU and (serial in serials or (has_gpus and serial is None)):
            continue
        ids = {
            "pci_vendor_id": hexadecimal(first, "VendorId"),
            "pci_device_id": hexadecimal(first, "DeviceId"),
            "slot": slot_of(body) or text(body, "Slot/Location/PartLocation/ServiceLabel"),
        }
        if kind is ComponentKind.PCIE_DEVICE:
            ids["device_class"] = next(iter(sorted(item for item in classes if item)), None)
        yield part(
            kind,
            resource.key,
            body,
            name=text(body, "Name", "Model") or resource.last,
            attributes=ids if kind is not ComponentKind.DPU else {"slot": ids["slot"]},
        )


_GPU_CLASSES: Final = frozenset({"DisplayController", "ProcessingAccelerators"})
_GPU_WORDS: Final = re.compile(
    r"\bgpu\b|tesla|instinct|radeon pro|\b[abhlv]\d{2,3}s?\b|gaudi|habana|3d controller",
    re.IGNORECASE,
)
_DPU_WORDS: Final = re.compile(r"bluefield|\bdpu\b|smartnic", re.IGNORECASE)


def _pcie_kind(body: Mapping[str, Json], classes: set[str | None]) -> ComponentKind:
    words = f"{text(body, 'Name') or ''} {text(body, 'Model') or ''}"
    if _DPU_WORDS.search(words):
        return ComponentKind.DPU
    named = classes - {None}
    if _GPU_WORDS.search(words) and (not named or named & _GPU_CLASSES):
        return ComponentKind.GPU
    return ComponentKind.PCIE_DEVICE


def firmware(resources: Iterable[Resource]) -> Iterator[Component]:
    """The firmware inventory, as it's installed."""
    for resource in resources:
        body = resource.body
        version = text(body, "Version")
        if is_absent(body) or version is None:
            continue
        yield part(
            ComponentKind.FIRMWARE,
            _without_version(resource.key, version),
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


def _without_version(key: str, version: str) -> str:
    """An iDRAC writes the version into the path: an update is news of a part, not a new part."""
    holder, slash, last = key.rpartition("/")
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
