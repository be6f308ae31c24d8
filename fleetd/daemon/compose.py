"""The composition root: builds every part, in the order in which they need each other.

No logic lives here. Parts close in the reverse order: the API last refuses and then closes, tasks
are cancelled, BMCs are logged out of, Ironic's threads end, the database closes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog

from fleetd import __version__
from fleetd.api.ports import ApiServices
from fleetd.config.secrets import SecretReader
from fleetd.config.settings import Settings
from fleetd.config.targets import read_endpoints, read_manifest
from fleetd.daemon.enrollment import enrollment_service
from fleetd.daemon.fleet_snapshot import snapshot_of
from fleetd.daemon.notify import Notifier
from fleetd.daemon.reload import Reloader
from fleetd.daemon.state_directory import held
from fleetd.driverkit.ironic import IronicTraits
from fleetd.driverkit.registry import Registry
from fleetd.driverkit.standard import GENERIC
from fleetd.redfish.client import RedfishClient
from fleetd.services.clock import SystemClock
from fleetd.services.devices import DeviceUses
from fleetd.services.discovery.discover import Discovery
from fleetd.services.discovery.look import Looks
from fleetd.services.discovery.sources import Sources
from fleetd.services.drivers import DriverUses
from fleetd.services.endpoints import EndpointUses
from fleetd.services.enrollment.uses import EnrollmentUses
from fleetd.services.inventory.contact import Contacts
from fleetd.services.inventory.poll import Poller
from fleetd.services.inventory.rounds import Rounds
from fleetd.services.inventory.sweep import Sweeper
from fleetd.services.readiness import Readiness
from fleetd.services.work import Operations
from fleetd.store import schema
from fleetd.store.database import Database, open_database
from fleetd.telemetry.metrics import Metrics, Sweep
from fleetd.telemetry.redact import Redactor

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the daemon is made of, for the runner that starts it and the API that shows it."""

    reloader: Reloader
    secrets: SecretReader
    database: Database
    metrics: Metrics
    discovery: Discovery
    rounds: Rounds
    enrollment: EnrollmentUses
    services: ApiServices


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the daemon's settings come from, and what it tells of itself."""

    settings: Settings
    read: Callable[[], Settings]
    environment: Mapping[str, str]
    notifier: Notifier
    redactor: Redactor


@asynccontextmanager
async def composed(origin: Origin) -> AsyncIterator[Parts]:
    """Open and build everything; nothing runs yet.

    Raises:
        StoreError, SchemaMismatch, SecretUnavailable, ConfigError: Something can't be opened.
        Conflict: Another process works in the state directory.
    """
    async with AsyncExitStack() as stack:
        settings = origin.settings
        stack.enter_context(held(settings.daemon.state_directory))
        secrets = SecretReader(
            settings.secrets,
            environment=origin.environment,
            state_directory=settings.daemon.state_directory,
            credentials=settings.discovery.credentials,
            learned=origin.redactor.learn,
        )
        database = await stack.enter_async_context(_database(settings, secrets))
        registry = Registry.load()
        for rejected in registry.rejected:
            _log.error("driver_rejected", entry_point=rejected.entry_point, reason=rejected.reason)
        metrics = Metrics(version=__version__, drivers=[driver.name for driver in registry.drivers])
        reloader = Reloader(
            settings,
            read=origin.read,
            notifier=origin.notifier,
            reloaded=metrics.reloaded,
        )
        client = await stack.enter_async_context(
            RedfishClient(settings.redfish, observer=metrics.requests)
        )
        yield await _services(stack, reloader, secrets, database, registry, metrics, client)


@asynccontextmanager
async def _database(settings: Settings, secrets: SecretReader) -> AsyncIterator[Database]:
    password = await secrets.read(settings.store.password) if settings.store.password else None
    directory = settings.daemon.state_directory
    async with open_database(settings.store, directory, password) as database:
        # An empty database is made; an older one is only migrated when somebody says so.
        if await schema.current(database.engine) is None:
            await database.upgrade()
        await database.check()
        yield database


async def _services(
    stack: AsyncExitStack,
    reloader: Reloader,
    secrets: SecretReader,
    database: Database,
    registry: Registry,
    metrics: Metrics,
    client: RedfishClient,
) -> Parts:
    clock = SystemClock()
    operations = Operations(clock)
    writing = asyncio.Lock()

    async def sources() -> Sources:
        settings = reloader.settings
        discovery = settings.discovery
        manifest = discovery.manifest
        return Sources(
            discovery=discovery,
            redfish=settings.redfish,
            site=settings.daemon.site,
            entries=await asyncio.to_thread(read_endpoints, discovery)
            if discovery.files
            else discovery.endpoints,
            manifest=await asyncio.to_thread(read_manifest, manifest) if manifest else (),
        )

    device_uses = DeviceUses(
        devices=database.devices,
        clock=clock,
        changed=lambda device: enrollment.changed((device,)),
        writing=writing,
    )
    enrollment = EnrollmentUses(
        service=await enrollment_service(
            stack,
            reloader=reloader,
            secrets=secrets,
            database=database,
            lifecycle=device_uses,
            clock=clock,
            family=lambda name: _family(registry, name),
        ),
        enrollments=database.enrollments,
        devices=database.devices,
        operations=operations,
        finished=lambda seconds: metrics.sweeps.finished(Sweep.ENROLLMENT, seconds=seconds),
    )
    contacts = Contacts(
        client=client,
        registry=registry,
        endpoints=database.endpoints,
        credentials=secrets,
        clock=clock,
        sources=sources,
    )
    rounds = Rounds(
        sweeper=Sweeper(
            contacts=contacts,
            devices=database.devices,
            clock=clock,
            section=lambda: reloader.settings.inventory,
            observer=metrics.sweeps,
            writing=writing,
        ),
        poller=Poller(
            contacts=contacts,
            devices=database.devices,
            clock=clock,
            polled=metrics.sweeps.polled,
        ),
        endpoints=database.endpoints,
        clock=clock,
        operations=operations,
        section=lambda: reloader.settings.inventory,
        changed=enrollment.changed,
    )
    discovery = Discovery(
        looks=Looks(
            client=client,
            endpoints=database.endpoints,
            clock=clock,
            read_soon=rounds.request,
        ),
        endpoints=database.endpoints,
        devices=database.devices,
        runs=database.discoveries,
        clock=clock,
        sources=sources,
        observer=metrics,
    )
    endpoint_uses = EndpointUses(
        endpoints=database.endpoints,
        devices=database.devices,
        device_uses=device_uses,
        client=client,
        rounds=rounds,
        clock=clock,
        sources=sources,
        writing=writing,
    )
    metrics.supply_from(lambda: snapshot_of(database, client))
    return Parts(
        reloader=reloader,
        secrets=secrets,
        database=database,
        metrics=metrics,
        discovery=discovery,
        rounds=rounds,
        enrollment=enrollment,
        services=ApiServices(
            endpoints=database.endpoints,
            devices=database.devices,
            discoveries=discovery.progress,
            endpoint_uses=endpoint_uses,
            device_uses=device_uses,
            discovery_uses=discovery,
            enrollment_uses=enrollment,
            driver_uses=DriverUses(registry=registry, devices=database.devices),
            operations=operations,
            readiness=_readiness(database, enrollment),
        ),
    )


def _family(registry: Registry, name: str) -> IronicTraits:
    """What a device's driver says of Ironic; one that is no longer installed counts as generic."""
    known = {driver.name: driver for driver in registry.drivers}
    return known.get(name, GENERIC).ironic


def _readiness(database: Database, enrollment: EnrollmentUses) -> Readiness:
    async def store() -> str:
        devices = sum(count.devices for count in await database.devices.counts())
        return f"{devices} devices stored"

    async def ironic() -> str:
        if not enrollment.enabled:
            return "enrollment is switched off"
        # Ironic being away is told, and is no reason to restart or to turn requests away.
        return enrollment.last_error or "the last pass went through"

    return Readiness({"store": store, "ironic": ironic})
