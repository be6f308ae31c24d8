"""Discovery: where to look, what was expected there, and what was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from fleetd.domain.device import Device, DeviceId, EndpointId
from fleetd.domain.identity import normal_mac


class ProbeOutcome(StrEnum):
    """What one address turned out to be."""

    REDFISH = "redfish"
    NO_ANSWER = "no-answer"
    NOT_REDFISH = "not-redfish"
    FAILED = "failed"


class RunState(StrEnum):
    """How far a discovery has come."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryRun:
    """One discovery: what was asked, how far it is, what it met; counts by probe outcome."""

    id: str
    trigger: str
    targets: tuple[str, ...]
    state: RunState
    started_at: datetime
    finished_at: datetime | None = None
    addresses: int = 0
    probed: int = 0
    found: int = 0
    new: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A device that ought to be there, known by serial, MAC or address; ``name`` is the site's."""

    name: str
    serial: str | None = None
    mac: str | None = None
    address: str | None = None
    kind: str | None = None


class Presence(StrEnum):
    """Expected against found."""

    FOUND = "found"
    MISSING = "missing"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestEntry:
    """One line of the comparison of the manifest with the fleet."""

    presence: Presence
    expected: Expected | None
    device_id: DeviceId | None
    name: str
    because: str


def compare_manifest(
    expected: tuple[Expected, ...], devices: tuple[Device, ...], addresses: dict[EndpointId, str]
) -> tuple[ManifestEntry, ...]:
    """Match the manifest with the devices: each expected entry found or missing, the rest extra.

    An entry matches by serial first, then MAC, then address; a device answers one entry at most.
    """
    free = {device.id: device for device in devices}
    entries: list[ManifestEntry] = []
    for entry in expected:
        match = _find(entry, tuple(free.values()), addresses)
        if match is None:
            entries.append(
                ManifestEntry(
                    presence=Presence.MISSING,
                    expected=entry,
                    device_id=None,
                    name=entry.name,
                    because="nothing that answers has its serial, MAC or address",
                )
            )
            continue
        device, because = match
        del free[device.id]
        entries.append(
            ManifestEntry(
                presence=Presence.FOUND,
                expected=entry,
                device_id=device.id,
                name=entry.name,
                because=because,
            )
        )
    entries.extend(
        ManifestEntry(
            presence=Presence.UNEXPECTED,
            expected=None,
            device_id=device.id,
            name=device.description.name,
            because="no entry of the manifest has its serial, MAC or address",
        )
        for device in free.values()
    )
    return tuple(entries)


def _find(
    entry: Expected, devices: tuple[Device, ...], addresses: dict[EndpointId, str]
) -> tuple[Device, str] | None:
    mac = normal_mac(entry.mac)
    for device in devices:
        serial = device.description.identity.serial
        if entry.serial and serial and entry.serial.casefold() == serial.casefold():
            return device, "same serial"
    for device in devices:
        if mac and mac in device.description.identity.macs:
            return device, "same MAC"
    for device in devices:
        if entry.address and addresses.get(device.endpoint_id) == entry.address:
            return device, "same address"
    return None
