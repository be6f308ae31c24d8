"""Storage controllers, and the older SimpleStorage that shows little more than they."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fleetd.domain.device import Component, ComponentKind, Json
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import entries, is_absent, number, positive, text, texts
from fleetd.services.inventory.normalise_parts import MIB, part
from fleetd.services.inventory.normalise_storage_capacity import qualified_name


def controllers(subsystem: Resource, documents: Documents) -> Iterator[Component]:
    """The controllers of a storage subsystem: listed apart, written in place, or itself."""
    nqn = qualified_name(subsystem.body)
    listed = list(documents.follow(subsystem.body, "Controllers"))
    for resource in listed:
        if not is_absent(resource.body):
            yield _controller(resource.key, resource.body, resource.last, nqn)
    if listed:
        return
    inline = entries(subsystem.body, "StorageControllers")
    for index, body in enumerate(inline):
        if not is_absent(body):
            key = f"{subsystem.key}#/StorageControllers/{index}"
            yield _controller(key, body, text(subsystem.body, "Name") or subsystem.last, nqn)
    if not inline and "Drives" in subsystem.body and not is_absent(subsystem.body):
        yield _controller(subsystem.key, subsystem.body, subsystem.last, nqn)


def _controller(
    key: str, body: Mapping[str, Json], fallback: str, nqn: str | None = None
) -> Component:
    cache = positive(body, "CacheSummary/TotalCacheSizeMiB")
    return part(
        ComponentKind.STORAGE_CONTROLLER,
        key,
        body,
        name=text(body, "Name", "Model") or fallback,
        attributes={
            "raid_types": texts(body, "SupportedRAIDTypes"),
            "speed_gbps": number(body, "SpeedGbps"),
            "protocols": texts(body, "SupportedDeviceProtocols"),
            "host_protocols": texts(body, "SupportedControllerProtocols"),
            "cache_bytes": cache * MIB if cache else None,
            "nqn": nqn,
            "nvme_type": text(body, "NVMeControllerProperties/ControllerType"),
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
