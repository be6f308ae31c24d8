"""What a device measures: temperatures, speeds, voltages, power, energy, leaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from fleetd.domain.device import Health, Json
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import entries, health, is_absent, number, text
from fleetd.driverkit.plan import Follow


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One reading: ``key`` is lasting within its endpoint, ``units`` are UCUM's (DSP0268 'Sensor').

    ``reading_type`` is Redfish's: Temperature, Rotational, Percent, Voltage, Current, Power, ...
    """

    key: str
    name: str
    reading: float
    reading_type: str | None = None
    units: str | None = None
    context: str | None = None
    health: Health = Health.UNKNOWN


@dataclass(frozen=True, slots=True)
class _Legacy:
    """An array of readings in Thermal or Power, which came before Sensor."""

    place: str
    reading: tuple[str, ...]
    reading_type: str
    units: str


_LEGACY: Final = (
    _Legacy("Temperatures", ("ReadingCelsius",), "Temperature", "Cel"),
    _Legacy("Voltages", ("ReadingVolts",), "Voltage", "V"),
    _Legacy("PowerControl", ("PowerConsumedWatts",), "Power", "W"),
)


class Sensors(Behaviour):
    """Sensor resources, or the older Thermal and Power where there are none (DSP0268)."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "Chassis": (
            Follow("Sensors", "Sensor"),
            Follow("Thermal", "Thermal"),
            Follow("Power", "Power"),
        ),
        "PowerDistribution": (Follow("Sensors", "Sensor"),),
    }

    def measurements(self, documents: Documents) -> Iterator[Measurement]:
        """Every reading that is a number now; a sensor that is absent or silent gives none."""
        sensors = documents.of_kind("Sensor")
        for sensor in sensors:
            reading = number(sensor.body, "Reading")
            if reading is not None and not is_absent(sensor.body):
                yield Measurement(
                    key=sensor.key,
                    name=text(sensor.body, "Name") or sensor.last,
                    reading=reading,
                    reading_type=text(sensor.body, "ReadingType"),
                    units=text(sensor.body, "ReadingUnits"),
                    context=text(sensor.body, "PhysicalContext"),
                    health=health(sensor.body),
                )
        if not sensors:
            yield from self.legacy(documents)

    def legacy(self, documents: Documents) -> Iterator[Measurement]:
        """The readings of Thermal and Power."""
        for holder in documents.of_kind("Thermal", "Power"):
            for kind in _LEGACY:
                yield from _listed(holder, kind)
            for index, fan in enumerate(entries(holder.body, "Fans")):
                percent = text(fan, "ReadingUnits") == "Percent"
                kind = _Legacy(
                    "Fans",
                    ("Reading", "ReadingRPM"),
                    "Percent" if percent else "Rotational",
                    "%" if percent else "{rev}/min",
                )
                yield from _measured(holder, kind, index, fan)


def _listed(holder: Resource, kind: _Legacy) -> Iterator[Measurement]:
    for index, body in enumerate(entries(holder.body, kind.place)):
        yield from _measured(holder, kind, index, body)


def _measured(
    holder: Resource, kind: _Legacy, index: int, body: Mapping[str, Json]
) -> Iterator[Measurement]:
    reading = number(body, *kind.reading)
    if reading is None or is_absent(body):
        return
    yield Measurement(
        key=f"{holder.key}#/{kind.place}/{text(body, 'MemberId') or index}",
        name=text(body, "Name", "FanName") or f"{kind.place} {index}",
        reading=reading,
        reading_type=kind.reading_type,
        units=kind.units,
        context=text(body, "PhysicalContext"),
        health=health(body),
    )
