"""Values that are not what the standard says they are: types, enumerations, placeholders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from fleetd.daemon.corpus.item import brief, is_placeholder

_TEXTS: Final = frozenset(
    {
        *("Id", "Name", "Description", "Manufacturer", "Model", "SerialNumber", "PartNumber"),
        *("UUID", "FirmwareVersion", "BiosVersion", "AssetTag", "SKU", "HostName", "MACAddress"),
    }
)
_NUMBERS: Final = frozenset(
    {
        *("Reading", "CapacityBytes", "CapacityMiB", "TotalCores", "TotalThreads", "MaxSpeedMHz"),
        *("OperatingSpeedMhz", "PowerCapacityWatts", "PowerConsumedWatts", "LineInputVoltage"),
        *("SpeedMbps", "ReadingCelsius", "ReadingRPM", "Members@odata.count", "MTUSize", "Count"),
        *("TotalSystemMemoryGiB", "CurrentSpeedGbps", "MaxSpeedGbps", "RotationSpeedRPM"),
    }
)
_OBJECTS: Final = frozenset({"Status", "Links", "Actions", "Oem", "Location", "ProcessorSummary"})
_IDENTITIES: Final = frozenset({"SerialNumber", "UUID", "AssetTag", "PartNumber"})
_ENUMERATIONS: Final[Mapping[str, frozenset[str]]] = {
    "State": frozenset(
        {
            *("Enabled", "Disabled", "StandbyOffline", "StandbySpare", "InTest", "Starting"),
            *("Absent", "UnavailableOffline", "Deferring", "Quiesced", "Updating", "Qualified"),
            *("Degraded",),
        }
    ),
    "Health": frozenset({"OK", "Warning", "Critical"}),
    "HealthRollup": frozenset({"OK", "Warning", "Critical"}),
    "PowerState": frozenset({"On", "Off", "PoweringOn", "PoweringOff", "Paused"}),
    "IndicatorLED": frozenset({"Lit", "Blinking", "Off", "Unknown"}),
    "MediaType": frozenset({"HDD", "SSD", "SMR"}),
    "ProcessorType": frozenset(
        {"CPU", "GPU", "FPGA", "DSP", "Accelerator", "Core", "Thread", "Partition", "OEM"}
    ),
    "LinkStatus": frozenset(
        {*("LinkUp", "LinkDown", "NoLink", "Up", "Down", "Starting", "Training"), "Unknown"}
    ),
}
_IN_STATUS: Final = frozenset({"State", "Health", "HealthRollup"})
_DEEPEST: Final = 64

Fault = tuple[str, str]


def value_faults(body: Mapping[str, Any]) -> Iterator[Fault]:
    """Every value that departs, at any depth but below ``Oem``, which is the vendor's own."""
    yield from _of_object(body, "", 0)


def _of_object(body: Mapping[str, Any], place: str, depth: int) -> Iterator[Fault]:
    for name, value in body.items():
        here = f"{place}/{name}" if place else name
        if name == "Oem":
            continue
        for fault in _CHECKS:
            kind = fault(name, value, place)
            if kind is not None:
                yield kind, f"{here} = {brief(value)}"
        if name != name.strip():
            yield "property name with blanks", here
        if depth < _DEEPEST:
            yield from _inside(value, here, depth + 1)


def _inside(value: Any, here: str, depth: int) -> Iterator[Fault]:
    if isinstance(value, dict):
        yield from _of_object(value, here, depth)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            if item is None:
                yield "null in a list", f"{here}/{number}"
            elif isinstance(item, dict):
                yield from _of_object(item, f"{here}/{number}", depth)


def _wrong_type(name: str, value: Any, place: str) -> str | None:
    if value is None or (name == "Status" and place.startswith("@")):
        return None
    text_expected = name in _TEXTS and not isinstance(value, str)
    object_expected = name in _OBJECTS and not isinstance(value, dict) and "@" not in place
    return "value of the wrong type" if text_expected or object_expected else None


def _number_as_text(name: str, value: Any, place: str) -> str | None:
    del place
    return "number written as text" if name in _NUMBERS and isinstance(value, str) else None


def _own_enumeration(name: str, value: Any, place: str) -> str | None:
    known = _ENUMERATIONS.get(name)
    if known is None or not isinstance(value, str) or value in known:
        return None
    if name in _IN_STATUS and place.rpartition("/")[2] != "Status":
        return None
    return "value outside its enumeration"


def _placeholder(name: str, value: Any, place: str) -> str | None:
    del place
    if name in _IDENTITIES and isinstance(value, str) and is_placeholder(value):
        return "placeholder for an identity"
    return None


def _padded(name: str, value: Any, place: str) -> str | None:
    del place
    padded = name in _TEXTS and isinstance(value, str) and value.strip() and value != value.strip()
    return "text padded with blanks" if padded else None


_CHECKS: Final[tuple[Callable[[str, Any, str], str | None], ...]] = (
    _wrong_type,
    _number_as_text,
    _own_enumeration,
    _placeholder,
    _padded,
)
