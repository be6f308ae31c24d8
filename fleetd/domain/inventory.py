"""Sweeps: what one reading of an endpoint gave, and how it differs from what was known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Final

from fleetd.domain.device import (
    Change,
    ChangeKind,
    Component,
    ComponentKind,
    Description,
    DeviceId,
    DeviceKind,
    EndpointId,
    Identity,
    Json,
)
from fleetd.domain.endpoint import Root

DEVICE_SECTION: Final = "device"


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
    return replace(merged, identity=identity, **known)


def _architecture(before: Description, after: Description) -> str | None:
    """A server has it from its processors."""
    kept = before.architecture if ComponentKind.PROCESSOR in after.stale else None
    return after.architecture or kept


def _macs(before: Description, after: Description) -> tuple[str, ...]:
    """A server has them from its ports, any other device from its BMC."""
    told_by = ComponentKind.PORT if after.kind is DeviceKind.SERVER else ComponentKind.BMC
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


def _fill(identity: Identity, before: Identity) -> Identity:
    known = {
        item.name: getattr(before, item.name)
        for item in fields(Identity)
        if not getattr(identity, item.name)
    }
    return replace(identity, **known)


_NOT_CARRIED: Final = frozenset({"kind", "identity", "name", "placement", "components", "stale"})
_DEVICE_FIELDS: Final = tuple(
    item.name
    for item in fields(Description)
    if item.name not in {"kind", "identity", "placement", "components", "stale"}
)
# Where a device was read from is no property of it, and a sensor's health follows its reading.
_IDENTITY_FIELDS: Final = ("uuid", "serial", "manufacturer", "model", "macs", "manager_id")
_PLACEMENT_FIELDS: Final = ("site", "room", "row", "rack", "unit")
_COMPONENT_FIELDS: Final = tuple(
    item.name for item in fields(Component) if item.name not in {"kind", "key", "attributes"}
)


def compare(
    before: Description | None,
    after: Description,
    *,
    device_id: DeviceId,
    at: datetime,
    sweep_id: str,
) -> tuple[Change, ...]:
    """Every difference between two descriptions of one device, as history entries.

    With nothing before there's one entry, that the device was added: its components are what it
    is made of, not news. ``after`` must already hold what was carried over.
    """

    def entry(kind: ChangeKind, subject: str, name: str, old: Json, new: Json) -> Change:
        return Change(
            device_id=device_id,
            kind=kind,
            subject=subject,
            field=name,
            before=old,
            after=new,
            at=at,
            sweep_id=sweep_id,
        )

    if before is None:
        return (entry(ChangeKind.ADDED, DEVICE_SECTION, "", None, after.name),)
    changes = [
        entry(ChangeKind.CHANGED, DEVICE_SECTION, name, old, new)
        for name, old, new in _device_differences(before, after)
    ]
    old_parts = {(part.kind, part.key): part for part in before.components}
    new_parts = {(part.kind, part.key): part for part in after.components}
    for key, part in new_parts.items():
        subject = f"{part.kind}/{part.key}"
        known = old_parts.get(key)
        if known is None:
            changes.append(entry(ChangeKind.ADDED, subject, "", None, part.name))
            continue
        if known != part:
            changes.extend(
                entry(ChangeKind.CHANGED, subject, name, old, new)
                for name, old, new in _component_differences(known, part)
            )
    changes.extend(
        entry(ChangeKind.REMOVED, f"{part.kind}/{part.key}", "", part.name, None)
        for key, part in old_parts.items()
        if key not in new_parts
    )
    return tuple(changes)


def _device_differences(
    before: Description, after: Description
) -> Iterator[tuple[str, Json, Json]]:
    yield from _field_differences(before, after, _DEVICE_FIELDS)
    yield from _field_differences(before.identity, after.identity, _IDENTITY_FIELDS)
    yield from _field_differences(before.placement, after.placement, _PLACEMENT_FIELDS)


def _component_differences(before: Component, after: Component) -> Iterator[tuple[str, Json, Json]]:
    yield from _field_differences(before, after, _COMPONENT_FIELDS)
    for name in sorted({*before.attributes, *after.attributes}):
        old, new = before.attributes.get(name), after.attributes.get(name)
        if old != new:
            yield name, old, new


def _field_differences(
    before: object, after: object, names: Iterable[str]
) -> Iterator[tuple[str, Json, Json]]:
    for name in names:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield name, _plain(old), _plain(new)


def _plain(value: Json) -> Json:
    return list(value) if isinstance(value, tuple) else value
