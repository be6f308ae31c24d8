"""Enrolls the fleet: gathers what Ironic should know, reconciles it, and moves devices on."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import structlog

from fleetd.config.classification import Classification
from fleetd.config.discovery import CredentialRule
from fleetd.domain.bare_metal import BareMetal, EnrollmentStore
from fleetd.domain.device import ComponentKind, Device, DeviceId, DeviceKind, EndpointId
from fleetd.domain.endpoint import Endpoint, Source
from fleetd.domain.enrollment import DesiredNode, Enrollment, Standing
from fleetd.domain.errors import InvalidTransition, NotFound, SecretUnavailable
from fleetd.domain.lifecycle import State
from fleetd.domain.ports import (
    Clock,
    Credential,
    Credentials,
    DeviceFilter,
    DeviceStore,
    EndpointStore,
)
from fleetd.driverkit.ironic import IronicTraits
from fleetd.services.discovery.credentials import choose
from fleetd.services.enrollment.desired import Surroundings, desired_node
from fleetd.services.enrollment.following import Following, News, Survey, first_retry
from fleetd.services.enrollment.reconcile import PassReport, Reconciler
from fleetd.services.enrollment.wanted import Wanted

PAGE: Final = 100
AT_ONCE: Final = 50  # classified in a row: about 12 ms of the event loop
_LOOKED_AT: Final = frozenset(
    {
        ComponentKind.PROCESSOR,
        ComponentKind.MEMORY,
        ComponentKind.GPU,
        ComponentKind.NIC,
        ComponentKind.PORT,
        ComponentKind.DRIVE,
        ComponentKind.VOLUME,
    }
)
_LEFT_ALONE: Final = frozenset(
    {State.DISCOVERED, State.QUARANTINED, State.MAINTENANCE, State.UNREACHABLE}
)
_STATES: Final = {Standing.AVAILABLE: State.ENROLLED, Standing.IN_USE: State.IN_USE}
_log = structlog.get_logger(__name__)


class Lifecycle(Protocol):
    """The one writer of devices' states."""

    async def move(self, device_id: DeviceId, state: State, *, reason: str | None) -> Device:
        """Bring a device to a state by the lifecycle's table.

        Raises:
            NotFound: No device has this id.
            InvalidTransition: The table has no such way.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Where enrollment reads servers from and keeps how they stand."""

    endpoints: EndpointStore
    devices: DeviceStore
    enrollments: EnrollmentStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the configuration says of every node; ``verify_ca`` is Ironic's redfish_verify_ca.

    ``credentials`` are the rules that choose a BMC's credential where its endpoint names none.
    """

    classification: Classification
    verify_ca: str | bool = True
    owner: str | None = None
    credentials: tuple[CredentialRule, ...] = ()


class EnrollmentService:
    """Passes over all servers, or one; ``rules`` may be replaced between passes."""

    def __init__(
        self,
        *,
        bare_metal: BareMetal,
        reconciler: Reconciler,
        stores: Stores,
        credentials: Credentials,
        lifecycle: Lifecycle,
        clock: Clock,
        rules: Rules,
        family: Callable[[str], IronicTraits],
    ) -> None:
        self.rules = rules
        self._family = family
        self._bare_metal = bare_metal
        self._reconciler = reconciler
        self._stores = stores
        self._credentials = credentials
        self._lifecycle = lifecycle
        self._clock = clock
        self._news = News()

    def look_anew(self) -> None:
        """Devices changed: a pass that is under way takes all of them in at its next round."""
        self._news.tell()

    async def reconcile(self, device_id: DeviceId | None = None) -> PassReport:
        """One pass over every server, or over one.

        Devices that are set aside (quarantined, in maintenance, unreachable) stay as they are in
        Ironic; retired ones leave it. Devices that change meanwhile are taken in.

        Raises:
            CloudUnavailable, CloudUnauthorised, CloudRefused: Ironic cannot be worked with at all.
            StoreBusy, StoreUnavailable: What came of it could not be kept.
        """
        following = Following(
            survey=self._survey, news=self._news, move=self._move, clock=self._clock
        )
        wanted = await following.read(device_id)
        report = await self._reconciler.run(
            wanted.nodes, devices=wanted.devices, follower=following
        )
        return replace(report, enrollments={**following.held, **report.enrollments})

    def seconds_until_retry(self, report: PassReport) -> float | None:
        """How long until the first of those that failed may be tried again; None: none failed."""
        due = first_retry(report.enrollments.values())
        return max((due - self._clock.now()).total_seconds(), 0.0) if due else None

    async def _survey(self, device_id: DeviceId | None) -> Survey:
        """What every server, or one, should be in Ironic as things are now."""
        servers = [*await self._of_kind(DeviceKind.SERVER), *await self._no_servers_any_more()]
        due = [one for one in servers if one.state not in _LEFT_ALONE]
        if device_id is not None:
            due = [one for one in due if one.id == device_id]
        desired, held = await self._desired(due, servers)
        await self._hold(held)
        return Survey(
            wanted=Wanted(nodes=desired, devices=frozenset(one.id for one in servers)),
            due={one.id: one for one in due},
            held={one.device_id: one for one in held},
        )

    async def _no_servers_any_more(self) -> list[Device]:
        """DPUs that were taken for servers and enrolled: they leave Ironic, as what is retired."""
        found = []
        for device in await self._of_kind(DeviceKind.DPU):
            enrollment = await self._stores.enrollments.enrollment(device.id)
            if enrollment is not None and enrollment.node_uuid is not None:
                found.append(replace(device, state=State.RETIRED))
        return found

    async def _of_kind(self, kind: DeviceKind) -> list[Device]:
        devices: list[Device] = []
        marker: str | None = None
        while True:
            page = await self._stores.devices.devices(
                DeviceFilter(kind=kind),
                limit=PAGE,
                marker=marker,
                components=_LOOKED_AT,
            )
            devices.extend(page.items)
            marker = page.marker
            if marker is None:
                return devices

    async def _desired(
        self, due: Sequence[Device], servers: Sequence[Device]
    ) -> tuple[list[DesiredNode], list[Enrollment]]:
        """What each server should be in Ironic, or why that cannot be said."""
        surroundings = Surroundings(
            classification=self.rules.classification,
            drivers=await self._bare_metal.drivers(),
            verify_ca=self.rules.verify_ca,
            family=self._family,
            owner=self.rules.owner,
        )
        systems = Counter(one.endpoint_id for one in servers if one.state is not State.RETIRED)
        endpoints = await self._all_endpoints()
        desired: list[DesiredNode] = []
        held: list[Enrollment] = []
        for number, device in enumerate(due):
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
            endpoint = endpoints.get(device.endpoint_id)
            sole = systems[device.endpoint_id] <= 1
            node = await self._node(device, endpoint, surroundings, sole_system=sole)
            if isinstance(node, DesiredNode):
                desired.append(node)
            else:
                held.append(Enrollment(device_id=device.id, standing=Standing.HELD, reason=node))
        return desired, held

    async def _node(
        self,
        device: Device,
        endpoint: Endpoint | None,
        surroundings: Surroundings,
        *,
        sole_system: bool,
    ) -> DesiredNode | str:
        """The node for a device, or why there can be none; a retired one needs no BMC any more."""
        credential: Credential | str
        if device.state is State.RETIRED:
            endpoint = endpoint or Endpoint(id=device.endpoint_id, address="", source=Source.STATIC)
            credential = Credential(name="", username="", password="")
        elif endpoint is None:
            return "its endpoint is not known any more"
        else:
            credential = await self._credential(endpoint)
        if isinstance(credential, str):
            return credential
        node = desired_node(device, endpoint, credential, surroundings, sole_system=sole_system)
        return node or "Ironic has none of its drivers enabled"

    async def _credential(self, endpoint: Endpoint) -> Credential | str:
        name = choose(endpoint, self.rules.credentials)
        if name is None:
            return "no credential is known for its BMC"
        try:
            return await self._credentials.credential(name)
        except SecretUnavailable as error:
            return str(error)

    async def _all_endpoints(self) -> dict[EndpointId, Endpoint]:
        endpoints: dict[EndpointId, Endpoint] = {}
        marker: str | None = None
        while True:
            page = await self._stores.endpoints.endpoints(limit=PAGE, marker=marker)
            endpoints.update({one.id: one for one in page.items})
            marker = page.marker
            if marker is None:
                return endpoints

    async def _hold(self, held: Sequence[Enrollment]) -> None:
        """Keep why these are held; what is known of them from before stays."""
        changed = []
        for one in held:
            kept = await self._stores.enrollments.enrollment(one.device_id)
            now = replace(kept or one, standing=one.standing, reason=one.reason)
            if now != kept:
                changed.append(replace(now, updated_at=self._clock.now()))
        if changed:
            await self._stores.enrollments.save_enrollments(changed)

    async def _move(
        self, due: Mapping[DeviceId, Device], enrollments: Sequence[Enrollment]
    ) -> None:
        """Devices follow their nodes: available is enrolled, and in use is in use."""
        for enrollment in enrollments:
            device = due[enrollment.device_id]
            state = _STATES.get(enrollment.standing)
            if state is None or device.state in {state, State.RETIRED}:
                continue
            try:
                await self._lifecycle.move(device.id, state, reason=None)
            except (InvalidTransition, NotFound) as error:
                # somebody else moved it while the pass went on; the next pass sees it anew
                _log.info("device_not_moved", device=device.id, reason=str(error))
