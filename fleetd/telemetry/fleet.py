"""The fleet in numbers: a snapshot of the store, and the metrics that are made from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from fleetd.domain.device import DeviceKind, Health, PowerState
from fleetd.domain.endpoint import Reach
from fleetd.domain.enrollment import Standing
from fleetd.domain.lifecycle import State
from fleetd.domain.ports import FleetCount

MAX_VENDORS: Final = 50
"""Vendor is free text of BMCs; the rarest beyond this many are counted as ``other``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSnapshot:
    """What the store and the Redfish client hold at one moment."""

    counts: tuple[FleetCount, ...] = ()
    endpoints: Mapping[Reach, int] = field(default_factory=dict)
    enrollments: Mapping[Standing, int] = field(default_factory=dict)
    sessions_open: int = 0
    breakers_open: int = 0


class FleetCollector(Collector):
    """Makes the fleet's gauges of the latest snapshot, whenever they are scraped."""

    def __init__(self) -> None:
        self.snapshot = FleetSnapshot()

    def collect(self) -> Iterator[Metric]:
        """The gauges; closed label values are there also where they count nothing."""
        snapshot = self.snapshot
        yield _devices(snapshot.counts)
        yield _closed(
            "fleetd_devices_health",
            "Devices by kind and by the health that Redfish reports.",
            "health",
            Health,
            ((count.kind, count.health, count.devices) for count in snapshot.counts),
        )
        yield _closed(
            "fleetd_devices_power",
            "Devices by kind and power state.",
            "power_state",
            PowerState,
            ((count.kind, count.power_state, count.devices) for count in snapshot.counts),
        )
        yield _simple(
            "fleetd_endpoints",
            "Endpoints by how the last attempt to talk to them ended; reach=up answers.",
            ("reach", {reach: snapshot.endpoints.get(reach, 0) for reach in Reach}),
        )
        yield _simple(
            "fleetd_enrollments",
            "Servers by their standing in Ironic.",
            ("standing", {one: snapshot.enrollments.get(one, 0) for one in Standing}),
        )
        yield GaugeMetricFamily(
            "fleetd_redfish_sessions_open",
            "Redfish sessions that fleetd holds at BMCs.",
            value=snapshot.sessions_open,
        )
        yield GaugeMetricFamily(
            "fleetd_redfish_breakers_open",
            "Endpoints left alone after repeated failures.",
            value=snapshot.breakers_open,
        )


def _devices(counts: tuple[FleetCount, ...]) -> Metric:
    vendors: Counter[str] = Counter()
    for count in counts:
        vendors[count.vendor] += count.devices
    named = {vendor for vendor, _ in vendors.most_common(MAX_VENDORS)}
    devices: Counter[tuple[DeviceKind, str, State]] = Counter()
    for count in counts:
        vendor = count.vendor if count.vendor in named else "other"
        devices[count.kind, vendor, count.state] += count.devices
    family = GaugeMetricFamily(
        "fleetd_devices",
        "Devices by kind, vendor and state of life.",
        labels=("kind", "vendor", "state"),
    )
    for labels, number in sorted(devices.items()):
        family.add_metric(labels, number)
    return family


def _closed(
    name: str,
    documentation: str,
    label: str,
    values: Iterable[str],
    counts: Iterable[tuple[DeviceKind, str, int]],
) -> Metric:
    family = GaugeMetricFamily(name, documentation, labels=("kind", label))
    numbers: Counter[tuple[str, str]] = Counter()
    for kind, value, devices in counts:
        numbers[kind, value] += devices
    for present in sorted({kind for kind, _ in numbers}):
        for value in values:
            family.add_metric((present, value), numbers[present, value])
    return family


def _simple(name: str, documentation: str, values: tuple[str, Mapping[str, int]]) -> Metric:
    label, numbers = values
    family = GaugeMetricFamily(name, documentation, labels=(label,))
    for value, number in numbers.items():
        family.add_metric((value,), number)
    return family
