"""Discovery: probe what is configured or asked for, remember what is Redfish, have it read."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, Protocol

import structlog

from fleetd.config.discovery import DiscoverySection, EndpointEntry
from fleetd.config.redfish import RedfishSection, TlsSection
from fleetd.domain.device import Device, EndpointId
from fleetd.domain.discovery import (
    DiscoveryRun,
    Expected,
    ManifestEntry,
    Probe,
    ProbeOutcome,
    RunState,
    compare_manifest,
)
from fleetd.domain.endpoint import Endpoint, Reach, Source
from fleetd.domain.errors import (
    Conflict,
    DeviceError,
    FleetError,
    InvalidInput,
    NotRedfish,
    ShuttingDown,
    Unreachable,
)
from fleetd.domain.ports import Clock, DeviceFilter, DeviceStore, DiscoveryStore, EndpointStore
from fleetd.redfish.client import RedfishClient
from fleetd.services.discovery.credentials import inside
from fleetd.services.discovery.progress import Progress
from fleetd.services.discovery.scan import answers, scan, silent
from fleetd.services.discovery.ssdp import search
from fleetd.services.discovery.targets import (
    Target,
    from_entries,
    from_range,
    parse_target,
    range_size,
)

_RUNS_AT_ONCE: Final = 4
_REPORT_EVERY: Final = 64
_PAGE: Final = 500
_log = structlog.get_logger(__name__)


def endpoint_id(address: str) -> EndpointId:
    """An address always gets the same id, so that it is never remembered twice."""
    return EndpointId(str(uuid.uuid5(uuid.NAMESPACE_URL, address)))


def trust_for(address: str, discovery: DiscoverySection, redfish: RedfishSection) -> TlsSection:
    """The trust that holds for an address: the first override with its network, or the default."""
    return next(
        (entry for entry in discovery.tls_overrides if inside(address, entry.cidr)), redfish.tls
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What the configuration says now, read anew at each discovery, so that a reload counts."""

    discovery: DiscoverySection
    redfish: RedfishSection
    site: str
    entries: tuple[EndpointEntry, ...]
    manifest: tuple[Expected, ...]


class DiscoveryObserver(Protocol):
    """Counts discoveries for the metrics."""

    def probed(self, outcome: ProbeOutcome) -> None:
        """An address was looked at."""
        ...

    def discovery_ended(self, state: RunState, seconds: float) -> None:
        """A discovery ended, after so long."""
        ...


class Discovery:
    """The use cases of discovery; ``ready`` is set while ``run`` takes and owns discoveries."""

    def __init__(
        self,
        *,
        client: RedfishClient,
        endpoints: EndpointStore,
        devices: DeviceStore,
        runs: DiscoveryStore,
        clock: Clock,
        sources: Callable[[], Awaitable[Sources]],
        read_soon: Callable[[EndpointId], Awaitable[object]],
        observer: DiscoveryObserver,
    ) -> None:
        self._client = client
        self._endpoints = endpoints
        self._devices = devices
        self._runs = runs
        self._clock = clock
        self._sources = sources
        self._read_soon = read_soon
        self._observer = observer
        self.progress = Progress(runs)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._group: asyncio.TaskGroup | None = None
        self.ready = asyncio.Event()

    async def run(self) -> None:
        """Own the discoveries that are started, until cancelled."""
        await self._close_interrupted()
        try:
            async with asyncio.TaskGroup() as self._group:
                self.ready.set()
                await asyncio.get_running_loop().create_future()
        finally:
            self.ready.clear()
            self._group = None

    async def start(
        self,
        *,
        targets: Sequence[str] = (),
        credential: str | None = None,
        site: str | None = None,
        trigger: str = "api",
    ) -> DiscoveryRun:
        """Start a discovery of these addresses and networks; of all that is configured if none.

        Raises:
            InvalidInput: A target is neither address nor network, or is too large.
            Conflict: As many discoveries run as may.
            ShuttingDown: The daemon takes no new work.
        """
        if self._group is None:
            raise ShuttingDown("fleetd isn't running its discoveries now")
        if len(self._tasks) >= _RUNS_AT_ONCE:
            raise Conflict(f"{_RUNS_AT_ONCE} discoveries are running; wait for one to end")
        sources = await self._sources()
        if credential is not None and credential not in {
            entry.name for entry in sources.discovery.credentials
        }:
            raise InvalidInput(f"no credential is named {credential!r}", pointer="/credential")
        chosen, size = _asked(targets, credential, site) if targets else _configured(sources)
        run = DiscoveryRun(
            id=str(uuid.uuid4()),
            trigger=trigger,
            targets=tuple(targets),
            state=RunState.RUNNING,
            started_at=self._clock.now(),
            addresses=size,
        )
        await self.progress.begin(run)
        task = self._group.create_task(
            self._execute(run, chosen, sources, everything=not targets), name=f"discovery-{run.id}"
        )
        self._tasks[run.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(run.id, None))
        return run

    async def cancel(self, run_id: str) -> DiscoveryRun:
        """Stop a running discovery; one that has ended stays as it is.

        Raises:
            NotFound: No discovery has this id.
        """
        task = self._tasks.get(run_id)
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        return await self.progress.get(run_id)

    def watch(self, run_id: str) -> AsyncIterator[DiscoveryRun]:
        """The run as it is now, then at each change; at the first step NotFound if unknown."""
        return self.progress.watch(run_id)

    async def manifest(self) -> Sequence[ManifestEntry]:
        """Expected against found; empty where there's no manifest."""
        expected = (await self._sources()).manifest
        if not expected:
            return ()
        addresses = {endpoint.id: endpoint.address async for endpoint in self._all_endpoints()}
        devices: list[Device] = []
        marker: str | None = None
        while True:
            page = await self._devices.devices(DeviceFilter(), limit=_PAGE, marker=marker)
            devices.extend(page.items)
            if (marker := page.marker) is None:
                return compare_manifest(expected, tuple(devices), addresses)

    async def _all_endpoints(self) -> AsyncIterator[Endpoint]:
        marker: str | None = None
        while True:
            page = await self._endpoints.endpoints(limit=_PAGE, marker=marker)
            for endpoint in page.items:
                yield endpoint
            if (marker := page.marker) is None:
                return

    async def _close_interrupted(self) -> None:
        """Runs that a dead daemon left as running did not end well, and must not look alive."""
        page = await self._runs.runs(limit=_PAGE)
        for run in page.items:
            if run.state is RunState.RUNNING:
                await self._runs.save_run(
                    replace(
                        run,
                        state=RunState.FAILED,
                        finished_at=self._clock.now(),
                        error="the daemon stopped before it ended",
                    )
                )

    async def _execute(
        self, run: DiscoveryRun, targets: Iterator[Target], sources: Sources, *, everything: bool
    ) -> None:
        try:
            if everything:
                targets = chain(targets, await _announced(sources))
            await self._scan(run, targets, sources)
        except asyncio.CancelledError:
            await self._finish(run, RunState.CANCELLED, None)
            raise
        except FleetError as error:
            await self._finish(run, RunState.FAILED, str(error))
        else:
            await self._finish(run, RunState.SUCCEEDED, None)

    async def _finish(self, run: DiscoveryRun, state: RunState, error: str | None) -> None:
        latest = await self.progress.get(run.id)
        ended = replace(latest, state=state, finished_at=self._clock.now(), error=error)
        await self.progress.update(ended)
        seconds = (self._clock.now() - run.started_at).total_seconds()
        self._observer.discovery_ended(state, seconds)
        _log.info(
            "discovery_ended", run=run.id, state=state, probed=ended.probed, found=ended.found
        )

    async def _scan(self, run: DiscoveryRun, targets: Iterable[Target], sources: Sources) -> None:
        counts: Counter[str] = Counter()
        new = 0

        async def report() -> None:
            await self.progress.update(
                replace(
                    run,
                    probed=counts.total(),
                    found=counts[ProbeOutcome.REDFISH.value],
                    new=new,
                    outcomes=dict(counts),
                )
            )

        async def look(target: Target) -> None:
            nonlocal new
            probe, is_new = await self._look(target, sources)
            new += is_new
            counts[probe.outcome.value] += 1
            self._observer.probed(probe.outcome)
            if probe.outcome is ProbeOutcome.REDFISH or counts.total() % _REPORT_EVERY == 0:
                await report()

        try:
            await scan(targets, look, connections=sources.discovery.connections)
        finally:
            await report()

    async def _look(self, target: Target, sources: Sources) -> tuple[Probe, bool]:
        seconds = sources.discovery.probe_timeout.total_seconds()
        listed = target.source is Source.STATIC  # its silence is an error that somebody wants told
        if not listed and not await answers(target.address, timeout_seconds=seconds):
            return silent(target), False
        known = await self._endpoints.endpoint_at(target.address)
        endpoint = _described(known, target, sources.site)
        try:
            probed = await self._client.probe(
                endpoint.address,
                tls=trust_for(endpoint.address, sources.discovery, sources.redfish),
                fingerprint=endpoint.fingerprint,
                timeout=seconds,
            )
        except DeviceError as error:
            probe = Probe(
                address=target.address,
                outcome=_outcome(error),
                endpoint_id=known.id if known else None,
                message=str(error),
            )
            if known is not None or target.source is Source.STATIC:
                await self._remember_failure(endpoint, error)
            return probe, False
        now = self._clock.now()
        await self._endpoints.save_endpoints(
            [
                replace(
                    endpoint,
                    root=probed.root,
                    fingerprint=endpoint.fingerprint or probed.fingerprint,
                    first_seen=endpoint.first_seen or now,
                )
            ]
        )
        if known is None or known.reach is not Reach.UP:
            await self._read_soon(endpoint.id)
        probe = Probe(address=target.address, outcome=ProbeOutcome.REDFISH, endpoint_id=endpoint.id)
        return probe, known is None

    async def _remember_failure(self, endpoint: Endpoint, error: DeviceError) -> None:
        since = endpoint.error_since if endpoint.error_code == error.code else None
        await self._endpoints.save_endpoints(
            [
                replace(
                    endpoint,
                    reach=Reach.DOWN,
                    error=error.reason,
                    error_code=error.code,
                    error_since=since or self._clock.now(),
                )
            ]
        )


def _described(known: Endpoint | None, target: Target, site: str) -> Endpoint:
    """The endpoint with what the target says of it; what the target leaves out stays."""
    base = known or Endpoint(
        id=endpoint_id(target.address), address=target.address, source=target.source
    )
    return replace(
        base,
        credential=target.credential or base.credential,
        fingerprint=target.fingerprint or base.fingerprint,
        site=target.site or base.site or site,
        labels=target.labels or base.labels,
    )


def _outcome(error: DeviceError) -> ProbeOutcome:
    if isinstance(error, NotRedfish):
        return ProbeOutcome.NOT_REDFISH
    return ProbeOutcome.NO_ANSWER if isinstance(error, Unreachable) else ProbeOutcome.FAILED


def _asked(
    targets: Sequence[str], credential: str | None, site: str | None
) -> tuple[Iterator[Target], int]:
    parsed = []
    for number, text in enumerate(targets):
        try:
            parsed.append(parse_target(text, site=site, credential=credential))
        except InvalidInput as error:
            raise InvalidInput(str(error), pointer=f"/targets/{number}") from error
    return chain.from_iterable(made for made, _ in parsed), sum(size for _, size in parsed)


def _configured(sources: Sources) -> tuple[Iterator[Target], int]:
    ranges = sources.discovery.ranges
    listed = {entry.address for entry in sources.entries}
    scanned = (
        target for entry in ranges for target in from_range(entry) if target.address not in listed
    )
    size = len(sources.entries) + sum(range_size(entry) for entry in ranges)
    return chain(from_entries(sources.entries), scanned), size


async def _announced(sources: Sources) -> Iterator[Target]:
    section = sources.discovery.ssdp
    if not section.enabled:
        return iter(())
    addresses = await search(
        section.target, wait_seconds=section.wait.total_seconds(), interface=section.interface
    )
    _log.info("ssdp_answers", services=len(addresses))
    return (Target(address=address, source=Source.SSDP) for address in addresses)
