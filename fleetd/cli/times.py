"""Moments for people: how long ago, and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fleetd.cli.output import member

_SCALES: Final = (
    (timedelta(days=1), "d"),
    (timedelta(hours=1), "h"),
    (timedelta(minutes=1), "min"),
    (timedelta(seconds=1), "s"),
)


def relative(text: object, *, now: datetime | None = None) -> str | None:
    """How long ago a moment in ISO 8601 was, or how far off it is; None for what is no moment."""
    if not isinstance(text, str):
        return None
    distance = (now or datetime.now(UTC)) - datetime.fromisoformat(text)
    for unit, name in _SCALES:
        if abs(distance) >= unit:
            count = abs(distance) // unit
            return f"{count} {name} ago" if distance > timedelta(0) else f"in {count} {name}"
    return "now"


def both(text: object) -> str | None:
    """How long ago, and the moment itself in UTC."""
    if not isinstance(text, str):
        return None
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return f"{relative(text)} ({moment:%Y-%m-%d %H:%M:%S}Z)"


def ago(*path: str) -> Callable[[Any], object]:
    """A column's value: how long ago the moment at a path was."""
    find = member(*path)
    return lambda item: relative(find(item))
