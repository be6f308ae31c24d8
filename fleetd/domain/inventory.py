"""Sweeps: what one reading of an endpoint gave, and what half a reading leaves as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Final, TypeVar

from fleetd.domain.device import (
    HOSTS,
    Component,
    ComponentKind,
    Description,
    EndpointId,
    Identity,
    Json,
    Placement,
)
from fleetd.domain.endpoint import Root

DEVICE_SECTION: Final = "device"
T = TypeVar("T", Identity, Placement)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A part of an endpoint that could not be read; ``code`` is the error's slug."""

    uri: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that one sweep read at one endpoint, normalised.

    ``documents`` are the raw answers by path, before any repair by a driver.
    """

    endpoint_id: EndpointId
    root: Root
    driver: str
    vendor: str
    descriptions: tuple[Description, ...]
    problems: tuple[Problem, ...] = ()
    documents: Mapping[str, Json] = field(default_factory=dict)
    requests: int = 0
    seconds: float = 0.0


def carry_over(before: Description, after: Description) -> Description:
    """Keep what was known for the sections that this sweep could not read whole.

    In a stale section what was known stays, filled up with what was read; a component that was
    never seen before is taken only where the section was stale the last time too, since half a
    section may show the same thing under another key. A stale "device" section keeps each value
    that is now missing, and what the device has from its parts stays with them.
    """
    if not after.stale:
        return after
    fresh = tuple(part for part in after.components if part.kind not in after.stale)
    merged = replace(
        after,
        components=fresh + _stale_parts(before, after),
        architecture=_architecture(before, after),
        identity=replace(after.identity, macs=_macs(before, after)),
    )
    if DEVICE_SECTION not in after.stale:
        return merged
    known: dict[str, Json] = {}
    for item in fields(Description):
        value = getattr(merged, item.name)
        if item.name not in _NOT_CARRIED and _says_nothing(value):
            known[item.name] = getattr(before, item.name)
    identity = _fill(merged.identity, before.identity)
    placement = _fill(merged.placement, before.placement)
    return replace(merged, identity=identity, placement=placement, **known)


def _architecture(before: Description, after: Description) -> str | None:
    """A server has it from its processors."""
    kept = before.architecture if ComponentKind.PROCESSOR in after.stale else None
    return after.architecture or kept


def _macs(before: Description, after: Description) -> tuple[str, ...]:
    """A server or DPU has them from its ports, any other device from its BMC."""
    told_by = ComponentKind.PORT if after.kind in HOSTS else ComponentKind.BMC
    if told_by not in after.stale:
        return after.identity.macs
    return tuple(sorted({*before.identity.macs, *after.identity.macs}))


def _stale_parts(before: Description, after: Description) -> tuple[Component, ...]:
    read = {(part.kind, part.key): part for part in after.components if part.kind in after.stale}
    kept = tuple(
        _filled(read.pop((part.kind, part.key), part), part)
        for part in before.components
        if part.kind in after.stale
    )
    known_kinds = {part.kind for part in before.components}
    added = tuple(
        part for part in read.values() if part.kind not in known_kinds or part.kind in before.stale
    )
    return kept + added


def _filled(part: Component, known: Component) -> Component:
    """The part as read, with what is known where the reading says nothing."""
    gaps = {
        name: getattr(known, name)
        for name in _COMPONENT_FIELDS
        if _says_nothing(getattr(part, name))
    }
    return replace(part, attributes={**known.attributes, **part.attributes}, **gaps)


def _says_nothing(value: object) -> bool:
    return value is None or value == "Unknown"


def _fill(now: T, before: T) -> T:
    """The identity or placement as read, with what is known where the reading says nothing."""
    known = {
        item.name: getattr(before, item.name) for item in fields(now) if not getattr(now, item.name)
    }
    return replace(now, **known)


_NOT_CARRIED: Final = frozenset({"kind", "identity", "name", "placement", "components", "stale"})
_COMPONENT_FIELDS: Final = tuple(
    item.name for item in fields(Component) if item.name not in {"kind", "key", "attributes"}
)
