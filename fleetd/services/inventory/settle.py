"""What one reading means for the devices that are known: pure, so that every case can be told.

A sweep that fails half-way keeps what it had, and nothing here ever deletes a device.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from fleetd.domain.device import (
    Change,
    ChangeKind,
    Description,
    Device,
    DeviceId,
    EndpointId,
    Json,
    Placement,
)
from fleetd.domain.endpoint import Endpoint
from fleetd.domain.identity import Match, Verdict, recognise
from fleetd.domain.inventory import DEVICE_SECTION, Reading, carry_over, compare
from fleetd.domain.lifecycle import State, require_transition
from fleetd.domain.ports import StoredDevice

ENDPOINT_REMOVED: Final = "its endpoint was removed"
"""Why a device was retired that comes back by itself, once its endpoint is there again."""
_RETURNS_TO_INVENTORIED: Final = frozenset({State.DISCOVERED, State.UNREACHABLE})
# A machine with an instance stays locked though its BMC is silent; the rest were set so by people
# or rules and only those lift it.
_STAYS_WHEN_SILENT: Final = frozenset(
    {State.IN_USE, State.MAINTENANCE, State.QUARANTINED, State.RETIRED, State.UNREACHABLE}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The circumstances of one sweep."""

    id: str
    at: datetime
    endpoint: Endpoint
    endpoints_up: Collection[EndpointId]


def new_device_id() -> DeviceId:
    """An identifier that says nothing: identity is a rule, not a name."""
    return DeviceId(str(uuid.uuid4()))


def settle(
    reading: Reading,
    known: Iterable[Device],
    sweep: Sweep,
    *,
    keep_documents: bool = True,
    new_id: Callable[[], DeviceId] = new_device_id,
) -> tuple[StoredDevice, ...]:
    """Every device that this reading found, changed, moved, replaced or missed."""
    free = {device.id: device for device in known}
    settled: list[StoredDevice] = []
    for description in reading.descriptions:
        placed = _placed(description, sweep.endpoint)
        match = _recognised(placed, free, sweep)
        if match.verdict is Verdict.MOVED and match.device is not None:
            del free[match.device.id]
            if match.device.endpoint_id in sweep.endpoints_up:
                # Two addresses of one BMC, or two BMCs of one machine: it stays where it is.
                continue
            settled.append(_update(reading, placed, match.device, sweep, match))
        elif match.verdict is Verdict.SAME and match.device is not None:
            del free[match.device.id]
            settled.append(_update(reading, placed, match.device, sweep, match))
        else:
            settled.extend(_arrive(reading, placed, match, sweep, new_id()))
            if match.device is not None:
                del free[match.device.id]
    settled.extend(_missed(reading, free.values(), sweep))
    if not keep_documents:
        return tuple(settled)
    return tuple(_with_documents(item, reading, settled) for item in settled)


def _recognised(description: Description, free: Mapping[DeviceId, Device], sweep: Sweep) -> Match:
    """The match, but with no machine that is there at its own endpoint and only seems the same."""
    candidates = dict(free)
    while True:
        match = recognise(
            description.identity,
            endpoint_id=sweep.endpoint.id,
            candidates=tuple(candidates.values()),
        )
        seems = match.verdict is Verdict.MOVED and match.contested and match.device
        if not seems or seems.endpoint_id not in sweep.endpoints_up:
            return match
        del candidates[seems.id]


def _placed(description: Description, endpoint: Endpoint) -> Description:
    """The site comes from the endpoint; labels ``room``, ``row``, ``rack`` fill what is unknown."""
    labels = dict(endpoint.labels)
    said = description.placement
    placement = Placement(
        site=endpoint.site,
        room=said.room or labels.get("room"),
        row=said.row or labels.get("row"),
        rack=said.rack or labels.get("rack"),
        unit=said.unit,
    )
    return replace(description, placement=placement)


def _update(
    reading: Reading, description: Description, device: Device, sweep: Sweep, match: Match
) -> StoredDevice:
    before = device.description
    after = carry_over(before, description)
    changes = list(compare(before, after, device_id=device.id, at=sweep.at, sweep_id=sweep.id))
    if match.verdict is Verdict.MOVED:
        changes.append(
            _entry(
                sweep,
                device.id,
                ChangeKind.MOVED,
                device.endpoint_id,
                sweep.endpoint.id,
                field="endpoint_id",
            )
        )
    if match.board_swapped:
        old, new = before.identity.uuid, after.identity.uuid
        changes.append(_entry(sweep, device.id, ChangeKind.REPLACED, old, new, field="board"))
    state, reason = device.state, device.state_reason
    if state is State.RETIRED and reason == ENDPOINT_REMOVED:
        state, reason = State.DISCOVERED, None
        changes.append(_state_entry(sweep, device.id, device.state, state))
    if state in _RETURNS_TO_INVENTORIED:
        require_transition(state, State.INVENTORIED, subject=f"device {device.id}")
        changes.append(_state_entry(sweep, device.id, state, State.INVENTORIED))
        state, reason = State.INVENTORIED, None
    updated = replace(
        device,
        endpoint_id=sweep.endpoint.id,
        description=after,
        state=state,
        state_reason=reason,
        driver=reading.driver,
        vendor=reading.vendor,
        last_seen=sweep.at,
    )
    return StoredDevice(device=updated, changes=tuple(changes))


def _arrive(
    reading: Reading, description: Description, match: Match, sweep: Sweep, device_id: DeviceId
) -> list[StoredDevice]:
    """A new device, and the one it replaces, which is then unreachable and says why."""
    settled: list[StoredDevice] = []
    replaced = match.device
    if replaced is not None:
        reason = f"another machine ({device_id}) answers at its endpoint"
        silent = _silent(replaced, sweep, reason)
        entry = _entry(
            sweep, replaced.id, ChangeKind.REPLACED, replaced.id, device_id, field="device"
        )
        settled.append(replace(silent, changes=(*silent.changes, entry)))
    device = Device(
        id=device_id,
        endpoint_id=sweep.endpoint.id,
        description=description,
        state=State.INVENTORIED,
        driver=reading.driver,
        vendor=reading.vendor,
        first_seen=sweep.at,
        last_seen=sweep.at,
        replaces=replaced.id if replaced else None,
    )
    changes = compare(None, description, device_id=device_id, at=sweep.at, sweep_id=sweep.id)
    settled.append(StoredDevice(device=device, changes=changes))
    return settled


def _missed(reading: Reading, rest: Iterable[Device], sweep: Sweep) -> Iterable[StoredDevice]:
    """Devices of this endpoint that a reading doesn't show.

    After a partial reading silence proves nothing: they stay as they are, and all of them is stale.
    """
    mine = [device for device in rest if device.endpoint_id == sweep.endpoint.id]
    partial = bool(reading.problems) or any(
        DEVICE_SECTION in description.stale for description in reading.descriptions
    )
    if partial:
        return tuple(_unread(device) for device in mine if device.state is not State.RETIRED)
    return tuple(
        _silent(device, sweep, "its BMC no longer reports it")
        for device in mine
        if device.state not in _STAYS_WHEN_SILENT
    )


def _unread(device: Device) -> StoredDevice:
    known = device.description
    everything = {DEVICE_SECTION, *(part.kind.value for part in known.components), *known.stale}
    stale = replace(known, stale=frozenset(everything))
    return StoredDevice(device=replace(device, description=stale), changes=())


def silence(devices: Iterable[Device], sweep: Sweep, reason: str) -> tuple[StoredDevice, ...]:
    """The devices of an endpoint that can't be reached; those with nothing to change left out."""
    return tuple(
        _silent(device, sweep, reason)
        for device in devices
        if device.state not in _STAYS_WHEN_SILENT
    )


def _silent(device: Device, sweep: Sweep, reason: str) -> StoredDevice:
    if device.state in _STAYS_WHEN_SILENT:
        return StoredDevice(device=replace(device, state_reason=reason), changes=())
    require_transition(device.state, State.UNREACHABLE, subject=f"device {device.id}")
    return StoredDevice(
        device=replace(device, state=State.UNREACHABLE, state_reason=reason),
        changes=(_state_entry(sweep, device.id, device.state, State.UNREACHABLE),),
    )


def _state_entry(sweep: Sweep, device_id: DeviceId, before: State, after: State) -> Change:
    return _entry(sweep, device_id, ChangeKind.STATE, before.value, after.value, field="state")


def _entry(
    sweep: Sweep, device_id: DeviceId, kind: ChangeKind, before: Json, after: Json, *, field: str
) -> Change:
    return Change(
        device_id=device_id,
        kind=kind,
        subject=DEVICE_SECTION,
        field=field,
        before=before,
        after=after,
        at=sweep.at,
        sweep_id=sweep.id,
    )


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
