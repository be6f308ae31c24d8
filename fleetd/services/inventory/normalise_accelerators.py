"""GPUs, DPUs and other accelerators: listed as processors, as PCIe devices, or as both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from fleetd.domain.device import Component, ComponentKind, Json
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import (
    canonical,
    hexadecimal,
    is_absent,
    label,
    links,
    positive,
    text,
)
from fleetd.driverkit.plan_conditions import may_be_accelerator
from fleetd.services.inventory.normalise_dpus import named_as_dpu
from fleetd.services.inventory.normalise_parts import (
    GPU_TYPES,
    MIB,
    OTHER_ACCELERATORS,
    label_of,
    part,
    slot_of,
)

_GPU_CLASSES: Final = frozenset({"DisplayController", "ProcessingAccelerators"})
_GPU_WORDS: Final = re.compile(
    r"\bgpu\b|tesla|instinct|radeon pro|\b[abhlv]\d{1,3}s?\b|gaudi|habana|3d controller",
    re.IGNORECASE,
)


def accelerators(
    processors: Iterable[Resource], devices: Iterable[Resource], documents: Documents
) -> Iterator[Component]:
    """Each accelerator once: a processor that names its PCIe device stands for both."""
    devices = [item for item in devices if not is_absent(item.body)]
    by_path = {canonical(item.path): item for item in devices}
    gpus: list[Component] = []
    others: list[Component] = []
    seen: set[str] = set()
    for processor in processors:
        declared = text(processor.body, "ProcessorType")
        if declared not in GPU_TYPES | OTHER_ACCELERATORS or is_absent(processor.body):
            continue
        paths = [canonical(path) for path in links(processor.body, "Links/PCIeDevice")]
        seen.update(paths)
        device = next((by_path[path] for path in paths if path in by_path), None)
        if declared in GPU_TYPES:
            gpus.append(_gpu(processor, device, documents))
        else:
            others.append(_other(processor, device, documents))
    yield from gpus
    yield from others
    serials = {gpu.serial for gpu in gpus if gpu.serial}
    for device in devices:
        if canonical(device.path) in seen or not may_be_accelerator(device.body):
            continue
        found = _device(device, documents)
        doubled = found.serial in serials if found.serial else bool(gpus)
        if not doubled or (found.kind is not ComponentKind.GPU and found.serial is None):
            yield found
            if found.serial:
                serials.add(found.serial)  # a system and its chassis may both list one card


def _gpu(processor: Resource, device: Resource | None, documents: Documents) -> Component:
    body = processor.body
    mebibytes = positive(body, "MemorySummary/TotalMemorySizeMiB")
    card = _card(device, documents) if device else {}
    return part(
        ComponentKind.GPU,
        processor.key,
        body,
        name=label_of(body, processor.last),
        attributes={
            "memory_bytes": mebibytes * MIB if mebibytes else None,
            **card,
            "slot": slot_of(body) or card.get("slot") or label(body, "Socket"),
        },
    )


def _other(processor: Resource, device: Resource | None, documents: Documents) -> Component:
    """An FPGA or a DSP: no processor that an operating system runs on, and no GPU."""
    body = processor.body
    card = _card(device, documents) if device else {}
    return part(
        ComponentKind.PCIE_DEVICE,
        processor.key,
        body,
        name=label_of(body, processor.last),
        attributes={**card, "slot": slot_of(body) or card.get("slot")},
    )


def _device(device: Resource, documents: Documents) -> Component:
    body = device.body
    functions = list(documents.follow(body, "PCIeFunctions", "Links/PCIeFunctions"))
    classes = sorted({found for item in functions if (found := text(item.body, "DeviceClass"))})
    kind = _kind(body, classes)
    attributes = _card(device, documents)
    if kind is ComponentKind.DPU:
        attributes = {"slot": attributes["slot"]}
    elif kind is ComponentKind.PCIE_DEVICE:
        attributes = {**attributes, "device_class": next(iter(classes), None)}
    return part(
        kind,
        device.key,
        body,
        name=label_of(body, device.last),
        attributes=attributes,
    )


def _card(device: Resource, documents: Documents) -> dict[str, Json]:
    """Where the card sits and its PCI ids, which only its functions tell."""
    functions = documents.follow(device.body, "PCIeFunctions", "Links/PCIeFunctions")
    first = next(functions, None)
    body: Mapping[str, Json] = first.body if first else {}
    return {
        "pci_vendor_id": hexadecimal(body, "VendorId"),
        "pci_device_id": hexadecimal(body, "DeviceId"),
        "slot": slot_of(device.body)
        or text(device.body, "Slot/Location/PartLocation/ServiceLabel"),
    }


def _kind(body: Mapping[str, Json], classes: list[str]) -> ComponentKind:
    words = f"{text(body, 'Name') or ''} {text(body, 'Model') or ''}"
    if named_as_dpu(words):
        return ComponentKind.DPU
    if _GPU_CLASSES.intersection(classes) or (not classes and _GPU_WORDS.search(words)):
        return ComponentKind.GPU
    return ComponentKind.PCIE_DEVICE
