"""The documents of one endpoint as a tree that is walked by its links, never by made-up paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from fleetd.domain.device import Json
from fleetd.driverkit.payload import canonical, link, value_within


class Resource(NamedTuple):
    """One resource: the path it was asked for by, and what it said."""

    path: str
    body: Mapping[str, Json]

    @property
    def key(self) -> str:
        """Its path below the service root: lasting, and distinct where Ids are not."""
        return self.path.removeprefix("/redfish/v1/").strip("/")

    @property
    def last(self) -> str:
        """The last segment of its path, which is the Id that vendors keep distinct."""
        return self.path.rstrip("/").rpartition("/")[2]


class Documents:
    """What was read, by path; lookups take links as vendors write them.

    A path is compared without regard to case and slashes; the first spelling is kept.
    """

    def __init__(self) -> None:
        self._resources: dict[str, Resource] = {}
        self._members: dict[str, dict[str, None]] = {}
        self._kinds: dict[str, list[str]] = {}
        self._kind_of: dict[str, str] = {}

    def put(self, kind: str, path: str, body: Mapping[str, Json]) -> Resource:
        """Keep a resource of a kind under its path, in place of an earlier version.

        The path is kept without a slash at its end: services change their mind about it.
        """
        resource = Resource("/" + path.strip("/"), body)
        key = canonical(path)
        if key not in self._resources:
            self._kinds.setdefault(kind, []).append(key)
            self._kind_of[key] = kind
        self._resources[key] = resource
        return resource

    def of_kind(self, *kinds: str) -> tuple[Resource, ...]:
        """Every resource of the kinds, in the order in which they were found."""
        return tuple(self._resources[key] for kind in kinds for key in self._kinds.get(kind, ()))

    def kind_of(self, resource: Resource) -> str:
        """What a resource was read as; empty for one that wasn't read."""
        return self._kind_of.get(canonical(resource.path), "")

    def remove(self, path: str) -> None:
        """Forget a resource, which a driver hides that wasn't known when it was read."""
        key = canonical(path)
        if self._resources.pop(key, None) is not None:
            self._kinds[self._kind_of.pop(key)].remove(key)

    def put_members(self, path: str, members: Iterable[str]) -> None:
        """Keep the members of a collection, or of one more page of it."""
        self._members.setdefault(canonical(path), {}).update(dict.fromkeys(members))

    def get(self, path: str | None) -> Resource | None:
        """The resource at the path, if it was read."""
        return None if path is None else self._resources.get(canonical(path))

    def follow(self, body: Mapping[str, Json], *places: str) -> Iterator[Resource]:
        """The resources that the places link to, once each; members in place of collections."""
        seen: set[str] = set()
        for place in places:
            target = value_within(body, place)
            for item in target if isinstance(target, list) else [target]:
                path = link(item)
                for resource in () if path is None else self.at(path):
                    if resource.path not in seen:
                        seen.add(resource.path)
                        yield resource

    def at(self, path: str) -> Iterator[Resource]:
        """The resource at the path, or the members where it's a collection."""
        key = canonical(path)
        members = self._members.get(key)
        if members is None:
            resource = self._resources.get(key)
            if resource is not None:
                yield resource
            return
        for member in members:
            resource = self._resources.get(canonical(member))
            if resource is not None:
                yield resource
