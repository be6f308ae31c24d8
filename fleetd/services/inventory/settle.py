"""What one reading means for the devices that are known: pure, so that every case can be told.

A sweep that fails half-way keeps what it had, and nothing here ever deletes a device.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from fleetd.domain.comparison import compare, is_another_bmc, rebased
from fleetd.domain.device import (
    Change,
    ChangeKind,
    Description,
    Device,
    DeviceId,
    Json,
)
from fleetd.domain.endpoint import Endpoint
from fleetd.domain.inventory import Reading, carry_over
from fleetd.domain.lifecycle import State, require_transition
from fleetd.domain.ports import StoredDevice
from fleetd.domain.recognition import Match, Verdict, recognise
from fleetd.services.inventory.belonging import Belonging
from fleetd.services.inventory.silence import Sweep, entry, missed, silent, state_entry

ENDPOINT_REMOVED: Final = "its endpoint was removed"
"""Why a device was retired that comes back by itself, once its endpoint is there again."""
_RETURNS_TO_INVENTORIED: Final = frozenset({State.DISCOVERED, State.UNREACHABLE})


def new_device_id() -> DeviceId:
    """An identifier that says nothing: identity is a rule, not a name."""
    return DeviceId(str(uuid.uuid4()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A device that this reading shows: how it was recognised, as it was, and as it is now."""

    match: Match
    before: Device | None
    now: Device


def settle(
    reading: Reading,
    known: Iterable[Device],
    sweep: Sweep,
    *,
    kin: Iterable[Device] = (),
    keep_documents: bool = True,
    new_id: Callable[[], DeviceId] = new_device_id,
) -> tuple[StoredDevice, ...]:
    """Every device that this reading found, changed, moved, replaced or missed.

    ``kin`` are the devices elsewhere that may hold those of this endpoint, or be held by them.
    """
    by_id = {device.id: device for device in known}
    found = [_placed(description, sweep.endpoint) for description in reading.descriptions]
    matches = recognise(
        found,
        endpoint_id=sweep.endpoint.id,
        candidates=by_id.values(),
        present=lambda device: _is_present(device, sweep),
    )
    seen: list[_Seen] = []
    rest = dict(by_id)
    aliases: dict[str, DeviceId] = {}
    for description, match in zip(found, matches, strict=True):
        if match.device is not None:
            rest.pop(match.device.id, None)
        if match.device is not None and _stays_elsewhere(description, match, sweep):
            aliases[description.identity.path] = match.device.id
        else:
            seen.append(_seen(reading, description, match, sweep, new_id))
    belonging = Belonging([item.now for item in seen], [*by_id.values(), *kin], aliases)
    settled: list[StoredDevice] = []
    for item in seen:
        settled.extend(_settled(item, belonging.placed(item.now), sweep))
    settled.extend(missed(reading, rest.values(), sweep))
    settled = [*_loosened(settled, seen, belonging, sweep)]
    if not keep_documents:
        return tuple(settled)
    return tuple(_with_documents(item, reading, settled) for item in settled)


def _is_present(device: Device, sweep: Sweep) -> bool:
    """Its own endpoint answers and shows it, as far as is known."""
    silent = device.state is State.UNREACHABLE or (
        device.state is State.IN_USE and device.state_reason is not None
    )
    return device.endpoint_id in sweep.endpoints_up and not silent


def _stays_elsewhere(description: Description, match: Match, sweep: Sweep) -> bool:
    """Two addresses of one BMC, or two BMCs of one machine: it stays where it is.

    But what was only seen from its holder's BMC goes to its own, once that is known.
    """
    if match.verdict is not Verdict.MOVED or match.device is None:
        return False
    known = match.device.description
    comes_home = known.inside is not None and description.inside is None
    return _is_present(match.device, sweep) and not comes_home


def _placed(description: Description, endpoint: Endpoint) -> Description:
    """The site comes from the endpoint; labels ``room``, ``row``, ``rack`` fill what is unknown."""
    labels = dict(endpoint.labels)
    said = description.placement
    placement = replace(
        said,
        site=endpoint.site,
        room=said.room or labels.get("room"),
        row=said.row or labels.get("row"),
        rack=said.rack or labels.get("rack"),
    )
    return replace(description, placement=placement)


def _seen(
    reading: Reading,
    description: Description,
    match: Match,
    sweep: Sweep,
    new_id: Callable[[], DeviceId],
) -> _Seen:
    if match.verdict in {Verdict.NEW, Verdict.REPLACED}:
        device = Device(
            id=new_id(),
            endpoint_id=sweep.endpoint.id,
            description=description,
            state=State.INVENTORIED,
            driver=reading.driver,
            vendor=reading.vendor,
            first_seen=sweep.at,
            last_seen=sweep.at,
            replaces=match.device.id if match.device else None,
        )
        return _Seen(match=match, before=None, now=device)
    known = match.device
    assert known is not None  # noqa: S101 - only a known device is the same or has moved
    before = replace(known, description=rebased(known.description, description))
    now = replace(
        before,
        endpoint_id=sweep.endpoint.id,
        description=carry_over(before.description, description),
        driver=reading.driver,
        vendor=reading.vendor,
        last_seen=sweep.at,
    )
    return _Seen(match=match, before=before, now=now)


def _settled(seen: _Seen, now: Device, sweep: Sweep) -> Iterable[StoredDevice]:
    if seen.before is not None:
        yield _update(seen.before, now, sweep, seen.match)
        return
    if seen.match.device is not None:
        yield _replaced(seen.match.device, now.id, sweep)
    changes = compare(None, now.description, device_id=now.id, at=sweep.at, sweep_id=sweep.id)
    yield StoredDevice(device=now, changes=changes)


def _update(before: Device, now: Device, sweep: Sweep, match: Match) -> StoredDevice:
    changes = [
        *compare(
            before.description, now.description, device_id=now.id, at=sweep.at, sweep_id=sweep.id
        ),
        *_moves(before, now, sweep),
    ]
    old, new = before.description.identity, now.description.identity
    if match.board_swapped:
        changes.append(entry(sweep, now.id, ChangeKind.REPLACED, old.uuid, new.uuid, field="board"))
    elif is_another_bmc(before.description, now.description):
        changes.append(
            entry(sweep, now.id, ChangeKind.REPLACED, old.manager_id, new.manager_id, field="bmc")
        )
    state, reason = before.state, before.state_reason
    if state is State.RETIRED and reason == ENDPOINT_REMOVED:
        state, reason = State.DISCOVERED, None
        changes.append(state_entry(sweep, now.id, before.state, state))
    if state in _RETURNS_TO_INVENTORIED:
        require_transition(state, State.INVENTORIED, subject=f"device {now.id}")
        changes.append(state_entry(sweep, now.id, state, State.INVENTORIED))
        state, reason = State.INVENTORIED, None
    if state is State.IN_USE:
        reason = None  # it was silent for a while, and no longer is
    return StoredDevice(
        device=replace(now, state=state, state_reason=reason), changes=tuple(changes)
    )


def _moves(before: Device, now: Device, sweep: Sweep) -> Iterable[Change]:
    """Another endpoint, another holder; another path where neither that nor its slot says it."""
    if before.endpoint_id != now.endpoint_id:
        yield entry(
            sweep,
            now.id,
            ChangeKind.MOVED,
            before.endpoint_id,
            now.endpoint_id,
            field="endpoint_id",
        )
    elif before.description.placement.slot == now.description.placement.slot:
        old, new = before.description.identity.path, now.description.identity.path
        if old != new:
            yield entry(sweep, now.id, ChangeKind.MOVED, old, new, field="path")
    yield from _holder_change(before, now, sweep)


def _holder_change(before: Device, now: Device, sweep: Sweep) -> Iterable[Change]:
    old, new = before.part_of, now.part_of
    if old != new:
        kind = ChangeKind.MOVED if old and new else ChangeKind.CHANGED
        yield entry(sweep, now.id, kind, old, new, field="part_of")


def _replaced(device: Device, by: DeviceId, sweep: Sweep) -> StoredDevice:
    """The device whose place another took is unreachable and says why."""
    gone = silent(device, sweep, f"another machine ({by}) answers at its endpoint")
    told = entry(sweep, device.id, ChangeKind.REPLACED, device.id, by, field="device")
    return replace(gone, changes=(*gone.changes, told))


def _loosened(
    settled: Iterable[StoredDevice], seen: Iterable[_Seen], belonging: Belonging, sweep: Sweep
) -> Iterable[StoredDevice]:
    """All that is settled, and what elsewhere is now held by another or by nobody."""
    shown = {item.now.id for item in seen}
    others = {device.id: StoredDevice(device=device, changes=()) for device in belonging.others}
    for item in settled:
        if item.device.id in shown:
            yield item
        else:
            others[item.device.id] = item
    mentioned = {item.device.id for item in settled} - shown
    for device_id, item in others.items():
        now = belonging.placed(item.device)
        if device_id in shown or (now == item.device and device_id not in mentioned):
            continue
        changes = (*item.changes, *_holder_change(item.device, now, sweep))
        yield StoredDevice(device=now, changes=changes)


def _with_documents(
    item: StoredDevice, reading: Reading, settled: Iterable[StoredDevice]
) -> StoredDevice:
    """Give a device the raw documents of its endpoint but those below other devices' paths."""
    mine = item.device.description.identity.path
    if item.device.last_seen is None or not _was_read(item, reading):
        return item
    others = tuple(
        f"{other.device.description.identity.path}/"
        for other in settled
        if other.device.description.identity.path not in {mine, ""}
    )
    documents: Mapping[str, Json] = {
        path: document
        for path, document in reading.documents.items()
        if not f"{path}/".startswith(others)
    }
    return replace(item, documents=documents)


def _was_read(item: StoredDevice, reading: Reading) -> bool:
    path = item.device.description.identity.path
    return item.device.endpoint_id == reading.endpoint_id and any(
        description.identity.path == path for description in reading.descriptions
    )
