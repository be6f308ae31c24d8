"""What an outlet, a circuit or a PDU measures now.

Readings change at every look, so they are no part of an inventory, whose differences are history.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from fleetd.domain.device import Json
from fleetd.driverkit.behaviours.sensors import Measurement
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import entries, number, text, value


@dataclass(frozen=True, slots=True)
class _Quantity:
    """One quantity: where it stands (the standard's name first, then drafts'), and its unit.

    ``phases`` are the places that hold one excerpt for each phase.
    """

    places: tuple[str, ...]
    phases: tuple[str, ...]
    reading_type: str
    units: str


_QUANTITIES: Final = (
    _Quantity(
        ("Voltage", "VoltageSensor"),
        ("PolyPhaseVoltage", "PolyPhaseVoltageSensors", "PolyPhaseVoltages"),
        "Voltage",
        "V",
    ),
    _Quantity(
        ("CurrentAmps", "CurrentSensor", "Current"),
        ("PolyPhaseCurrentAmps", "PolyPhaseCurrentSensors", "PolyPhaseCurrents"),
        "Current",
        "A",
    ),
    _Quantity(
        ("PowerWatts", "PowerSensor", "PowerReading"),
        ("PolyPhasePowerWatts", "PolyPhasePowerSensors", "PolyPhasePowerReadings"),
        "Power",
        "W",
    ),
    _Quantity(
        ("EnergykWh", "EnergySensor", "Energy", "EnergyReading"),
        ("PolyPhaseEnergykWh", "PolyPhaseEnergySensors", "EnergyReadings"),
        "EnergykWh",
        "kW.h",
    ),
    _Quantity(("FrequencyHz", "FrequencySensor", "Frequency"), (), "Frequency", "Hz"),
    _Quantity(("PowerLoadPercent",), (), "Percent", "%"),
)
# What an excerpt of power says beside its reading (DSP0268 'Sensor', SensorPowerExcerpt).
_BESIDE_POWER: Final = (
    ("ApparentVA", "V.A"),
    ("ReactiveVAR", "var"),
    ("PowerFactor", "1"),
)


def readings(resource: Resource) -> Iterator[Measurement]:
    """The metering of an Outlet, OutletGroup, Circuit, PowerDistribution or its Metrics.

    Units are UCUM's; a draft of the standard that names others is taken at its word.
    """
    for quantity in _QUANTITIES:
        yield from _whole(resource, quantity)
        yield from _by_phase(resource, quantity)


def _whole(resource: Resource, quantity: _Quantity) -> Iterator[Measurement]:
    for place in quantity.places:
        found = list(_measured(resource, quantity, place, value(resource.body, place)))
        if found:
            yield from found
            return


def _by_phase(resource: Resource, quantity: _Quantity) -> Iterator[Measurement]:
    for place in quantity.phases:
        for phases in entries(resource.body, place):
            for phase, excerpt in phases.items():
                yield from _measured(resource, quantity, f"{place}/{phase}", excerpt, phase)


def _measured(
    resource: Resource,
    quantity: _Quantity,
    place: str,
    excerpt: Json,
    phase: str | None = None,
) -> Iterator[Measurement]:
    reading = number(excerpt, "Reading")
    if reading is None:
        return
    key = f"{resource.key}#/{place}"
    name = text(excerpt, "Name") or f"{_title(resource)} {place}"
    yield Measurement(
        key=key,
        name=name,
        reading=reading,
        reading_type=quantity.reading_type,
        units=text(excerpt, "ReadingUnits") or quantity.units,
        context=phase,
    )
    if quantity.reading_type == "Power":
        yield from _beside_power(excerpt, key, name, phase)


def _beside_power(
    excerpt: Mapping[str, Json], key: str, name: str, phase: str | None
) -> Iterator[Measurement]:
    for part, units in _BESIDE_POWER:
        reading = number(excerpt, part)
        if reading is not None:
            yield Measurement(
                key=f"{key}/{part}",
                name=f"{name} {part}",
                reading=reading,
                units=units,
                context=phase,
            )


def _title(resource: Resource) -> str:
    return text(resource.body, "UserLabel", "Name") or resource.last
