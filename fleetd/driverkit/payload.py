"""Typed access to Redfish JSON as BMCs really write it; nothing here ever raises.

A value of the wrong type, a placeholder or a missing one is None: absent is honest, invented is
not. A place inside a document is written as property names with slashes between, such as
``Location/PartLocation/ServiceLabel``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Final

from fleetd.domain.device import Health, Json, PowerState
from fleetd.domain.identity import meaningful, normal_mac

_YES: Final = frozenset({"true", "yes", "enabled"})
_NO: Final = frozenset({"false", "no", "disabled"})
_HEALTH: Final = {
    "ok": Health.OK,
    "warning": Health.WARNING,
    "critical": Health.CRITICAL,
}
_LONGEST_NUMBER: Final = 40
# Out of the tree by dots, also encoded ones, and what no path may hold.
_STRAYS: Final = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)|[\x00-\x1f\\]", re.IGNORECASE)


def value(document: Json, place: str) -> Json:
    """What is at the place, or None."""
    if "/" not in place:
        return document.get(place) if isinstance(document, dict) else None
    for name in place.split("/"):
        if not isinstance(document, dict):
            return None
        document = document.get(name)
    return document


def value_within(document: Json, place: str) -> Json:
    """What is at the place, or where a list lies on the way, what is there in each of its items."""
    found = value(document, place)
    first, _, rest = place.partition("/")
    if found is not None or not rest or not isinstance(document, dict):
        return found
    inner = document.get(first)
    if isinstance(inner, list):
        return [each for item in inner if (each := value_within(item, rest)) is not None]
    return value_within(inner, rest)


def text(document: Json, *places: str) -> str | None:
    """The first meaningful text of the places, without padding; placeholders are None."""
    for place in places:
        found = plain_text(value(document, place))
        if found is not None:
            return found
    return None


def plain_text(candidate: Json) -> str | None:
    """A text without padding, also from a number; placeholders are None."""
    if isinstance(candidate, bool):
        return None
    if isinstance(candidate, (int, float)):
        candidate = str(candidate)
    return meaningful(candidate)


def label(document: Json, *places: str) -> str | None:
    """The first text of the places that names a place or a number: there 0 and 1111 are names."""
    for place in places:
        found = value(document, place)
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
        if isinstance(found, str) and found.strip().isdecimal():
            return found.strip()
        named = plain_text(found)
        if named is not None:
            return named
    return None


def number(document: Json, *places: str) -> float | None:
    """The first finite number of the places, also where it's written as text."""
    for place in places:
        found = _plain_number(value(document, place))
        if found is not None:
            return found
    return None


def _plain_number(candidate: Json) -> float | None:
    if isinstance(candidate, bool):
        return None
    try:
        if isinstance(candidate, (int, float)):
            found = float(candidate)
        elif isinstance(candidate, str) and len(candidate) <= _LONGEST_NUMBER:
            found = float(candidate.strip().replace(",", ""))
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def integer(document: Json, *places: str) -> int | None:
    """The first whole number of the places; a fraction is rounded."""
    for place in places:
        candidate = value(document, place)
        if isinstance(candidate, int) and not isinstance(candidate, bool):
            return candidate
        found = _plain_number(candidate)
        if found is not None:
            return round(found)
    return None


def positive(document: Json, *places: str) -> int | None:
    """The first whole number above zero: what no part can have zero of (cores, bytes, watts)."""
    for place in places:
        found = integer(document, place)
        if found is not None and found > 0:
            return found
    return None


def boolean(document: Json, *places: str) -> bool | None:
    """The first truth value of the places, also where it's written as a word."""
    for place in places:
        candidate = value(document, place)
        if isinstance(candidate, bool):
            return candidate
        if isinstance(candidate, str):
            word = candidate.strip().lower()
            if word in _YES or word in _NO:
                return word in _YES
    return None


def texts(document: Json, place: str) -> list[str]:
    """The meaningful texts of a list; a single text counts as a list of one."""
    candidate = value(document, place)
    if not isinstance(candidate, list):
        candidate = [candidate]
    return [found for item in candidate if (found := plain_text(item)) is not None]


def entries(document: Json, place: str) -> list[dict[str, Json]]:
    """The objects of a list, in order; one object where a list is meant counts as a list of it."""
    candidate = value(document, place)
    if isinstance(candidate, dict):
        return [candidate] if candidate else []
    if not isinstance(candidate, list):
        return []
    return [item for item in candidate if isinstance(item, dict)]


def link(candidate: Json) -> str | None:
    """The path that a reference names, without fragment; None where it's no path of this service.

    Taken are ``{"@odata.id": path}``, an iDRAC8's ``{"Member": {...}}`` and a bare path; left are
    names of types, relative paths, other hosts, and paths outside ``/redfish`` or that climb.
    """
    if isinstance(candidate, dict):
        candidate = candidate.get("@odata.id", candidate.get("Member"))
        if isinstance(candidate, dict):
            candidate = candidate.get("@odata.id")
    if not isinstance(candidate, str):
        return None
    path = candidate.partition("#")[0].strip()
    return path if path.lower().startswith("/redfish/") and not _STRAYS.search(path) else None


def links(document: Json, place: str) -> list[str]:
    """The paths at the place, in order: of a list, or of one reference."""
    candidate = value(document, place)
    found = candidate if isinstance(candidate, list) else [candidate]
    return [path for item in found if (path := link(item)) is not None]


def canonical(path: str) -> str:
    """One spelling for the paths of one resource: BMCs vary in slashes and in case."""
    while "//" in path:
        path = path.replace("//", "/")
    return path.rstrip("/").lower()


def state(document: Json) -> str | None:
    """Status.State, where there's one."""
    found = value(document, "Status/State")
    return found if isinstance(found, str) and found else None


def is_absent(document: Json) -> bool:
    """The document stands for an empty slot."""
    return state(document) == "Absent"


def health(document: Json, *, rolled_up: bool = False) -> Health:
    """Status.Health, or with ``rolled_up`` the worst of what is below, where it's said."""
    status = document.get("Status") if isinstance(document, dict) else None
    candidates: Iterator[Json]
    if isinstance(status, dict):
        names = ("HealthRollup", "HealthRollUp", "Health") if rolled_up else ("Health",)
        candidates = (status.get(name) for name in names)
    else:
        candidates = iter((status,))
    for candidate in candidates:
        if isinstance(candidate, str):
            known = _HEALTH.get(candidate.strip().lower())
            if known is not None:
                return known
    return Health.UNKNOWN


def power_state(document: Json) -> PowerState:
    """PowerState, where it's one that the standard knows."""
    found = value(document, "PowerState")
    try:
        return PowerState(found)
    except ValueError:
        return PowerState.UNKNOWN


def macs(document: Json, *places: str) -> list[str]:
    """The distinct MACs of the places (texts or lists of them), normal, in order."""
    found: dict[str, None] = {}
    for place in places:
        candidate = value(document, place)
        for item in candidate if isinstance(candidate, list) else [candidate]:
            normal = normal_mac(item)
            if normal is not None:
                found[normal] = None
    return list(found)


def hexadecimal(document: Json, *places: str) -> str | None:
    """The first of the places that is a PCI id, as four lower-case hexadecimal digits."""
    for place in places:
        candidate = value(document, place)
        if isinstance(candidate, str):
            digits = candidate.strip().lower().removeprefix("0x")
            if 0 < len(digits) <= 4 and all(digit in "0123456789abcdef" for digit in digits):  # noqa: PLR2004
                padded = digits.zfill(4)
                if padded not in {"0000", "ffff"}:
                    return padded
    return None
