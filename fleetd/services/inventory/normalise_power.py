"""Power supplies and batteries, of chassis and of power shelves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from fleetd.domain.device import Component, ComponentKind, Json
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import (
    boolean,
    entries,
    is_absent,
    number,
    positive,
    state,
    text,
)
from fleetd.services.inventory.normalise_parts import part
from fleetd.services.inventory.normalise_redundancy import redundancy_of

_IN_PLACE: Final = frozenset({"Enabled", "StandbySpare", "StandbyOffline", "Standby"})


def power_supplies(chassis: Iterable[Resource], documents: Documents) -> Iterator[Component]:
    """The filled bays, from PowerSubsystem or the older Power."""
    for enclosure in chassis:
        for subsystem in documents.follow(enclosure.body, "PowerSubsystem"):
            yield from supplies_of(subsystem, documents)
        for older in documents.follow(enclosure.body, "Power"):
            groups = redundancy_of(older.body, "Redundancy")
            for index, body in enumerate(entries(older.body, "PowerSupplies")):
                place = f"{older.path}#/PowerSupplies/{index}".lower()
                yield from _supply(
                    f"{older.key}#/PowerSupplies/{index}",
                    body,
                    f"PSU {index}",
                    groups.get(place, {}),
                )


def supplies_of(holder: Resource, documents: Documents) -> Iterator[Component]:
    """The power supplies of a PowerSubsystem or of a power shelf."""
    groups = redundancy_of(holder.body, "PowerSupplyRedundancy")
    for supply in documents.follow(holder.body, "PowerSupplies"):
        redundancy = groups.get(supply.path.lower(), {})
        yield from _supply(supply.key, supply.body, supply.last, redundancy)


def _supply(
    key: str, body: Mapping[str, Json], fallback: str, redundancy: Mapping[str, Json]
) -> Iterator[Component]:
    capacity = _capacity(body)
    if is_absent(body) or not _is_there(body, capacity):
        return
    yield part(
        ComponentKind.PSU,
        key,
        body,
        name=text(body, "Name", "MemberId") or fallback,
        attributes={
            "capacity_watts": capacity,
            "input_type": _input_type(body),
            "outlet": _outlet(body),
            "plug_type": text(body, "PlugType"),
            "hot_pluggable": boolean(body, "HotPluggable"),
            **redundancy,
        },
    )


def _is_there(body: Mapping[str, Json], capacity: int | None) -> bool:
    """Empty bays are often listed without saying Absent; they say nothing at all."""
    known = text(body, "Model", "SerialNumber", "PartNumber", "Manufacturer") or capacity
    return bool(known) or state(body) in _IN_PLACE


def _capacity(body: Mapping[str, Json]) -> int | None:
    """PowerCapacityWatts, else the most that any range of input voltage gives."""
    whole = positive(body, "PowerCapacityWatts")
    if whole is not None:
        return whole
    ranges = (
        positive(item, "CapacityWatts", "OutputWattage") for item in entries(body, "InputRanges")
    )
    return max((watts for watts in ranges if watts), default=None)


def _input_type(body: Mapping[str, Json]) -> str | None:
    """AC or DC; the nominal voltage first, as some makers write the output into PowerSupplyType."""
    for place in ("InputNominalVoltageType", "LineInputVoltageType", "PowerSupplyType"):
        written = (text(body, place) or "").upper()
        found = next((kind for kind in ("AC", "DC") if written.startswith(kind)), None)
        if found is not None:
            return found
    return None


def _outlet(body: Mapping[str, Json]) -> str | None:
    """The outlet is often at another service, so its reference is kept as it's written."""
    single = text(body, "Links/Outlet/@odata.id")
    several = entries(body, "Links/PowerOutlets")
    return single or next((found for item in several if (found := text(item, "@odata.id"))), None)


def batteries(chassis: Iterable[Resource], documents: Documents) -> Iterator[Component]:
    """The batteries of a chassis' power subsystem: back-up units of shelves and racks."""
    for enclosure in chassis:
        for subsystem in documents.follow(enclosure.body, "PowerSubsystem"):
            for battery in documents.follow(subsystem.body, "Batteries"):
                if not is_absent(battery.body):
                    yield _battery(battery)


def _battery(battery: Resource) -> Component:
    body = battery.body
    return part(
        ComponentKind.BATTERY,
        battery.key,
        body,
        name=text(body, "Name") or battery.last,
        attributes={
            "capacity_watt_hours": number(body, "CapacityRatedWattHours"),
            "capacity_amp_hours": number(body, "CapacityRatedAmpHours"),
            "hot_pluggable": boolean(body, "HotPluggable"),
        },
    )
