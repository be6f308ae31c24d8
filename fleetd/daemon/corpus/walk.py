"""The independent walk: everything that links lead to from a service root, whatever the link.

It knows no plan of what is worth reading, and shares nothing with the inventory's own walk.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fleetd.daemon.corpus.tree import ROOT, Captured, folded

_WHOLE: Final = 4  # properties; a link with a caption has fewer
_NEXT_PAGE: Final = frozenset({"Members@odata.nextLink", "@odata.nextLink"})
_RESOURCE: Final = {"@odata.type", "Id", "Name"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Where a resource is linked from: which resource, by which of its properties."""

    path: str
    place: str


@dataclass(slots=True, kw_only=True)
class Node:
    """One resource that a client can come to; its path is as captured."""

    path: str
    body: Mapping[str, Any]
    holders: dict[Holder, None] = field(default_factory=dict)  # in the order of their discovery


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What can be reached from the root, and the links that lead to nothing."""

    nodes: dict[str, Node]
    dangling: dict[str, Holder]

    def holders(self, node: Node) -> Iterator[tuple[Node, str]]:
        """The resources that link to one, each with the property by which it does."""
        for holder in node.holders:
            found = self.nodes.get(folded(holder.path))
            if found is not None:
                yield found, holder.place


def walk(tree: Captured) -> Reached:
    """Follow every link, breadth first; each resource once, so circles end.

    What is on a later page of a collection is held by its first page.
    """
    nodes: dict[str, Node] = {}
    first_pages: dict[str, str] = {}
    dangling: dict[str, Holder] = {}
    waiting: deque[tuple[str, Holder | None, Mapping[str, Any] | None]] = deque()
    waiting.append((ROOT, None, None))
    while waiting:
        link, holder, inline = waiting.popleft()
        key = folded(link.partition("#")[0])
        node = nodes.get(key)
        if node is None:
            node = _node(tree, link, inline)
            if node is None:
                if holder is not None:
                    dangling.setdefault(key, holder)
                continue
            nodes[key] = node
            collection = first_pages.get(key, node.path)
            for target, place, whole in links(node.body):
                if place in _NEXT_PAGE:
                    first_pages[folded(target)] = collection
                waiting.append((target, Holder(path=collection, place=place), whole))
        if holder is not None:
            node.holders[holder] = None
    return Reached(nodes=nodes, dangling=dangling)


def _node(tree: Captured, link: str, inline: Mapping[str, Any] | None) -> Node | None:
    path = tree.find(link)
    body = tree.bodies[path] if path is not None else inline
    if body is None or is_error(body):
        return None
    return Node(path=path or link.partition("#")[0], body=body)


def is_error(body: Mapping[str, Any]) -> bool:
    """The body is an error object in the place of a resource."""
    return "error" in body and "@odata.id" not in body


def links(body: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any] | None]]:
    """Every reference in a body: its target, the top-level property, and the whole if expanded."""
    own = body.get("@odata.id")
    for place, value in body.items():
        if place == "@odata.id":
            continue
        for target, whole in _references(value, place):
            if target != own:
                yield target, place, whole


def _references(value: Any, place: str) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    """The references in a value at any depth; those in an expanded resource are its own."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            target = item.get("@odata.id")
            if isinstance(target, str) and _is_whole(item, target, place):
                yield from _local(target, item)
                continue
            if isinstance(target, str):
                yield from _local(target, None)
            waiting.extend(inner for name, inner in item.items() if name != "@odata.id")
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, str):
            yield from _local(item, None)


def _is_whole(item: Mapping[str, Any], target: str, place: str) -> bool:
    """A directory of resources (HPE's) tells of each more than a link, yet isn't it."""
    told = place == "Members" or item.keys() >= _RESOURCE
    return told and len(item) >= _WHOLE and "#" not in target


def _local(
    target: str, whole: Mapping[str, Any] | None
) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
    if target.lower().startswith(ROOT):
        yield target, whole
