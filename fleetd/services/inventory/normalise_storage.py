"""Storage subsystems and services: controllers, drives, volumes, pools, files, of any device."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from fleetd.domain.device import Component, ComponentKind, Json
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import entries, is_absent, number, positive, text, texts
from fleetd.services.inventory.normalise_parts import MIB, part
from fleetd.services.inventory.normalise_storage_access import connections, fabric_endpoints
from fleetd.services.inventory.normalise_storage_capacity import (
    durable_name,
    pool,
    qualified_name,
    volume,
)
from fleetd.services.inventory.normalise_storage_drives import drive
from fleetd.services.inventory.normalise_storage_files import (
    classes_of_service,
    consistency_groups,
    file_systems,
)
from fleetd.services.inventory.normalise_storage_once import Once

# Attributes that hold keys of drives, volumes or pools.
_REFERENCES: Final = ("drives", "spare_drives", "volumes", "pools", "pool", "entities")


def storage(
    resources: Iterable[Resource], documents: Documents, loose_drives: Iterable[Resource] = ()
) -> list[Component]:
    """Everything that the storage subsystems hold, and drives that only a chassis lists."""
    subsystems = list(resources)
    found = _Storage(documents)
    for subsystem in subsystems:
        found.take(subsystem)
    for resource in loose_drives:
        found.take_drive(resource, "chassis")
    return found.parts([*connections(subsystems, documents)])


class _Storage:
    """What the subsystems of one device hold, each part once though several list it."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._controllers: dict[str, Component] = {}
        self._by_serial: dict[str, str] = {}
        self._drives = Once(_of_the_same_world_wide_name)
        self._controller_of: dict[str, str] = {}
        self._drives_of: dict[str, list[str]] = {}
        self._volumes = Once(_on_the_same_drives)
        self._pools = Once()
        self._others: dict[str, Component] = {}

    def take(self, subsystem: Resource) -> None:
        """Take in what a subsystem or service lists."""
        found = list(_controllers(subsystem, self._documents))
        keys = [
            key
            for item in self._documents.follow(subsystem.body, "Drives", "Links/EnclosureDrives")
            if (key := self.take_drive(item, subsystem.key)) is not None
        ]
        known = self._known(found, keys)
        if known is None:
            for item in found:
                self._controllers[item.key] = item
                if item.serial is not None:
                    self._by_serial.setdefault(item.serial, item.key)
        only = known or (found[0].key if len(found) == 1 else None)
        if only is not None:
            for key in keys:
                self._controller_of.setdefault(key, only)
        if known is None or not self._has_volumes(known):
            self._take_capacity(subsystem, only)
        self._take_others(subsystem)

    def take_drive(self, resource: Resource, holder: str) -> str | None:
        """Take in a drive; the key by which it's kept, or None where its bay is empty."""
        found = drive(resource)
        if found is None:
            return None
        key = self._drives.add(found, found.serial, holder)
        for held_by in self._documents.follow(resource.body, "Links/StoragePools"):
            self._drives_of.setdefault(held_by.key, []).append(key)
        return key

    def _known(self, found: Sequence[Component], drives: Sequence[str]) -> str | None:
        """The key of the controller that these are once more, listed in another place.

        The serials are the same, and so are the drives, unless one of the places lists none.
        """
        keys = {self._by_serial.get(item.serial) for item in found if item.serial}
        first = next(iter(keys), None)
        if first is None or None in keys:
            return None
        before = {key for key, holder in self._controller_of.items() if holder in keys}
        return first if not before or not drives or before & set(drives) else None

    def _has_volumes(self, controller: str) -> bool:
        return any(item.attributes.get("controller") == controller for item in self._volumes)

    def _take_capacity(self, subsystem: Resource, controller: str | None) -> None:
        documents = self._documents
        pools = _nested(subsystem, documents)
        for resource in pools:
            found = pool(resource, documents)
            if found is not None:
                self._pools.add(found, None, subsystem.key)
        claimed = _claimed(pools, documents)
        for resource in _volumes(subsystem, pools, documents):
            made = volume(resource, documents)
            if made is not None:
                told = {"pool": claimed.get(made.key), **made.attributes, "controller": controller}
                said = {name: item for name, item in told.items() if item is not None}
                name = durable_name(resource.body)
                self._volumes.add(replace(made, attributes=said), name, subsystem.key)

    def _take_others(self, subsystem: Resource) -> None:
        documents = self._documents
        found = chain(
            file_systems(subsystem, documents),
            consistency_groups(subsystem, documents),
            classes_of_service(subsystem, documents),
            fabric_endpoints((subsystem,), documents),
        )
        for item in found:
            self._others.setdefault(item.key, item)

    def parts(self, more: Iterable[Component]) -> list[Component]:
        """All that was taken in; each refers to others by the keys by which they are kept."""
        renamed = {**self._drives.renamed, **self._volumes.renamed, **self._pools.renamed}
        drives = [self._with_controller(item) for item in self._drives]
        found = (
            *self._controllers.values(),
            *(self._with_drives(item) for item in self._pools),
            *self._volumes,
            *self._others.values(),
            *more,
            *drives,
        )
        return [_renamed(item, renamed) for item in found]

    def _with_drives(self, item: Component) -> Component:
        """A pool that doesn't say what it's made of, with the drives that name it."""
        drives = self._drives_of.get(item.key)
        if drives is None or item.attributes.keys() & {"drives", "pools"}:
            return item
        return replace(item, attributes={**item.attributes, "drives": list(dict.fromkeys(drives))})

    def _with_controller(self, item: Component) -> Component:
        controller = self._controller_of.get(item.key)
        if controller is None:
            return item
        return replace(item, attributes={**item.attributes, "controller": controller})


def _of_the_same_world_wide_name(first: Component, second: Component) -> bool:
    """Unless both say their World Wide Name, and these differ."""
    mine, other = first.attributes.get("wwn"), second.attributes.get("wwn")
    return mine is None or other is None or mine == other


def _on_the_same_drives(first: Component, second: Component) -> bool:
    """Unless both say on which drives they lie, and these differ."""
    mine, other = first.attributes.get("drives"), second.attributes.get("drives")
    return not mine or not other or set(mine) == set(other)


def _renamed(item: Component, renamed: Mapping[str, str]) -> Component:
    changed: dict[str, Json] = {}
    for name in _REFERENCES:
        said = item.attributes.get(name)
        if isinstance(said, list):
            changed[name] = list(dict.fromkeys(renamed.get(key, key) for key in said))
        elif said is not None:
            changed[name] = renamed.get(said, said)
    numbers = item.attributes.get("unit_numbers")
    if numbers is not None:
        changed["unit_numbers"] = {renamed.get(key, key): said for key, said in numbers.items()}
    if all(item.attributes[name] == said for name, said in changed.items()):
        return item
    return replace(item, attributes={**item.attributes, **changed})


def _nested(subsystem: Resource, documents: Documents) -> list[Resource]:
    """The pools of a subsystem, and those that are cut from them, once each."""
    found: dict[str, Resource] = {}
    waiting = list(documents.follow(subsystem.body, "StoragePools"))
    while waiting:
        resource = waiting.pop(0)
        if resource.key not in found and documents.kind_of(resource) == "StoragePool":
            found[resource.key] = resource
            waiting.extend(documents.follow(resource.body, "AllocatedPools"))
    return list(found.values())


def _claimed(pools: Iterable[Resource], documents: Documents) -> dict[str, str]:
    """By volume, the one pool that says it was cut from it; what two pools claim is nobody's.

    Seagate's arrays link every pool to the collection of all volumes.
    """
    holders: dict[str, list[str]] = {}
    for resource in pools:
        for item in documents.follow(resource.body, "AllocatedVolumes"):
            holders.setdefault(item.key, []).append(resource.key)
    return {key: claims[0] for key, claims in holders.items() if len(claims) == 1}


def _volumes(
    subsystem: Resource, pools: Iterable[Resource], documents: Documents
) -> Iterator[Resource]:
    """The volumes that a subsystem lists, and what only its pools list.

    A pool may list the same volume below itself, so there the Id has to be a new one as well.
    """
    listed = list(documents.follow(subsystem.body, "Volumes"))
    yield from listed
    known = {text(item.body, "Id") or item.last for item in listed}
    for resource in pools:
        for item in documents.follow(resource.body, "AllocatedVolumes"):
            if (text(item.body, "Id") or item.last) not in known:
                yield item


def _controllers(subsystem: Resource, documents: Documents) -> Iterator[Component]:
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
