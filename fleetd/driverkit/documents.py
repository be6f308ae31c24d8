"""The documents of one endpoint as a tree that is walked by its links, never by made-up paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from fleetd.domain.device import Json
from fleetd.driverkit.payload import canonical, link, value


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
        self._members: dict[str, list[str]] = {}

    def put(self, path: str, body: Mapping[str, Json]) -> Resource:
        """Keep a resource under its path, in place of an earlier version."""
        resource = Resource("/" + path.strip("/"), body)
        self._resources[canonical(path)] = resource
        return resource

    def put_members(self, path: str, members: Iterable[str]) -> None:
        """Keep the members of a collection, or of one more page of it."""
        known = self._members.setdefault(canonical(path), [])
        known.extend(member for member in members if member not in known)

    def get(self, path: str | None) -> Resource | None:
        """The resource at the path, if it was read."""
        return None if path is None else self._resources.get(canonical(path))

    def is_collection(self, path: str) -> bool:
        """The path was read and has members, or none."""
        return canonical(path) in self._members

    def follow(self, body: Mapping[str, Json], *places: str) -> Iterator[Resource]:
        """The resources that the places link to, once each; members in place of collections."""
        seen: set[str] = set()
        for place in places:
            target = value(body, place)
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
