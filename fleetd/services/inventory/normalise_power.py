"""Power and cooling: supplies and fans, and what a PDU is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fleetd.domain.device import Component, ComponentKind, Json
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import (
    boolean,
    entries,
    is_absent,
    number,
    positive,
    text,
)
from fleetd.services.inventory.normalise_parts import part


def power_supplies(chassis: Iterable[Resource], documents: Documents) -> Iterator[Component]:
    """The filled bays, from PowerSubsystem or the older Power."""
    for enclosure in chassis:
        for subsystem in documents.follow(enclosure.body, "PowerSubsystem"):
            for supply in documents.follow(subsystem.body, "PowerSupplies"):
                yield from _supply(supply.key, supply.body, supply.last)
        for older in documents.follow(enclosure.body, "Power"):
            for index, body in enumerate(entries(older.body, "PowerSupplies")):
                yield from _supply(f"{older.key}#/PowerSupplies/{index}", body, f"PSU {index}")


def supplies_of(unit: Resource, documents: Documents) -> Iterator[Component]:
    """The power supplies of a power shelf."""
    for supply in documents.follow(unit.body, "PowerSupplies"):
        yield from _supply(supply.key, supply.body, supply.last)


def _supply(key: str, body: Mapping[str, Json], fallback: str) -> Iterator[Component]:
    says_nothing = (
        text(body, "Model", "SerialNumber", "PartNumber", "Manufacturer") is None
        and positive(body, "PowerCapacityWatts") is None
    )
    if is_absent(body) or says_nothing:
        return
    yield part(
        ComponentKind.PSU,
        key,
        body,
        name=text(body, "Name", "MemberId") or fallback,
        attributes={
            "capacity_watts": positive(body, "PowerCapacityWatts"),
            "input_type": _input_type(body),
            "outlet": _outlet(body),
        },
    )


def _input_type(body: Mapping[str, Json]) -> str | None:
    written = text(body, "PowerSupplyType", "LineInputVoltageType", "InputNominalVoltageType")
    upper = (written or "").upper()
    return next((kind for kind in ("AC", "DC") if upper.startswith(kind)), None)


def _outlet(body: Mapping[str, Json]) -> str | None:
    """The outlet is often at another service, so its reference is kept as it's written."""
    single = text(body, "Links/Outlet/@odata.id")
    several = entries(body, "Links/PowerOutlets")
    return single or next((found for item in several if (found := text(item, "@odata.id"))), None)


def fans(chassis: Iterable[Resource], documents: Documents) -> Iterator[Component]:
    """The fans, from ThermalSubsystem or the older Thermal."""
    for enclosure in chassis:
        for subsystem in documents.follow(enclosure.body, "ThermalSubsystem"):
            for fan in documents.follow(subsystem.body, "Fans"):
                yield from _fan(fan.key, fan.body, fan.last)
        for older in documents.follow(enclosure.body, "Thermal"):
            for index, body in enumerate(entries(older.body, "Fans")):
                yield from _fan(f"{older.key}#/Fans/{index}", body, f"fan {index}")


def _fan(key: str, body: Mapping[str, Json], fallback: str) -> Iterator[Component]:
    if is_absent(body):
        return
    in_rpm = text(body, "ReadingUnits") == "RPM"
    yield part(
        ComponentKind.FAN,
        key,
        body,
        name=text(body, "Name", "FanName", "MemberId") or fallback,
        attributes={"speed_rpm": positive(body, "MaxReadingRange") if in_rpm else None},
    )


def distribution(unit: Resource, documents: Documents) -> Iterator[Component]:
    """What a PDU is made of: mains and branches, outlets and their groups."""
    for place in ("Mains", "Branches", "Feeders", "Subfeeds"):
        for circuit in documents.follow(unit.body, place):
            if not is_absent(circuit.body):
                yield _circuit(circuit)
    for outlet in documents.follow(unit.body, "Outlets"):
        if not is_absent(outlet.body):
            yield _outlet_part(outlet)
    for group in documents.follow(unit.body, "OutletGroups"):
        yield part(
            ComponentKind.OUTLET_GROUP,
            group.key,
            group.body,
            name=text(group.body, "Name") or group.last,
            attributes={
                "outlets": [
                    outlet.key
                    for outlet in documents.follow(group.body, "Outlets", "Links/Outlets")
                ],
                "power_state": text(group.body, "PowerState"),
            },
        )


def _circuit(circuit: Resource) -> Component:
    body = circuit.body
    return part(
        ComponentKind.CIRCUIT,
        circuit.key,
        body,
        name=text(body, "Name", "UserLabel") or circuit.last,
        attributes={
            "circuit_type": text(body, "CircuitType"),
            "rated_current_amps": number(body, "RatedCurrentAmps"),
            "nominal_voltage": text(body, "NominalVoltage"),
            "phase": text(body, "PhaseWiringType"),
        },
    )


def _outlet_part(outlet: Resource) -> Component:
    body = outlet.body
    feeds = [
        found
        for place in ("Links/PowerSupplies", "Links/Chassis", "Links/DistributionCircuits")
        for item in entries(body, place)
        if (found := text(item, "@odata.id"))
    ]
    return part(
        ComponentKind.OUTLET,
        outlet.key,
        body,
        name=text(body, "UserLabel", "Name") or outlet.last,
        attributes={
            "power_state": text(body, "PowerState"),
            "rated_current_amps": number(body, "RatedCurrentAmps"),
            "nominal_voltage": text(body, "NominalVoltage"),
            "outlet_type": text(body, "OutletType"),
            "power_control_locked": boolean(body, "PowerControlLocked"),
            "feeds": feeds,
        },
    )
