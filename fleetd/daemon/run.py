"""Runs the composed daemon: starts its tasks, says that it's ready, stops it in good order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import structlog
from aiohttp import web

from fleetd.api.app import create_app
from fleetd.config.daemon import Role
from fleetd.config.settings import Settings
from fleetd.daemon.compose import Origin, Parts, composed
from fleetd.daemon.garbage import spare_collector
from fleetd.daemon.listen import listening
from fleetd.daemon.supervise import Restart, Supervisor, signals
from fleetd.domain.errors import Conflict
from fleetd.services.inventory.rounds import TICK
from fleetd.services.schedule import Schedule
from fleetd.telemetry.logs import set_level
from fleetd.telemetry.loop import LoopLag
from fleetd.telemetry.redact import Redactor

_STATUS_EVERY: Final = timedelta(seconds=30)
_PRUNE_EVERY: Final = timedelta(days=1)
# Of the time for a stop, this part is for work in hand; the rest is for logging out of BMCs.
_DRAIN_SHARE: Final = 0.4
_log = structlog.get_logger(__name__)

Follower = Callable[[str, Supervisor], Awaitable[None]]


async def run_daemon(origin: Origin, *, follower: Follower | None = None) -> None:
    """Run until a signal, an essential task's failure, or the follower asks to stop.

    Args:
        origin: Settings and where they come from.
        follower: Runs beside the daemon once it listens, with its address; the demo is one.

    Raises:
        FleetError: Something needed at the start can't be had.
    """
    async with composed(origin) as parts:
        spare_collector()
        timeout = origin.settings.daemon.shutdown_timeout * _DRAIN_SHARE
        supervisor = Supervisor(shutdown_timeout=timeout, restarted=parts.metrics.task_restarted)
        with signals(supervisor, parts.reloader.request):
            async with supervisor:
                _start(supervisor, parts, origin)
                if await supervisor.until(parts.discovery.ready):
                    await _serve(supervisor, parts, origin, follower)
    _log.info("stopped")


async def _serve(
    supervisor: Supervisor, parts: Parts, origin: Origin, follower: Follower | None
) -> None:
    app = await _app(parts, origin.redactor)
    async with listening(app, origin.settings.api) as url:
        schedule = _schedule(parts, origin)
        try:
            _log.info("listening", url=url)
            origin.notifier.ready(f"Listening on {url}")
            if follower is not None:
                supervisor.start("follower", partial(follower, url, supervisor))
            await supervisor.until_stopped()
        finally:
            origin.notifier.stopping("Stopping")
            schedule.stop()


async def _app(parts: Parts, redactor: Redactor) -> web.Application:
    section = parts.reloader.settings.api
    tokens: dict[str, tuple[Role, str]] = {
        entry.name: (entry.role, await parts.secrets.read(entry.token)) for entry in section.tokens
    }
    return create_app(
        section,
        parts.services,
        tokens=tokens,
        metrics=parts.metrics.render,
        redactor=redactor,
    )


def _start(supervisor: Supervisor, parts: Parts, origin: Origin) -> None:
    restart = Restart()
    lag = LoopLag(parts.metrics.loop_lag, parts.metrics.loop_lag_max)
    supervisor.start("watchdog", origin.notifier.watch)
    supervisor.start("loop-lag", lag.run, restart=restart)
    supervisor.start("reload", parts.reloader.run, restart=restart)
    supervisor.start("discovery", parts.discovery.run, restart=restart)
    supervisor.start("first-round", partial(_first_round, parts), restart=restart)
    for queue in (parts.rounds.sweeps, parts.rounds.polls, parts.enrollment.queue):
        supervisor.start(f"{queue.kind}-queue", queue.run, restart=restart)
        supervisor.on_drain(f"{queue.kind}-queue", queue.close)
    # A sweep in hand is worth waiting for; an enrollment pass is parked where it is, in Ironic.
    supervisor.on_drain("sweeps-in-hand", parts.rounds.sweeps.settled)


async def _first_round(parts: Parts) -> None:
    """What is due at the start: every known endpoint, a discovery, a pass over Ironic."""
    await parts.rounds.seed()
    await parts.discovery.ready.wait()
    discovery = parts.reloader.settings.discovery
    if discovery.endpoints or discovery.files or discovery.ranges or discovery.ssdp.enabled:
        await parts.discovery.start(trigger="start")
    await parts.enrollment.due()


def _schedule(parts: Parts, origin: Origin) -> Schedule:
    schedule = Schedule()

    async def discover() -> None:
        try:
            await parts.discovery.start(trigger="schedule")
        except Conflict:
            _log.info("discovery_skipped", reason="others are still running")

    async def prune() -> None:
        retention = parts.reloader.settings.store.history_retention
        await parts.database.prune(datetime.now(UTC) - retention)

    async def status() -> None:
        origin.notifier.status(
            f"{parts.rounds.sweeps.depth} sweeps and {parts.rounds.polls.depth} polls under way"
        )

    def apply(settings: Settings) -> None:
        discovery = settings.discovery
        schedule.every("discovery", discovery.interval, discover, jitter=discovery.jitter)
        schedule.every("enrollment", settings.ironic.interval, parts.enrollment.due)
        parts.secrets.use(discovery.credentials)
        set_level(settings.logging)

    schedule.every("rounds", TICK, parts.rounds.tick)
    schedule.every("enrollment-retries", TICK, parts.enrollment.retries_due)
    schedule.every("prune", _PRUNE_EVERY, prune, jitter=_PRUNE_EVERY / 24)
    schedule.every("status", _STATUS_EVERY, status)
    apply(parts.reloader.settings)
    for section in ("discovery", "inventory", "logging"):
        parts.reloader.subscribe(section, apply)
    schedule.start()
    return schedule
