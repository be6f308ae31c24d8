"""In-memory fakes at the API's ports, and a small fleet to put into them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from fleetd.api.ports import ApiServices
from fleetd.domain.belonging import claims, known_as
from fleetd.domain.device import (
    Change,
    ChangeKind,
    Component,
    ComponentKind,
    Description,
    Device,
    DeviceId,
    DeviceKind,
    EndpointId,
    Health,
    Identity,
    Placement,
    PowerState,
)
from fleetd.domain.discovery import (
    DiscoveryRun,
    Expected,
    ManifestEntry,
    RunState,
    compare_manifest,
)
from fleetd.domain.endpoint import Endpoint, Reach, Root, Source
from fleetd.domain.enrollment import Enrollment, PasswordDigest
from fleetd.domain.enrollment import Standing as EnrollmentStanding
from fleetd.domain.errors import Conflict, FleetError, NotFound
from fleetd.domain.lifecycle import State, require_transition
from fleetd.domain.ports import DeviceFilter, FleetCount, Page, Standing, StoredDevice
from fleetd.driverkit.registry import Registry
from fleetd.services.drivers import DriverUses

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECRETS = ("hunter2", "s3cr3t-community", "tok-4711", "digest-of-a-password")
"""What the fakes hold and no answer may show."""

T = TypeVar("T")


def page_of(items: Sequence[T], key: Callable[[T], str], limit: int, marker: str | None) -> Page[T]:
    """The page after the marker, which is the key of the last item before it."""
    keys = [key(item) for item in items]
    start = keys.index(marker) + 1 if marker in keys else 0
    chosen = tuple(items[start : start + limit])
    more = start + limit < len(items)
    return Page(items=chosen, marker=key(chosen[-1]) if chosen and more else None)


@dataclass
class MemoryEndpoints:
    """EndpointStore in memory."""

    by_id: dict[EndpointId, Endpoint] = field(default_factory=dict)

    async def endpoint(self, endpoint_id: EndpointId) -> Endpoint | None:
        return self.by_id.get(endpoint_id)

    async def endpoint_at(self, address: str) -> Endpoint | None:
        return next((item for item in self.by_id.values() if item.address == address), None)

    async def endpoints(self, *, limit: int, marker: str | None = None) -> Page[Endpoint]:
        ordered = sorted(self.by_id.values(), key=lambda item: item.id)
        return page_of(ordered, lambda item: item.id, limit, marker)

    async def save_endpoints(self, endpoints: Sequence[Endpoint]) -> None:
        self.by_id.update({item.id: item for item in endpoints})

    async def delete_endpoint(self, endpoint_id: EndpointId) -> None:
        self.by_id.pop(endpoint_id, None)


def _holds(where: DeviceFilter, device: Device) -> bool:
    read = device.description
    wanted: tuple[tuple[object, object], ...] = (
        (where.kind, read.kind),
        (where.state, device.state),
        (where.vendor, device.vendor),
        (where.driver, device.driver),
        (where.health, read.health),
        (where.power_state, read.power_state),
        (where.site, read.placement.site),
        (where.rack, read.placement.rack),
        (where.endpoint_id, device.endpoint_id),
        (where.part_of, device.part_of),
    )
    text = (where.text or "").casefold()
    known = f"{read.name}\n{read.identity.serial or ''}".casefold()
    return all(asked in {None, has} for asked, has in wanted) and text in known


@dataclass
class MemoryDevices:
    """DeviceStore in memory; ``failure`` is raised by every call while it's set."""

    by_id: dict[DeviceId, Device] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    documents: dict[DeviceId, Mapping[str, Any]] = field(default_factory=dict)
    failure: BaseException | None = None

    async def device(self, device_id: DeviceId) -> Device | None:
        self._fail()
        return self.by_id.get(device_id)

    async def devices(
        self,
        where: DeviceFilter,
        *,
        limit: int,
        marker: str | None = None,
        components: frozenset[ComponentKind] = frozenset(),
    ) -> Page[Device]:
        self._fail()
        found = [
            replace(device, description=self._only(device.description, components))
            for device in sorted(self.by_id.values(), key=lambda item: item.id)
            if _holds(where, device)
        ]
        return page_of(found, lambda item: item.id, limit, marker)

    async def candidates(
        self,
        *,
        endpoint_id: EndpointId,
        serials: Sequence[str],
        uuids: Sequence[str],
        macs: Sequence[str],
    ) -> tuple[Device, ...]:
        def fits(device: Device) -> bool:
            who = device.description.identity
            shares = who.serial in serials or who.uuid in uuids or bool({*who.macs} & {*macs})
            return device.endpoint_id == endpoint_id or shares

        return tuple(device for device in self.by_id.values() if fits(device))

    async def kin(
        self, *, held: Sequence[str], claimed: Sequence[str], holders: Sequence[DeviceId]
    ) -> tuple[Device, ...]:
        def fits(device: Device) -> bool:
            read = device.description
            mine = claims(read.components).keys() & {*held}
            return bool(
                mine or known_as(read.identity) & {*claimed} or device.part_of in {*holders}
            )

        return tuple(device for device in self.by_id.values() if fits(device))

    async def save(self, devices: Sequence[StoredDevice]) -> None:
        for stored in devices:
            self.by_id[stored.device.id] = stored.device
            self.changes.extend(stored.changes)
            if stored.documents is not None:
                self.documents[stored.device.id] = stored.documents

    async def save_standings(self, standings: Sequence[Standing]) -> None:
        for standing in standings:
            device = self.by_id[standing.device_id]
            read = replace(
                device.description, health=standing.health, power_state=standing.power_state
            )
            self.by_id[device.id] = replace(device, description=read, last_seen=standing.seen_at)

    async def history(
        self, device_id: DeviceId, *, limit: int, marker: str | None = None
    ) -> Page[Change]:
        mine = [change for change in self.changes if change.device_id == device_id]
        numbered = list(enumerate(sorted(mine, key=lambda change: change.at, reverse=True)))
        page = page_of(numbered, lambda item: str(item[0]), limit, marker)
        return Page(items=tuple(change for _, change in page.items), marker=page.marker)

    async def raw(self, device_id: DeviceId) -> Mapping[str, Any] | None:
        return self.documents.get(device_id)

    async def counts(self) -> tuple[FleetCount, ...]:
        return ()

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure

    @staticmethod
    def _only(read: Description, kinds: frozenset[ComponentKind]) -> Description:
        return replace(read, components=tuple(p for p in read.components if p.kind in kinds))


@dataclass
class MemoryDiscoveries:
    """DiscoveryStore in memory, newest first."""

    by_id: dict[str, DiscoveryRun] = field(default_factory=dict)

    async def save_run(self, run: DiscoveryRun) -> None:
        self.by_id[run.id] = run

    async def run(self, run_id: str) -> DiscoveryRun | None:
        return self.by_id.get(run_id)

    async def runs(self, *, limit: int, marker: str | None = None) -> Page[DiscoveryRun]:
        return page_of([*reversed(self.by_id.values())], lambda item: item.id, limit, marker)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """An Operation of the API's ports."""

    id: str
    kind: str
    subject: str
    state: RunState = RunState.RUNNING
    started_at: datetime = NOW
    finished_at: datetime | None = None
    error: str | None = None


@dataclass
class MemoryOperations:
    """Operations: each ends at the second look, or fails if it's told so."""

    by_id: dict[str, Work] = field(default_factory=dict)
    error: str | None = None

    def begin(self, kind: str, subject: str) -> Work:
        work = Work(id=f"op-{len(self.by_id) + 1}", kind=kind, subject=subject)
        self.by_id[work.id] = work
        return work

    async def operation(self, operation_id: str) -> Work | None:
        work = self.by_id.get(operation_id)
        if work is not None:
            state = RunState.FAILED if self.error else RunState.SUCCEEDED
            ended = replace(work, state=state, finished_at=NOW, error=self.error)
            self.by_id[operation_id] = ended
        return work


@dataclass
class EndpointUses:
    """EndpointUseCases over the fakes; counts what it was asked to add."""

    endpoints: MemoryEndpoints
    operations: MemoryOperations
    added: int = 0
    failure: FleetError | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    entered: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def add(
        self,
        *,
        address: str,
        credential: str | None = None,
        fingerprint: str | None = None,
        site: str | None = None,
        labels: Mapping[str, str],
    ) -> Endpoint:
        self.entered.set()
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        if await self.endpoints.endpoint_at(address) is not None:
            raise Conflict(f"{address} is already known")
        self.added += 1
        endpoint = Endpoint(
            id=EndpointId(f"ep-added-{self.added}"),
            address=address,
            source=Source.API,
            credential=credential,
            fingerprint=fingerprint,
            site=site,
            labels=tuple(sorted(labels.items())),
        )
        await self.endpoints.save_endpoints([endpoint])
        return endpoint

    async def remove(self, endpoint_id: EndpointId) -> None:
        await self.endpoints.delete_endpoint(endpoint_id)

    async def refresh(self, endpoint_id: EndpointId) -> Work:
        if self.failure is not None:
            raise self.failure
        if await self.endpoints.endpoint(endpoint_id) is None:
            raise NotFound(f"no endpoint has the id {endpoint_id}")
        return self.operations.begin("refresh", endpoint_id)


@dataclass
class DeviceUses:
    """DeviceUseCases over the fakes, by the domain's table of transitions."""

    devices: MemoryDevices

    async def retire(self, device_id: DeviceId, *, reason: str | None) -> Device:
        return await self._become(device_id, State.RETIRED, reason)

    async def reinstate(self, device_id: DeviceId) -> Device:
        device = self.devices.by_id[device_id]
        if device.state is not State.RETIRED:
            return device
        return await self._become(device_id, State.DISCOVERED, None)

    async def set_maintenance(self, device_id: DeviceId, *, reason: str) -> Device:
        return await self._become(device_id, State.MAINTENANCE, reason)

    async def clear_maintenance(self, device_id: DeviceId) -> Device:
        device = self.devices.by_id[device_id]
        if device.state is not State.MAINTENANCE:
            return device
        return await self._become(device_id, State.INVENTORIED, None)

    async def _become(self, device_id: DeviceId, state: State, reason: str | None) -> Device:
        device = self.devices.by_id.get(device_id)
        if device is None:
            raise NotFound(f"no device has the id {device_id}")
        require_transition(device.state, state, subject=device_id)
        changed = replace(device, state=state, state_reason=reason)
        self.devices.by_id[device_id] = changed
        return changed


@dataclass
class DiscoveryUses:
    """DiscoveryUseCases whose runs go on while watched, and wait at ``gate``.

    ``ends`` is how they end; so many watchers as ``breaks`` says lose sight after the first look.
    """

    runs: MemoryDiscoveries
    devices: MemoryDevices
    endpoints: MemoryEndpoints
    expected: tuple[Expected, ...] = ()
    ends: RunState = RunState.SUCCEEDED
    breaks: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    started: int = 0
    watched: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def start(
        self, *, targets: Sequence[str], credential: str | None = None, site: str | None = None
    ) -> DiscoveryRun:
        del credential, site
        self.started += 1
        run = DiscoveryRun(
            id=f"run-{self.started}",
            trigger="api",
            targets=tuple(targets),
            state=RunState.RUNNING,
            started_at=NOW,
            addresses=8,
        )
        await self.runs.save_run(run)
        return run

    async def cancel(self, run_id: str) -> DiscoveryRun:
        run = await self._run(run_id)
        if run.state is RunState.RUNNING:
            run = replace(run, state=RunState.CANCELLED, finished_at=NOW)
            await self.runs.save_run(run)
        return run

    async def watch(self, run_id: str) -> AsyncIterator[DiscoveryRun]:
        run = await self._run(run_id)
        yield run
        self.watched.set()
        if self.breaks:
            self.breaks -= 1
            return
        try:
            for probed in (2, 5, 8):
                if run.state is not RunState.RUNNING:
                    return
                await self.gate.wait()
                run = replace(run, probed=probed, found=probed // 2, new=probed // 4)
                if probed == run.addresses:
                    error = "the network is down" if self.ends is RunState.FAILED else None
                    outcomes = {"redfish": 4, "no-answer": 4}
                    run = replace(
                        run, state=self.ends, finished_at=NOW, error=error, outcomes=outcomes
                    )
                await self.runs.save_run(run)
                yield run
        finally:
            self.left.set()

    async def manifest(self) -> Sequence[ManifestEntry]:
        addresses = {item.id: item.address for item in self.endpoints.by_id.values()}
        return compare_manifest(self.expected, tuple(self.devices.by_id.values()), addresses)

    async def _run(self, run_id: str) -> DiscoveryRun:
        run = await self.runs.run(run_id)
        if run is None:
            raise NotFound(f"no discovery has the id {run_id}")
        return run


@dataclass
class EnrollmentUses:
    """EnrollmentUseCases in memory."""

    operations: MemoryOperations
    by_id: dict[DeviceId, Enrollment] = field(default_factory=dict)

    async def enrollment(self, device_id: DeviceId) -> Enrollment | None:
        return self.by_id.get(device_id)

    async def enrollments(
        self,
        *,
        standing: EnrollmentStanding | None = None,
        limit: int,
        marker: str | None = None,
    ) -> Page[Enrollment]:
        chosen = [item for item in self.by_id.values() if standing in {None, item.standing}]
        ordered = sorted(chosen, key=lambda item: item.device_id)
        return page_of(ordered, lambda item: item.device_id, limit, marker)

    async def reconcile(self, *, device_id: DeviceId | None = None) -> Work:
        if device_id is not None and device_id not in self.by_id:
            raise NotFound(f"no device has the id {device_id}")
        return self.operations.begin("reconcile", device_id or "all")


@dataclass(frozen=True, slots=True)
class Condition:
    """A Check of the API's ports."""

    name: str
    ok: bool
    detail: str = "as it should be"


@dataclass
class Conditions:
    """Readiness of fixed checks."""

    items: tuple[Condition, ...] = (Condition("store", ok=True), Condition("scheduler", ok=True))

    async def checks(self) -> Sequence[Condition]:
        return self.items


def a_component(kind: ComponentKind, number: int, **attributes: Any) -> Component:
    return Component(
        kind=kind,
        key=f"/redfish/v1/{kind}/{number}",
        name=f"{kind} {number}",
        manufacturer="Contoso",
        model=f"M{number}",
        serial=f"{kind}-{number}",
        health=Health.OK,
        attributes=attributes,
    )


def a_device(number: int, kind: DeviceKind = DeviceKind.SERVER, **changes: Any) -> Device:
    """A device that differs from its neighbours in what the filters ask for."""
    vendor = ("Dell", "HPE", "Lenovo")[number % 3]
    components: tuple[Component, ...] = (
        a_component(ComponentKind.PROCESSOR, 1, cores=32, architecture="x86"),
        a_component(ComponentKind.MEMORY, 1, capacity_bytes=64 * 2**30, type="DDR5"),
        a_component(ComponentKind.MEMORY, 2, capacity_bytes=64 * 2**30, type="DDR5"),
        a_component(ComponentKind.PORT, 1, mac=f"02:00:00:00:00:{number % 256:02x}", link_up=True),
    )
    device = Device(
        id=DeviceId(f"dev-{number:04d}"),
        endpoint_id=EndpointId(f"ep-{number:04d}"),
        description=Description(
            kind=kind,
            identity=Identity(
                uuid=f"00000000-0000-4000-8000-{number:012d}",
                serial=f"SN{number:04d}",
                manufacturer=vendor,
                model="PowerThing 9000",
                macs=(f"02:00:00:00:00:{number % 256:02x}",),
                path="/redfish/v1/Systems/1",
            ),
            name=f"{kind}-{number:04d}",
            bios_version="1.2.3",
            bmc_version="7.0",
            architecture="x86_64",
            health=Health.WARNING if number % 5 == 0 else Health.OK,
            power_state=PowerState.OFF if number % 2 else PowerState.ON,
            placement=Placement(site="berlin", rack=f"R{number % 4}", unit=number % 40 + 1),
            components=components,
            stale=frozenset({"memory"}) if number % 7 == 0 else frozenset(),
        ),
        state=State.READY if number % 2 else State.INVENTORIED,
        driver=vendor.lower(),
        vendor=vendor,
        first_seen=NOW - timedelta(days=3),
        last_seen=NOW - timedelta(minutes=2),
    )
    return replace(device, **changes)


def an_endpoint(number: int) -> Endpoint:
    return Endpoint(
        id=EndpointId(f"ep-{number:04d}"),
        address=f"https://10.0.0.{number % 250 + 1}:{8000 + number}",
        source=Source.STATIC,
        credential="factory",
        site="berlin",
        labels=(("room", "b1"),),
        driver="dell",
        root=Root(redfish_version="1.17.0", vendor="Dell", oem_keys=("Dell",)),
        reach=Reach.DOWN if number % 4 == 0 else Reach.UP,
        error="https://root:hunter2@10.0.0.5 refused" if number % 4 == 0 else None,
        error_code="unreachable" if number % 4 == 0 else None,
        first_seen=NOW - timedelta(days=3),
        last_seen=NOW,
        last_sweep_seconds=1.25,
    )


def _a_history(device: Device) -> Iterable[Change]:
    for step in itertools.count():
        subject, name = ("device", "bios_version") if step % 2 else ("bmc/1", "AdminPassword")
        yield Change(
            device_id=device.id,
            kind=ChangeKind.CHANGED,
            subject=subject,
            field=name,
            before=f"1.{step}" if step % 2 else "hunter2",
            after=f"1.{step + 1}" if step % 2 else "hunter2",
            at=NOW - timedelta(hours=step),
            sweep_id=f"sweep-{step}",
        )


RAW_DOCUMENT = {
    "/redfish/v1/": {"RedfishVersion": "1.15.0", "Systems": {"@odata.id": "/redfish/v1/Systems"}},
    "/redfish/v1/Systems": {"Members": [{"@odata.id": "/redfish/v1/Systems/1"}]},
    "/redfish/v1/Systems/1": {"Id": "1", "UserName": "root", "Password": "hunter2"},
    "/redfish/v1/Systems/1/Bios": {
        "Attributes": {"SetupPassword": "hunter2", "MinPasswordLength": 8, "ProcCores": "All"}
    },
    "/redfish/v1/Managers/1/NetworkProtocol": {
        "SNMP": {"CommunityStrings": [{"CommunityString": "s3cr3t-community"}]},
        "Oem": {"AuthToken": "tok-4711", "Url": "https://root:hunter2@10.0.0.9/"},
    },
}


@dataclass
class FakeFleet:
    """The fakes, wired; ``services`` is what the application takes."""

    endpoints: MemoryEndpoints
    devices: MemoryDevices
    discoveries: MemoryDiscoveries
    operations: MemoryOperations
    endpoint_uses: EndpointUses
    device_uses: DeviceUses
    discovery_uses: DiscoveryUses
    enrollment_uses: EnrollmentUses
    readiness: Conditions

    @property
    def services(self) -> ApiServices:
        return ApiServices(
            endpoints=self.endpoints,
            devices=self.devices,
            discoveries=self.discoveries,
            endpoint_uses=self.endpoint_uses,
            device_uses=self.device_uses,
            discovery_uses=self.discovery_uses,
            enrollment_uses=self.enrollment_uses,
            driver_uses=DriverUses(registry=Registry.load(), devices=self.devices),
            operations=self.operations,
            readiness=self.readiness,
        )


def fake_fleet(servers: int = 12) -> FakeFleet:
    """A fleet of that many servers with their endpoints, a switch, a PDU, history and a run."""
    endpoints, devices, discoveries = MemoryEndpoints(), MemoryDevices(), MemoryDiscoveries()
    operations = MemoryOperations()
    kinds = [DeviceKind.SERVER] * servers + [DeviceKind.SWITCH, DeviceKind.PDU]
    for number, kind in enumerate(kinds, start=1):
        device, endpoint = a_device(number, kind), an_endpoint(number)
        devices.by_id[device.id] = device
        endpoints.by_id[endpoint.id] = endpoint
        devices.changes.extend(itertools.islice(_a_history(device), 5))
        devices.documents[device.id] = RAW_DOCUMENT
    operations.begin("refresh", "ep-0001")
    enrollment_uses = EnrollmentUses(operations)
    for number, standing in zip(range(1, servers + 1), itertools.cycle(EnrollmentStanding)):
        device_id = DeviceId(f"dev-{number:04d}")
        enrollment_uses.by_id[device_id] = Enrollment(
            device_id=device_id,
            standing=standing,
            node_uuid=f"10000000-0000-4000-8000-{number:012d}",
            provision_state=standing.value,
            reason="refused by https://root:hunter2@bmc" if number % 2 else None,
            password=PasswordDigest(salt=b"salt", digest=b"digest-of-a-password"),
            updated_at=NOW,
        )
    expected = (Expected(name="known", serial="SN0001"), Expected(name="lost", serial="SN9999"))
    return FakeFleet(
        endpoints=endpoints,
        devices=devices,
        discoveries=discoveries,
        operations=operations,
        endpoint_uses=EndpointUses(endpoints, operations),
        device_uses=DeviceUses(devices),
        discovery_uses=DiscoveryUses(discoveries, devices, endpoints, expected),
        enrollment_uses=enrollment_uses,
        readiness=Conditions(),
    )
