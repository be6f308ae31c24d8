"""fleetd's metrics in a registry of their own; names follow prometheus.io's conventions.

Labels come from closed sets (driver, method, error code, state), never from device ids, so the
number of series does not grow with the fleet.
"""

from __future__ import annotations

import asyncio
import platform
import time
from collections.abc import Awaitable, Callable, Collection
from enum import StrEnum
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.exposition import choose_encoder
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

from fleetd.domain.discovery import ProbeOutcome, RunState
from fleetd.domain.errors import DeviceError, FleetError
from fleetd.telemetry.fleet import FleetCollector, FleetSnapshot

SNAPSHOT_AGE_S: Final = 10.0
"""Scrapes closer together than this share one look at the store."""
SNAPSHOT_TIMEOUT_S: Final = 5.0
"""Prometheus gives up after 10 s by default; an old snapshot is better than no scrape."""
OTHER: Final = "other"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"})
_LATENCY_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_SWEEP_S: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
_LAG_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)

_log = structlog.get_logger(__name__)


class Sweep(StrEnum):
    """What goes over the whole fleet again and again."""

    DISCOVERY = "discovery"
    INVENTORY = "inventory"
    POLL = "poll"
    ENROLLMENT = "enrollment"


class RequestMetrics:
    """Counts and times Redfish requests; fulfils the Redfish client's observer."""

    def __init__(self, registry: CollectorRegistry, drivers: Collection[str]) -> None:
        self._drivers = frozenset(drivers)
        self._codes = error_codes(DeviceError)
        self._total = Counter(
            "fleetd_redfish_requests",
            "Requests to BMCs, however they ended.",
            ("driver", "method"),
            registry=registry,
        )
        self._errors = Counter(
            "fleetd_redfish_request_errors",
            "Requests to BMCs that failed, by the code of the error.",
            ("driver", "code"),
            registry=registry,
        )
        self._seconds = Histogram(
            "fleetd_redfish_request_duration_seconds",
            "Time from sending a request to a BMC until its whole answer or its failure.",
            ("driver",),
            buckets=_LATENCY_S,
            registry=registry,
        )
        # labels() checks and locks on each call; at thousands of requests a second that shows.
        self._resolved: dict[tuple[str, str, str], tuple[Counter, Counter | None, Histogram]] = {}

    def observe(self, driver: str, method: str, outcome: str, seconds: float) -> None:
        """Note how a request ended: ``outcome`` is ``ok`` or the code of the error."""
        found = self._resolved.get((driver, method, outcome))
        if found is None:
            found = self._resolve(driver, method, outcome)
        total, errors, histogram = found
        total.inc()
        if errors is not None:
            errors.inc()
        histogram.observe(seconds)

    def _resolve(
        self, driver: str, method: str, outcome: str
    ) -> tuple[Counter, Counter | None, Histogram]:
        name = driver if driver in self._drivers else OTHER
        code = outcome if outcome in self._codes else OTHER
        found = (
            self._total.labels(name, method if method in _METHODS else OTHER),
            None if outcome == "ok" else self._errors.labels(name, code),
            self._seconds.labels(name),
        )
        if driver in self._drivers and method in _METHODS and outcome in self._codes | {"ok"}:
            self._resolved[driver, method, outcome] = found  # bounded, as all three sets are
        return found


class SweepMetrics:
    """When each kind of sweep last ended and how long it took; fulfils the sweeper's observer."""

    def __init__(self, registry: CollectorRegistry, drivers: Collection[str]) -> None:
        self._drivers = frozenset(drivers)
        self._outcomes = error_codes(FleetError) | {"ok", "partial"}
        self._finished: dict[Sweep, float] = {}
        self._timestamp = Gauge(
            "fleetd_sweep_last_finished_timestamp_seconds",
            "When a sweep of this kind last ended, in seconds since 1970.",
            ("sweep",),
            registry=registry,
        )
        self._age = Gauge(
            "fleetd_sweep_age_seconds",
            "Time since a sweep of this kind last ended.",
            ("sweep",),
            registry=registry,
        )
        self._duration = Gauge(
            "fleetd_sweep_last_duration_seconds",
            "How long the sweep of this kind took that ended last.",
            ("sweep",),
            registry=registry,
        )
        self._endpoint = Histogram(
            "fleetd_endpoint_sweep_duration_seconds",
            "How long the inventory of one endpoint took.",
            ("driver",),
            buckets=_SWEEP_S,
            registry=registry,
        )
        self._sweeps = Counter(
            "fleetd_endpoint_sweeps",
            "Inventories of one endpoint: ok, partial, or the code of the error.",
            ("driver", "outcome"),
            registry=registry,
        )

    def swept(self, *, driver: str, outcome: str, seconds: float) -> None:
        """Note that one endpoint's inventory ended: ``ok``, ``partial`` or an error's code."""
        name = driver if driver in self._drivers else OTHER
        self._sweeps.labels(name, outcome if outcome in self._outcomes else OTHER).inc()
        self._endpoint.labels(name).observe(seconds)
        self.finished(Sweep.INVENTORY, seconds=seconds)

    def polled(self, seconds: float) -> None:
        """Note that one endpoint's power and health were read."""
        self.finished(Sweep.POLL, seconds=seconds)

    def finished(self, sweep: Sweep, *, seconds: float) -> None:
        """Note that a sweep ended just now."""
        self._finished[sweep] = time.time()
        self._timestamp.labels(sweep).set(self._finished[sweep])
        self._duration.labels(sweep).set(seconds)
        self._age.labels(sweep).set_function(lambda: max(0.0, time.time() - self._finished[sweep]))


class Metrics:
    """Everything that fleetd counts, and its text for a scrape."""

    def __init__(self, *, version: str, drivers: Collection[str] = ()) -> None:
        """Make the registry.

        Args:
            version: Of fleetd.
            drivers: Names of the installed drivers; a request under another name counts as other.
        """
        self.registry = CollectorRegistry()
        self.requests = RequestMetrics(self.registry, drivers)
        self.sweeps = SweepMetrics(self.registry, drivers)
        self.loop_lag = Histogram(
            "fleetd_event_loop_lag_seconds",
            "How late the event loop woke a task that asked for a moment.",
            buckets=_LAG_S,
            registry=self.registry,
        )
        self.loop_lag_max = Gauge(
            "fleetd_event_loop_lag_max_seconds",
            "The greatest event-loop lag of the last minute.",
            registry=self.registry,
        )
        self._probes = Counter(
            "fleetd_discovery_probes",
            "Addresses that discovery looked at, by what they turned out to be.",
            ("outcome",),
            registry=self.registry,
        )
        self._runs = Counter(
            "fleetd_discovery_runs",
            "Discoveries that ended, by how.",
            ("state",),
            registry=self.registry,
        )
        self._restarts = Counter(
            "fleetd_task_restarts",
            "Tasks of the daemon that failed and were started again.",
            ("task",),
            registry=self.registry,
        )
        self._reloads = Counter(
            "fleetd_config_reloads",
            "Reloads of the configuration, by whether it was taken or refused.",
            ("outcome",),
            registry=self.registry,
        )
        build = Info("fleetd_build", "The version that runs.", registry=self.registry)
        build.info({"version": version, "python": platform.python_version()})
        self.fleet = FleetCollector()
        self.registry.register(self.fleet)
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._preset()
        self._supply: Callable[[], Awaitable[FleetSnapshot]] | None = None
        self._supplied_at = -SNAPSHOT_AGE_S
        self._supplying = asyncio.Lock()

    def supply_from(self, supply: Callable[[], Awaitable[FleetSnapshot]]) -> None:
        """Ask for the fleet's numbers here, at most once in ``SNAPSHOT_AGE_S``."""
        self._supply = supply

    def probed(self, outcome: ProbeOutcome) -> None:
        """Note what an address turned out to be."""
        self._probes.labels(outcome).inc()

    def discovery_ended(self, state: RunState, seconds: float) -> None:
        """Note that a discovery ended, and after how long."""
        self._runs.labels(state).inc()
        self.sweeps.finished(Sweep.DISCOVERY, seconds=seconds)

    def task_restarted(self, task: str) -> None:
        """Note that a supervised task failed and starts again; task names are our own few."""
        self._restarts.labels(task).inc()

    def reloaded(self, outcome: str) -> None:
        """Note that the configuration was read again, and ``taken`` or ``refused``."""
        self._reloads.labels(outcome).inc()

    async def render(self, accept: str = "") -> tuple[bytes, str]:
        """All metrics as text, and its content type: OpenMetrics where ``accept`` asks for it."""
        await self._refresh()
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type

    async def _refresh(self) -> None:
        async with self._supplying:
            if self._supply is None or time.monotonic() - self._supplied_at < SNAPSHOT_AGE_S:
                return
            try:
                async with asyncio.timeout(SNAPSHOT_TIMEOUT_S):
                    self.fleet.snapshot = await self._supply()
            except (FleetError, TimeoutError):
                # The store is busy or gone: the last numbers and our own counters still help.
                _log.warning("fleet_snapshot_failed", exc_info=True)
            self._supplied_at = time.monotonic()

    def _preset(self) -> None:
        """Show counters of closed sets from the start, so that rates see the first increment."""
        for probed in ProbeOutcome:
            self._probes.labels(probed)
        for state in RunState:
            if state is not RunState.RUNNING:
                self._runs.labels(state)
        for outcome in ("taken", "refused"):
            self._reloads.labels(outcome)


def error_codes(root: type[FleetError]) -> frozenset[str]:
    """The codes of an error class and of all below it."""
    return frozenset({root.code}).union(*(error_codes(below) for below in root.__subclasses__()))
