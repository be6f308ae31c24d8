"""Storage subsystems and services: controllers, drives, volumes, pools, files, of any device."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from fleetd.domain.device import Component, Json
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import text
from fleetd.services.inventory.normalise_storage_access import connections, fabric_endpoints
from fleetd.services.inventory.normalise_storage_capacity import (
    durable_name,
    pool,
    providers,
    volume,
)
from fleetd.services.inventory.normalise_storage_controllers import controllers
from fleetd.services.inventory.normalise_storage_drives import drive
from fleetd.services.inventory.normalise_storage_files import (
    classes_of_service,
    consistency_groups,
    file_systems,
)
from fleetd.services.inventory.normalise_storage_once import Once

# Attributes that hold keys of other parts.
_REFERENCES: Final = (
    *("drives", "spare_drives", "volumes", "pools", "pool"),
    *("entities", "initiators", "targets"),
)


def storage(
    resources: Iterable[Resource],
    documents: Documents,
    loose_drives: Iterable[Resource] = (),
    fabrics: Iterable[Resource] = (),
) -> list[Component]:
    """Everything that the storage subsystems hold, and drives that only a chassis lists.

    Of the fabrics' connections, those that lead to its volumes.
    """
    subsystems = list(resources)
    found = _Storage(documents)
    for subsystem in subsystems:
        found.take(subsystem)
    for resource in loose_drives:
        found.take_loose(resource)
    joined = (item for item in connections(fabrics, documents) if found.is_reached(item))
    return found.parts([*connections(subsystems, documents), *joined])


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
        self._endpoints = Once()
        self._others: dict[str, Component] = {}

    def take(self, subsystem: Resource) -> None:
        """Take in what a subsystem or service lists."""
        found = list(controllers(subsystem, self._documents))
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
        once_more = known is not None and self._has_volumes(known)
        self._take_capacity(subsystem, only, once_more=once_more)
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

    def take_loose(self, resource: Resource) -> None:
        """Take in a drive that no subsystem lists, with the volumes on it that none lists either.

        A subsystem that can't be read still shows them so (Cisco's FlexFlash).
        """
        if self.take_drive(resource, "chassis") != resource.key:
            return
        for item in self._documents.follow(resource.body, "Links/Volumes"):
            made = volume(item, self._documents)
            if made is not None:
                self._volumes.add(made, durable_name(item.body), "chassis")

    def is_reached(self, connection: Component) -> bool:
        """A connection leads to one of the volumes that were taken in."""
        own = {*(item.key for item in self._volumes), *self._volumes.renamed}
        return not own.isdisjoint(connection.attributes.get("volumes", ()))

    def _known(self, found: Sequence[Component], drives: Sequence[str]) -> str | None:
        """The key of the controller that these are once more, listed in another place.

        The serials are the same, and so are the drives, unless one of the places lists none.
        """
        keys = [self._by_serial.get(item.serial) for item in found if item.serial]
        first = next(iter(keys), None)
        if first is None or None in keys:
            return None
        before = {key for key, holder in self._controller_of.items() if holder in keys}
        return first if not before or not drives or before & set(drives) else None

    def _has_volumes(self, controller: str) -> bool:
        return any(item.attributes.get("controller") == controller for item in self._volumes)

    def _take_capacity(
        self, subsystem: Resource, controller: str | None, *, once_more: bool
    ) -> None:
        """Take in pools and volumes; those listed ``once_more`` are only known by one more key."""
        documents = self._documents
        take_pool = self._pools.find if once_more else self._pools.add
        take_volume = self._volumes.find if once_more else self._volumes.add
        pools = _nested(subsystem, documents)
        for resource in pools:
            found = pool(resource, documents)
            if found is not None:
                take_pool(found, durable_name(resource.body), subsystem.key)
            for item in providers(resource.body, documents, "Drive"):
                self.take_drive(item, resource.key)
        claimed = _claimed(pools, documents)
        for resource in _volumes(subsystem, pools, documents):
            made = volume(resource, documents)
            if made is not None:
                told = {"pool": claimed.get(made.key), **made.attributes, "controller": controller}
                said = {name: item for name, item in told.items() if item is not None}
                name = durable_name(resource.body)
                take_volume(replace(made, attributes=said), name, subsystem.key)

    def _take_others(self, subsystem: Resource) -> None:
        documents = self._documents
        found = chain(
            file_systems(subsystem, documents),
            consistency_groups(subsystem, documents),
            classes_of_service(subsystem, documents),
        )
        for item in found:
            self._others.setdefault(item.key, item)
        for item in fabric_endpoints((subsystem,), documents):
            names = item.attributes.get("names")
            self._endpoints.add(item, " ".join(names) if names else None, subsystem.key)

    def parts(self, more: Iterable[Component]) -> list[Component]:
        """All that was taken in; each refers to others by the keys by which they are kept."""
        kinds = (self._drives, self._volumes, self._pools, self._endpoints)
        renamed = {key: kept for kind in kinds for key, kept in kind.renamed.items()}
        drives = [self._with_controller(item) for item in self._drives]
        found = (
            *self._controllers.values(),
            *(self._with_drives(item) for item in self._pools),
            *self._volumes,
            *self._others.values(),
            *self._endpoints,
            *drives,
        )
        said = {repr(_facts(item)): item for item in (_renamed(item, renamed) for item in more)}
        return [*(_renamed(item, renamed) for item in found), *said.values()]

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


def _facts(item: Component) -> tuple[str, Json]:
    """What a connection says: two that say the same are one."""
    return item.name, sorted(item.attributes.items())


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
    listed = list(documents.follow(subsystem.body, "Volumes")) or _on_drives(subsystem, documents)
    yield from listed
    known = {text(item.body, "Id") or item.last for item in listed}
    for resource in pools:
        for item in documents.follow(resource.body, "AllocatedVolumes"):
            if (text(item.body, "Id") or item.last) not in known:
                yield item


def _on_drives(subsystem: Resource, documents: Documents) -> list[Resource]:
    """Where the list of volumes can't be read, the drives still name those that are on them."""
    found: dict[str, Resource] = {}
    for disk in documents.follow(subsystem.body, "Drives"):
        for item in documents.follow(disk.body, "Links/Volumes"):
            found.setdefault(item.path, item)
    return list(found.values())
