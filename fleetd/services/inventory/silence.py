"""What no answer means: devices that a sweep doesn't show, and endpoints that can't be reached."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from fleetd.domain.device import Change, ChangeKind, Device, DeviceId, EndpointId, Json
from fleetd.domain.endpoint import Endpoint
from fleetd.domain.inventory import DEVICE_SECTION, Reading
from fleetd.domain.lifecycle import State, require_transition
from fleetd.domain.ports import StoredDevice

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


def missed(reading: Reading, rest: Iterable[Device], sweep: Sweep) -> Iterable[StoredDevice]:
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
        silent(device, sweep, "its BMC no longer reports it")
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
        silent(device, sweep, reason)
        for device in devices
        if device.state not in _STAYS_WHEN_SILENT
    )


def silent(device: Device, sweep: Sweep, reason: str) -> StoredDevice:
    """The device as it is without an answer: unreachable, unless it was set aside or locked."""
    if device.state in _STAYS_WHEN_SILENT:
        # Why a person or a rule set it aside is not overwritten.
        ours = device.state in {State.IN_USE, State.UNREACHABLE}
        told = replace(device, state_reason=reason) if ours else device
        return StoredDevice(device=told, changes=())
    require_transition(device.state, State.UNREACHABLE, subject=f"device {device.id}")
    return StoredDevice(
        device=replace(device, state=State.UNREACHABLE, state_reason=reason),
        changes=(state_entry(sweep, device.id, device.state, State.UNREACHABLE),),
    )


def state_entry(sweep: Sweep, device_id: DeviceId, before: State, after: State) -> Change:
    """The history's entry of a state that changed."""
    return entry(sweep, device_id, ChangeKind.STATE, before.value, after.value, field="state")


def entry(
    sweep: Sweep, device_id: DeviceId, kind: ChangeKind, before: Json, after: Json, *, field: str
) -> Change:
    """One entry of a device's history in this sweep."""
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
