"""Cooling: fans, pumps, coolant connectors, reservoirs, filters, leak detectors, loops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from fleetd.domain.device import Component, ComponentKind, Json
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import boolean, entries, is_absent, number, positive, text, texts
from fleetd.services.inventory.normalise_parts import iso_date, part, references
from fleetd.services.inventory.normalise_redundancy import Redundancy, redundancy_of

_CONNECTORS: Final = {
    "CoolantConnectors": None,
    "PrimaryCoolantConnectors": "primary",
    "SecondaryCoolantConnectors": "secondary",
}
_CONNECTED: Final = (
    *("ConnectedChassis", "ConnectedCoolingLoop", "ConnectedCoolingUnit"),
    *("ConnectedHeatExchangerConnector", "ConnectedPumpConnector"),
)


def fans(chassis: Iterable[Resource], documents: Documents) -> Iterator[Component]:
    """The fans, from ThermalSubsystem or the older Thermal."""
    for enclosure in chassis:
        for subsystem in documents.follow(enclosure.body, "ThermalSubsystem"):
            groups = redundancy_of(subsystem.body, "FanRedundancy")
            for fan in documents.follow(subsystem.body, "Fans"):
                yield from _fan(fan.key, fan.body, fan.last, groups.get(fan.path.lower(), {}))
        for older in documents.follow(enclosure.body, "Thermal"):
            groups = redundancy_of(older.body, "Redundancy")
            for index, body in enumerate(entries(older.body, "Fans")):
                place = f"{older.path}#/Fans/{index}".lower()
                yield from _fan(
                    f"{older.key}#/Fans/{index}", body, f"fan {index}", groups.get(place, {})
                )


def _fan(
    key: str, body: Mapping[str, Json], fallback: str, redundancy: Mapping[str, Json]
) -> Iterator[Component]:
    if is_absent(body):
        return
    in_rpm = text(body, "ReadingUnits") == "RPM"
    yield part(
        ComponentKind.FAN,
        key,
        body,
        name=text(body, "Name", "FanName", "MemberId") or fallback,
        attributes={
            "speed_rpm": positive(body, "MaxReadingRange") if in_rpm else None,
            "physical_context": text(body, "PhysicalContext"),
            "hot_pluggable": boolean(body, "HotPluggable"),
            **redundancy,
        },
    )


def liquid_cooling(
    holders: Iterable[Resource], chassis: Iterable[Resource], documents: Documents
) -> Iterator[Component]:
    """What cools with liquid: of cooling units and loops, and of chassis' ThermalSubsystem."""
    subsystems = [
        subsystem
        for enclosure in chassis
        for subsystem in documents.follow(enclosure.body, "ThermalSubsystem")
    ]
    for holder in (*holders, *subsystems):
        yield from _pumps(holder, documents)
        yield from _connectors(holder, documents)
        for reservoir in _present(documents.follow(holder.body, "Reservoirs")):
            yield _reservoir(reservoir)
        for item in _present(documents.follow(holder.body, "Filters")):
            yield _filter(item)
        for detection in documents.follow(holder.body, "LeakDetection"):
            for detector in _present(documents.follow(detection.body, "LeakDetectors")):
                yield _leak_detector(detector)


def cooling_loops(loops: Iterable[Resource]) -> Iterator[Component]:
    """The loops that carry coolant to what is cooled (DSP0268 'CoolingLoop')."""
    for loop in _present(loops):
        body = loop.body
        yield part(
            ComponentKind.COOLING_LOOP,
            loop.key,
            body,
            name=_name(loop),
            attributes={
                "coolant": _coolant(body),
                "rated_flow_l_min": number(body, "RatedFlowLitersPerMinute"),
                "consumers": texts(body, "ConsumingEquipmentNames"),
            },
        )


def _present(resources: Iterable[Resource]) -> Iterator[Resource]:
    return (item for item in resources if not is_absent(item.body))


def _name(item: Resource) -> str:
    return text(item.body, "UserLabel", "Name") or item.last


def _coolant(body: Mapping[str, Json]) -> str | None:
    """CoolantType; the first release of the schemas had it beside, not below, Coolant."""
    return text(body, "Coolant/CoolantType", "CoolantType")


def _pumps(holder: Resource, documents: Documents) -> Iterator[Component]:
    groups: Redundancy = redundancy_of(holder.body, "PumpRedundancy")
    for pump in _present(documents.follow(holder.body, "Pumps")):
        body = pump.body
        yield part(
            ComponentKind.PUMP,
            pump.key,
            body,
            name=_name(pump),
            attributes={
                "pump_type": text(body, "PumpType"),
                "physical_context": text(body, "PhysicalContext"),
                **groups.get(pump.path.lower(), {}),
            },
        )


def _connectors(holder: Resource, documents: Documents) -> Iterator[Component]:
    for place, circuit in _CONNECTORS.items():
        for connector in _present(documents.follow(holder.body, place)):
            body = connector.body
            yield part(
                ComponentKind.COOLANT_CONNECTOR,
                connector.key,
                body,
                name=_name(connector),
                attributes={
                    "circuit": circuit,
                    "connector_type": text(body, "CoolantConnectorType"),
                    "coolant": _coolant(body),
                    "rated_flow_l_min": number(body, "RatedFlowLitersPerMinute"),
                    "connected_to": references(body, _CONNECTED),
                },
            )


def _reservoir(reservoir: Resource) -> Component:
    body = reservoir.body
    return part(
        ComponentKind.RESERVOIR,
        reservoir.key,
        body,
        name=_name(reservoir),
        attributes={
            "reservoir_type": text(body, "ReservoirType"),
            "capacity_litres": number(body, "CapacityLiters"),
            "coolant": _coolant(body),
            "level_status": text(body, "FluidLevelStatus"),
        },
    )


def _filter(item: Resource) -> Component:
    body = item.body
    return part(
        ComponentKind.FILTER,
        item.key,
        body,
        name=_name(item),
        attributes={
            "rated_service_hours": number(body, "RatedServiceHours"),
            "serviced": iso_date(text(body, "ServicedDate")),
        },
    )


def _leak_detector(detector: Resource) -> Component:
    body = detector.body
    return part(
        ComponentKind.LEAK_DETECTOR,
        detector.key,
        body,
        name=_name(detector),
        attributes={
            "detector_type": text(body, "LeakDetectorType"),
            "state": text(body, "DetectorState"),
            "physical_context": text(body, "PhysicalContext"),
        },
    )
