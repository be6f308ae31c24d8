"""Collections as BMCs really write them: their members, their next page, and what they count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from fleetd.domain.device import Json
from fleetd.driverkit.payload import canonical, link, number

_WHOLE_MEMBER: Final = 4  # fewer properties are a link with a caption, not the resource
# What a holder says of its parts beside the link to them (DSP0268 'ComputerSystem').
_SUMMARIES: Final = {
    "Processors": "ProcessorSummary/Count",
    "Memory": "MemorySummary/TotalSystemMemoryGiB",
}


def is_collection(body: Mapping[str, Json]) -> bool:
    """It says so by its type or by its members."""
    declared = body.get("@odata.type")
    named = isinstance(declared, str) and declared.partition(".")[0].endswith("Collection")
    return named or "Members" in body or "Members@odata.count" in body


def members_of(
    collection: str, body: Mapping[str, Json]
) -> Iterable[tuple[str, Mapping[str, Json] | None]]:
    """The members with what the collection already says of each, if it says more than a link."""
    members = body.get("Members")
    if isinstance(members, dict):
        members = [members]  # HPE Cray writes a single member without the list
    seen: set[str] = set()
    for index, member in enumerate(members if isinstance(members, list) else ()):
        path = link(member)
        whole = isinstance(member, dict) and len(member) >= _WHOLE_MEMBER
        if path is None and whole:
            path = f"{collection.rstrip('/')}/{index}"
        if path is not None and canonical(path) not in seen:
            seen.add(canonical(path))
            yield path, member if whole else None


def next_page(body: Mapping[str, Json]) -> str | None:
    """The path of the rest of the members (DSP0266 'Paging')."""
    return link(body.get("Members@odata.nextLink") or body.get("@odata.nextLink"))


def counts_some(holder: Mapping[str, Json], place: str, collection: Json = None) -> bool:
    """There are members, though none is shown: their holder, or the collection, counts some.

    ``collection`` is the empty collection, where there is one. A BMC that boots answers so.
    """
    if collection is not None and collection.get("Members"):
        return False  # they are shown, and left out on purpose
    summary = _SUMMARIES.get(place)
    places = (f"{place}@odata.count", *((summary,) if summary else ()))
    counted = (number(holder, *places), number(collection, "Members@odata.count"))
    return any(count is not None and count > 0 for count in counted)
