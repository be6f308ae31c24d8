"""What a count is made of: one thing that is there, and the names by which it may be found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from reprlib import Repr
from typing import Any, Final

from fleetd.daemon.corpus.tree import folded

# Written anew rather than taken from the domain: the count must not share the reader's mistakes.
_PLACEHOLDER: Final = re.compile(
    r"^(?:unknown|n/?a|none|null|undefined|not (?:available|specified|present)|redacted|empty"
    r"|default string|to be filled.*|string|[0\- .xX]*|0?123456789.*|(.)\1{3,})$",
    re.IGNORECASE,
)
_MAC: Final = re.compile(r"^[0-9a-f]{12}$")
_NO_MACS: Final = frozenset({"0" * 12, "f" * 12})
_PRESENT: Final = frozenset(
    {
        *("Enabled", "Disabled", "StandbyOffline", "StandbySpare", "InTest", "Starting"),
        *("UnavailableOffline", "Deferring", "Quiesced", "Updating", "Qualified", "Degraded"),
    }
)
_BRIEF: Final = Repr()
_BRIEF.maxstring = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing in a tree or in an inventory; ``names`` are what it can be recognised by.

    One that is ``optional`` is there, but nobody need find it: its machine isn't in the capture,
    or it belongs to none.
    """

    kind: str
    path: str
    names: frozenset[str] = field(default_factory=frozenset)
    optional: bool = False

    @property
    def key(self) -> str:
        """Its path in one spelling."""
        return folded(self.path)


def said(body: Mapping[str, Any], *places: str) -> bool:
    """One of the places holds a value that says something: no placeholder, no zero, no blank."""
    return any(meaning(_at(body, place)) is not None for place in places)


def meaning(value: Any) -> str | None:
    """A text or number that says something, as text without padding."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    text = str(value).strip()
    return None if not text or is_placeholder(text) else text


def is_placeholder(text: str) -> bool:
    """A text that stands where an identity is unknown; an empty one is absent, not one."""
    return bool(text) and _PLACEHOLDER.match(text.strip()) is not None


def worded(value: Any) -> str | None:
    """A text that says something, where zeros may be meant: a version of 0.00, say."""
    text = value.strip() if isinstance(value, str) else ""
    return text if text.strip("0. ") == "" and text else meaning(text)


def amount(body: Mapping[str, Any], *places: str) -> float:
    """The first number above zero at the places, also where it is written as text; else 0."""
    for place in places:
        try:
            number = float(str(_at(body, place)).replace(",", ""))
        except ValueError:
            continue
        if 0 < number < float("inf"):
            return number
    return 0.0


def state(body: Mapping[str, Any]) -> str | None:
    """Status.State, where there is one."""
    status = body.get("Status")
    found = status.get("State") if isinstance(status, dict) else None
    return found if isinstance(found, str) else None


def present(body: Mapping[str, Any], *evidence: str) -> bool:
    """A part is there: not Absent, and it tells of itself, or at least of its state and health.

    Source: DSP0268 "Status", State.
    """
    now = state(body)
    lives = now in _PRESENT and said(body, "Status/Health")
    return now != "Absent" and (lives or said(body, *evidence))


def mac(value: Any) -> str | None:
    """A MAC as twelve hexadecimal digits; None for all else, and for none and broadcast."""
    digits = re.sub(r"[:\-. ]", "", value).lower() if isinstance(value, str) else ""
    return digits if _MAC.match(digits) and digits not in _NO_MACS else None


def serial_name(body: Mapping[str, Any]) -> frozenset[str]:
    """The serial as a name; none where it is empty or a placeholder."""
    serial = meaning(body.get("SerialNumber"))
    return frozenset() if serial is None else frozenset({f"serial:{serial}"})


def wide_names(body: Mapping[str, Any]) -> frozenset[str]:
    """Names that are unique the world over: durable names, and HPE's own place for them."""
    durable = [
        *(one.get("DurableName") for _, one in objects_at(body, "Identifiers")),
        body.get("VolumeUniqueIdentifier"),
    ]
    known = (re.sub(r"[^0-9a-f]", "", str(name).lower()) for name in durable if meaning(name))
    return frozenset(f"wwn:{name}" for name in known if name)


def brief(value: Any) -> str:
    """The value for people, cut short; repr() would raise at one that is nested deeply."""
    return _BRIEF.repr(value)


def values_at(body: Mapping[str, Any], *places: str) -> list[Any]:
    """What is at the places, lists taken apart."""
    found: list[Any] = []
    for place in places:
        value = _at(body, place)
        found.extend(value if isinstance(value, list) else [value])
    return [value for value in found if value is not None]


def objects_at(body: Mapping[str, Any], place: str) -> list[tuple[int, Mapping[str, Any]]]:
    """The objects of a list with their numbers among the objects."""
    objects = [value for value in values_at(body, place) if isinstance(value, dict) and value]
    return list(enumerate(objects))


def _at(body: Any, place: str) -> Any:
    for name in place.split("/"):
        body = body.get(name) if isinstance(body, dict) else None
    return body
