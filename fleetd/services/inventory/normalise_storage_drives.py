"""Drives: what each says of itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from fleetd.domain.device import Component, ComponentKind, Json
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import (
    boolean,
    entries,
    integer,
    is_absent,
    label,
    number,
    positive,
    text,
)
from fleetd.services.inventory.normalise_parts import part, slot_of

_SEPARATORS: Final = re.compile(r"[\s:.-]")
_HEXADECIMAL: Final = re.compile(r"[0-9a-f]{16}(?:[0-9a-f]{16})?")
_WORLD_WIDE: Final = frozenset({"NAA", "EUI", "NGUID", "FC_WWN"})
_FULL: Final = 100


def drive(resource: Resource) -> Component | None:
    """The drive, or None for a bay that is listed though nothing is in it.

    A drive that failed may say nothing more of itself than that (HPE's Smart Array).
    """
    body = resource.body
    says_nothing = text(body, "SerialNumber", "Model") is None
    filled = positive(body, "CapacityBytes") or text(body, "StatusIndicator") == "Fail"
    if is_absent(body) or (says_nothing and not filled):
        return None
    protocol = text(body, "Protocol")
    bay = bay_of(body)
    return part(
        ComponentKind.DRIVE,
        resource.key,
        body,
        name=text(body, "Name") or resource.last,
        firmware_version=text(body, "Revision", "FirmwareVersion"),
        location=bay,
        attributes={
            "capacity_bytes": positive(body, "CapacityBytes"),
            "media": text(body, "MediaType") or ("SSD" if protocol == "NVMe" else None),
            "protocol": protocol,
            "form_factor": text(body, "FormFactor", "DriveFormFactor"),
            "rotation_rpm": positive(body, "RotationSpeedRPM"),
            "block_size_bytes": positive(body, "BlockSizeBytes"),
            "max_speed_gbps": _speed(body, "CapableSpeedGbs"),
            "speed_gbps": _speed(body, "NegotiatedSpeedGbs", "NegotiatedSpeedGbps"),
            "life_left_percent": percent(body, "PredictedMediaLifeLeftPercent"),
            "failure_predicted": boolean(body, "FailurePredicted"),
            "condition": text(body, "StatusIndicator"),
            "hotspare": text(body, "HotspareType", "HotSpareType"),
            "encryption_ability": text(body, "EncryptionAbility"),
            "encryption_status": text(body, "EncryptionStatus"),
            "slot": bay or resource.last,
            "wwn": world_wide_name(body),
        },
    )


def bay_of(body: Mapping[str, Json]) -> str | None:
    """The bay's label; the older ``Location`` is a list, and its first entry that says one counts.

    DSP0268 'Drive': ``Location`` was an array of locations until ``PhysicalLocation`` came.
    """
    named = slot_of(body)
    if named is not None or not isinstance(body.get("Location"), list):
        return named
    found = (label(item, "Info") or slot_of({"Location": item}) for item in _locations(body))
    return next((name for name in found if name), None)


def _locations(body: Mapping[str, Json]) -> list[dict[str, Json]]:
    return entries(body, "Location")


def _speed(body: Mapping[str, Json], *places: str) -> float | None:
    """A link's speed in Gbit/s; zero is a link that is down, not a speed."""
    found = number(body, *places)
    return found if found is not None and found > 0 else None


def percent(body: Mapping[str, Json], place: str) -> int | None:
    """A share of a hundred; numbers outside that mean nothing."""
    found = integer(body, place)
    return found if found is not None and 0 <= found <= _FULL else None


def world_wide_name(body: Mapping[str, Json]) -> str | None:
    """The first identifier of a drive or volume that is unique the world over.

    Sixteen or thirty-two hexadecimal digits: Seagate's arrays call a bay's name an NAA too.
    """
    for item in entries(body, "Identifiers"):
        name = text(item, "DurableName")
        if name is None or text(item, "DurableNameFormat") not in _WORLD_WIDE:
            continue
        digits = name.lower().removeprefix("naa.").removeprefix("eui.").removeprefix("0x")
        digits = _SEPARATORS.sub("", digits)
        if _HEXADECIMAL.fullmatch(digits) and digits.strip("0"):
            return digits
    return None
