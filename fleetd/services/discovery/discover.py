"""Discovery: probe what is configured or asked for, remember what is Redfish, have it read."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Final, Protocol

import structlog

from fleetd.domain.discovery import (
    DiscoveryRun,
    ManifestEntry,
    ProbeOutcome,
    RunState,
    compare_manifest,
)
from fleetd.domain.errors import Conflict, FleetError, ShuttingDown
from fleetd.domain.listing import each
from fleetd.domain.ports import Clock, DeviceFilter, DeviceStore, DiscoveryStore, EndpointStore
from fleetd.services.discovery.look import Looks
from fleetd.services.discovery.progress import Progress
from fleetd.services.discovery.scan import scan
from fleetd.services.discovery.sources import Sources
from fleetd.services.discovery.targets import Target, parse_targets

_RUNS_AT_ONCE: Final = 4
_REPORT_EVERY: Final = 64
_log = structlog.get_logger(__name__)


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
        looks: Looks,
        endpoints: EndpointStore,
        devices: DeviceStore,
        runs: DiscoveryStore,
        clock: Clock,
        sources: Callable[[], Awaitable[Sources]],
        observer: DiscoveryObserver,
    ) -> None:
        self._looks = looks
        self._endpoints = endpoints
        self._devices = devices
        self._runs = runs
        self._clock = clock
        self._sources = sources
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
        sources.require_known(credential)
        chosen, size = (
            parse_targets(targets, site=site, credential=credential)
            if targets
            else sources.targets()
        )
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
        addresses = {one.id: one.address async for one in each(self._endpoints.endpoints)}
        devices = [one async for one in each(partial(self._devices.devices, DeviceFilter()))]
        return compare_manifest(expected, tuple(devices), addresses)

    async def _close_interrupted(self) -> None:
        """Runs that a dead daemon left as running did not end well, and must not look alive."""
        async for run in each(self._runs.runs):
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
                targets = chain(targets, await sources.announced())
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
            outcome, is_new = await self._looks.look(target, sources)
            new += is_new
            counts[outcome.value] += 1
            self._observer.probed(outcome)
            if outcome is ProbeOutcome.REDFISH or counts.total() % _REPORT_EVERY == 0:
                await report()

        try:
            await scan(targets, look, connections=sources.discovery.connections)
        finally:
            await report()
