"""Every metric with its type, labels and meaning, as docs/metrics.md; made from a live registry."""

from __future__ import annotations

from prometheus_client.core import Metric

from fleetd.domain.device import DeviceKind, Health, PowerState
from fleetd.domain.lifecycle import State
from fleetd.domain.ports import FleetCount
from fleetd.telemetry.fleet import FleetSnapshot
from fleetd.telemetry.metrics import Metrics, Sweep

_HEAD = """\
# Metrics

Made from the code; a test keeps it so. `GET /metrics` answers in Prometheus' text format, or in
OpenMetrics where the Accept header asks for it. Labels come from closed sets, never from device or
endpoint ids, so the number of series does not grow with the fleet. Counters also have a `_created`
series with the time since which they count.

| metric | type | labels | meaning |
| --- | --- | --- | --- |
"""


def render_markdown() -> str:
    """The whole of docs/metrics.md."""
    families = sorted(_witness().registry.collect(), key=_name)
    return _HEAD + "".join(_row(family) for family in families)


def _witness() -> Metrics:
    """Metrics in which everything was seen once, so that every label shows."""
    metrics = Metrics(version="0", drivers=("generic",))
    metrics.requests.observe("generic", "GET", "busy", 0.1)
    metrics.sweeps.swept(driver="generic", outcome="ok", seconds=1.0)
    metrics.sweeps.finished(Sweep.POLL, seconds=1.0)
    metrics.task_restarted("poll")
    count = FleetCount(
        kind=DeviceKind.SERVER,
        vendor="Contoso",
        state=State.READY,
        health=Health.OK,
        power_state=PowerState.ON,
        devices=1,
    )
    metrics.fleet.snapshot = FleetSnapshot(counts=(count,))
    return metrics


def _name(family: Metric) -> str:
    suffix = {"counter": "_total", "info": "_info"}.get(family.type, "")
    return family.name + suffix


def _row(family: Metric) -> str:
    labels = {label for sample in family.samples for label in sample.labels} - {"le"}
    listed = ", ".join(f"`{label}`" for label in sorted(labels))
    return f"| `{_name(family)}` | {family.type} | {listed} | {family.documentation} |\n"
