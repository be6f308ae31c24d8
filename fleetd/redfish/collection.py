"""Collections: every page, every member once, with $expand where it works.

Captured collections have Members that are null, an object, doubled, or already expanded without
being asked; what is there is taken, nothing is invented.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from fleetd.domain.device import Json
from fleetd.domain.errors import Malformed
from fleetd.redfish.paths import link_of, local_path
from fleetd.redfish.payload import Document

Member = Document | str
"""An expanded resource, or the path of one that must be fetched."""

_MAX_PAGES: Final = 500  # the largest collection seen has 24 pages; this only ends loops
_REFERENCE: Final = frozenset({"@odata.id"})


async def read_members(
    read: Callable[[str], Awaitable[Document]], path: str, *, endpoint: str, query: str | None
) -> list[Member]:
    """All members of a collection in its order.

    Args:
        read: Reads a normalised path.
        path: The collection's, normalised.
        endpoint: The service's address, which no link leaves.
        query: The $expand query to ask with, if any.

    Raises:
        DeviceError: What ``read`` raises.
        Malformed: The pages have no end.
    """
    members: dict[str, Member] = {}
    seen: set[str] = set()
    page: str | None = path if query is None else with_query(path, query)
    while page is not None and page not in seen:
        if len(seen) >= _MAX_PAGES:
            raise Malformed("the collection's pages have no end", endpoint=endpoint, uri=path)
        seen.add(page)
        document = await read(page)
        for value in _listed(document):
            member = _member(value, endpoint)
            if member is not None:
                members.setdefault(*member)
        following = document.get("Members@odata.nextLink") or document.get("@odata.nextLink")
        link = link_of(following)
        page = local_path(link, endpoint) if link is not None else None
    return list(members.values())


def with_query(path: str, query: str) -> str:
    """The path with one more query parameter."""
    return f"{path}{'&' if '?' in path else '?'}{query}"


def _listed(document: Document) -> list[Json]:
    members = document.get("Members")
    if isinstance(members, list):
        return members
    return [members] if isinstance(members, dict) else []


def _member(value: Json, endpoint: str) -> tuple[str, Member] | None:
    link = link_of(value)
    if link is None:
        return None
    path = local_path(link, endpoint)
    whole = isinstance(value, dict) and not value.keys() <= _REFERENCE
    return path.rstrip("/"), value if whole else path
