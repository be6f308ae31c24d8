"""What a PDU, a transfer switch or a power shelf is made of: circuits, outlets, their groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from fleetd.domain.device import Component, ComponentKind, Json
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import boolean, is_absent, label, number, text, value
from fleetd.services.inventory.normalise_parts import part, references

_CIRCUITS: Final = ("Mains", "Branches", "Feeders", "Subfeeds")
_FED_BY_OUTLET: Final = ("PowerSupplies", "Chassis", "DistributionCircuits")
_FED_BY_CIRCUIT: Final = ("DistributionCircuits", "PowerDistribution")


def distribution(unit: Resource, documents: Documents) -> Iterator[Component]:
    """Mains and branches, outlets and their groups (DSP0268 'PowerDistribution')."""
    for place in _CIRCUITS:
        for circuit in documents.follow(unit.body, place):
            if not is_absent(circuit.body):
                yield _circuit(circuit, unit.body if place == "Mains" else {})
    for outlet in documents.follow(unit.body, "Outlets"):
        if not is_absent(outlet.body):
            yield _outlet(outlet, documents)
    for group in documents.follow(unit.body, "OutletGroups"):
        if not is_absent(group.body):
            yield _group(group, documents)


def _circuit(circuit: Resource, transfers: Mapping[str, Json]) -> Component:
    """A circuit; ``transfers`` is the transfer switch that chooses among its mains."""
    body = circuit.body
    return part(
        ComponentKind.CIRCUIT,
        circuit.key,
        body,
        name=text(body, "Name", "UserLabel") or circuit.last,
        attributes={
            "circuit_type": text(body, "CircuitType"),
            "rated_current_amps": number(body, "RatedCurrentAmps"),
            "nominal_voltage": _voltage(body),
            "phase": text(body, "PhaseWiringType"),
            "breaker_state": text(body, "BreakerState"),
            "critical": boolean(body, "CriticalCircuit"),
            "plug_type": text(body, "PlugType"),
            "active": _is_named(circuit, transfers, "ActiveMainsId"),
            "preferred": _is_named(circuit, transfers, "PreferredMainsId"),
            "feeds": references(body, _FED_BY_CIRCUIT),
        },
    )


def _is_named(circuit: Resource, transfers: Mapping[str, Json], name: str) -> bool | None:
    chosen = label(transfers, f"TransferConfiguration/{name}")
    return None if chosen is None else chosen in {circuit.last, label(circuit.body, "Id")}


def _voltage(body: Mapping[str, Json]) -> str | None:
    """NominalVoltage; drafts of the schema had a plain number of volts, with VoltageType beside."""
    written = value(body, "NominalVoltage")
    if isinstance(written, (int, float)) and not isinstance(written, bool):
        return f"{text(body, 'VoltageType') or ''}{written:g}V" if written > 0 else None
    return text(body, "NominalVoltage")


def _outlet(outlet: Resource, documents: Documents) -> Component:
    body = outlet.body
    branch = next(documents.follow(body, "Links/BranchCircuit"), None)
    return part(
        ComponentKind.OUTLET,
        outlet.key,
        body,
        name=text(body, "UserLabel", "Name") or outlet.last,
        attributes={
            "power_state": text(body, "PowerState"),
            "rated_current_amps": number(body, "RatedCurrentAmps"),
            "nominal_voltage": _voltage(body),
            "outlet_type": text(body, "OutletType"),
            "phase": text(body, "PhaseWiringType"),
            "power_control_locked": boolean(body, "PowerControlLocked"),
            "circuit": branch.key if branch else None,
            "feeds": references(body, _FED_BY_OUTLET),
        },
    )


def _group(group: Resource, documents: Documents) -> Component:
    body = group.body
    return part(
        ComponentKind.OUTLET_GROUP,
        group.key,
        body,
        name=text(body, "Name") or group.last,
        attributes={
            "outlets": [
                outlet.key for outlet in documents.follow(body, "Outlets", "Links/Outlets")
            ],
            "power_state": text(body, "PowerState"),
            "power_control_locked": boolean(body, "PowerControlLocked"),
        },
    )
