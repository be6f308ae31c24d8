"""Redundancy groups: of which kind each supply, fan or pump is a part, and how many are needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from fleetd.domain.device import Json
from fleetd.driverkit.payload import canonical, entries, positive, text, value

Redundancy = Mapping[str, Mapping[str, Json]]

_GROUPS: Final = ("RedundancyGroup", "RedundancySet")


def redundancy_of(body: Mapping[str, Json], place: str) -> Redundancy:
    """By member's reference, the attributes of its group (DSP0268 'RedundantGroup', 'Redundancy').

    The older form refers to entries of a list by fragments, which are therefore kept.
    """
    found: dict[str, Mapping[str, Json]] = {}
    for group in entries(body, place):
        said = {
            "redundancy": text(group, "RedundancyType", "Mode"),
            "redundancy_needed": positive(group, "MinNeededInGroup", "MinNumNeeded"),
        }
        for reference in _references(group):
            found.setdefault(canonical(reference), said)
    return found


def _references(group: Mapping[str, Json]) -> Iterator[str]:
    for place in _GROUPS:
        members = value(group, place)
        for member in members if isinstance(members, list) else ():
            reference = member.get("@odata.id") if isinstance(member, dict) else None
            if isinstance(reference, str):
                yield reference
