"""What changed between two descriptions of one device, told as what it is.

A part is followed by its serial: one that shows up under another key has moved, and another serial
under the same key is another part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Final

from fleetd.domain.device import (
    Change,
    ChangeKind,
    Component,
    ComponentKind,
    Description,
    DeviceId,
    Json,
)
from fleetd.domain.inventory import DEVICE_SECTION

_ROOT: Final = "/redfish/v1/"
_Key = tuple[ComponentKind, str]

# Where a device was read from is no property of it, and a sensor's health follows its reading.
_DEVICE_FIELDS: Final = tuple(
    item.name
    for item in fields(Description)
    if item.name not in {"identity", "placement", "inside", "components", "stale"}
)
_IDENTITY_FIELDS: Final = ("uuid", "serial", "manufacturer", "model", "macs", "manager_id")
_PLACEMENT_FIELDS: Final = ("site", "room", "row", "rack", "unit", "slot")
_COMPONENT_FIELDS: Final = tuple(
    item.name for item in fields(Component) if item.name not in {"kind", "key", "attributes"}
)
# What a part has from its place: it says nothing new of a part that has moved.
_OF_ITS_PLACE: Final = frozenset({"name", "location", "slot", "socket", "number", "nic"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _History:
    """Makes the entries of one device in one sweep."""

    device_id: DeviceId
    at: datetime
    sweep_id: str

    def entry(self, kind: ChangeKind, subject: str, name: str, old: Json, new: Json) -> Change:
        return Change(
            device_id=self.device_id,
            kind=kind,
            subject=subject,
            field=name,
            before=_plain(old),
            after=_plain(new),
            at=self.at,
            sweep_id=self.sweep_id,
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
    history = _History(device_id=device_id, at=at, sweep_id=sweep_id)
    if before is None:
        return (history.entry(ChangeKind.ADDED, DEVICE_SECTION, "", None, after.name),)
    return (*_of_device(before, after, history), *_of_parts(before, after, history))


def rebased(before: Description, after: Description) -> Description:
    """What was known, with its parts' keys as they are where the device was read now.

    A blade in another slot, or read at another BMC, shows all its parts under other paths; that is
    no news of any of them.
    """
    heads = _renamed_heads(before, after)
    if not heads:
        return before
    parts = tuple(
        replace(
            part,
            key=_at_new_head(part.key, heads),
            attributes={name: _renamed(value, heads) for name, value in part.attributes.items()},
        )
        for part in before.components
    )
    return replace(before, components=parts)


def _renamed_heads(before: Description, after: Description) -> dict[str, str]:
    """By ``Collection/Id``, what it's called now: of the device itself, and what went with it."""
    was, now = _head_of(before.identity.path), _head_of(after.identity.path)
    if was == now:
        return {}
    old = {_head(part.key) for part in before.components} - {was}
    new = {_head(part.key) for part in after.components} - {now}
    renamed = {was: now}
    for collection in {head.partition("/")[0] for head in old}:
        gone = [head for head in old - new if head.startswith(f"{collection}/")]
        come = [head for head in new - old if head.startswith(f"{collection}/")]
        if len(gone) == len(come) == 1:
            renamed[gone[0]] = come[0]
    return renamed


def _head_of(path: str) -> str:
    return _head(path.removeprefix(_ROOT))


def _head(key: str) -> str:
    return "/".join(key.split("/")[:2])


def _at_new_head(key: str, heads: Mapping[str, str]) -> str:
    head = _head(key)
    return heads.get(head, head) + key[len(head) :]


def _renamed(value: Json, heads: Mapping[str, str]) -> Json:
    """A key, or a path, of another part; everything else stays."""
    if isinstance(value, list):
        return [_renamed(item, heads) for item in value]
    if not isinstance(value, str):
        return value
    root = _ROOT if value.startswith(_ROOT) else ""
    return root + _at_new_head(value[len(root) :], heads)


def is_another_bmc(before: Description, after: Description) -> bool:
    """The BMC gives another identifier, and none of the MACs that are known of it.

    A BMC that only made up another identifier for itself, as some do when reset, keeps its MACs.
    """
    old, new = before.identity.manager_id, after.identity.manager_id
    known, told = _bmc_macs(before), _bmc_macs(after)
    return bool(old and new and old != new and known and told and not known & told)


def _bmc_macs(description: Description) -> set[str]:
    return {
        mac
        for part in description.components
        if part.kind is ComponentKind.BMC
        for mac in part.attributes.get("macs", ())
    }


def _of_device(before: Description, after: Description, history: _History) -> Iterator[Change]:
    differences = (
        *_field_differences(before, after, _DEVICE_FIELDS),
        *_field_differences(before.identity, after.identity, _IDENTITY_FIELDS),
        *_field_differences(before.placement, after.placement, _PLACEMENT_FIELDS),
    )
    for name, old, new in differences:
        moved = name == "slot" and old is not None and new is not None
        kind = ChangeKind.MOVED if moved else ChangeKind.CHANGED
        yield history.entry(kind, DEVICE_SECTION, name, old, new)


def _of_parts(before: Description, after: Description, history: _History) -> Iterator[Change]:
    old_parts = {(part.kind, part.key): part for part in before.components}
    new_parts = {(part.kind, part.key): part for part in after.components}
    if old_parts == new_parts:
        return
    origins = _moved(old_parts, new_parts)
    gone_elsewhere = set(origins.values())
    for key, part in new_parts.items():
        origin = origins.get(key)
        known = old_parts.get(key)
        if origin is not None:
            yield from _as_moved(old_parts[origin], part, history)
        elif known is None or key in gone_elsewhere:
            yield history.entry(ChangeKind.ADDED, _subject(part), "", None, part.name)
        elif known != part:
            yield from _in_place(known, part, history)
    for key, part in old_parts.items():
        if key not in gone_elsewhere and (key not in new_parts or key in origins):
            yield history.entry(ChangeKind.REMOVED, _subject(part), "", part.name, None)


def _moved(
    old_parts: Mapping[_Key, Component], new_parts: Mapping[_Key, Component]
) -> dict[_Key, _Key]:
    """By the key of a part that has moved, the key it had."""
    was, now = _by_serial(old_parts), _by_serial(new_parts)
    return {key: was[who] for who, key in now.items() if who in was and was[who] != key}


def _by_serial(parts: Mapping[_Key, Component]) -> dict[tuple[ComponentKind, str], _Key]:
    """The parts of which each can be told by its serial: no other of its kind has it."""
    named = [(key, (part.kind, part.serial)) for key, part in parts.items() if part.serial]
    often = Counter(who for _, who in named)
    return {(kind, str(serial)): key for key, (kind, serial) in named if often[kind, serial] == 1}


def _as_moved(was: Component, part: Component, history: _History) -> Iterator[Change]:
    yield history.entry(ChangeKind.MOVED, _subject(part), "key", was.key, part.key)
    for name, old, new in _component_differences(was, part):
        if name not in _OF_ITS_PLACE:
            yield history.entry(ChangeKind.CHANGED, _subject(part), name, old, new)


def _in_place(known: Component, part: Component, history: _History) -> Iterator[Change]:
    """The same part, or another in its place: then its serial is what was replaced."""
    for name, old, new in _component_differences(known, part):
        another = name == "serial" and old is not None and new is not None
        kind = ChangeKind.REPLACED if another else ChangeKind.CHANGED
        yield history.entry(kind, _subject(part), name, old, new)


def _subject(part: Component) -> str:
    return f"{part.kind}/{part.key}"


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
            yield name, old, new


def _plain(value: Json) -> Json:
    return list(value) if isinstance(value, tuple) else value
