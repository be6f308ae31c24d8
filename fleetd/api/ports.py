"""What the API needs of the rest of fleetd: use cases as protocols, and the domain's own stores.

Signatures name only values of the domain and of the driver kit, so that the services which fulfil
these protocols need not import the API. Errors are the domain's; the API turns them into problems.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fleetd.domain.device import Device, DeviceId, EndpointId
from fleetd.domain.discovery import DiscoveryRun, ManifestEntry, RunState
from fleetd.domain.endpoint import Endpoint
from fleetd.domain.enrollment import Enrollment, Standing
from fleetd.domain.ports import DeviceStore, DiscoveryStore, EndpointStore, Page
from fleetd.driverkit.choice import Choice
from fleetd.driverkit.spec import Driver


class Operation(Protocol):
    """Work that was started and goes on; ``kind`` says what it is, ``subject`` on what.

    ``state`` is RUNNING until ``finished_at`` is set. ``error`` is for people.
    """

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def state(self) -> RunState: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def finished_at(self) -> datetime | None: ...
    @property
    def error(self) -> str | None: ...


class Operations(Protocol):
    """Work in progress and lately finished, by id."""

    async def operation(self, operation_id: str, /) -> Operation | None:
        """The operation, or None where it's unknown or long finished."""
        ...


class EndpointUseCases(Protocol):
    """What a caller may do to endpoints."""

    async def add(
        self,
        *,
        address: str,
        credential: str | None = None,
        fingerprint: str | None = None,
        site: str | None = None,
        labels: Mapping[str, str],
    ) -> Endpoint:
        """Remember an endpoint (source ``api``) and have it read soon.

        ``address`` is already normal (``normal_address``), ``fingerprint`` 64 lower-case digits.

        Raises:
            Conflict: The address is already known.
            InvalidInput: The credential isn't configured (``pointer`` says ``/credential``).
            ShuttingDown: The daemon takes no new work.
        """
        ...

    async def remove(self, endpoint_id: EndpointId, /) -> None:
        """Forget an endpoint: log out of it and retire or keep its devices as the rules say.

        Raises:
            NotFound: No endpoint has this id.
            Conflict: One of its devices is in use.
        """
        ...

    async def refresh(self, endpoint_id: EndpointId, /) -> Operation:
        """Start a sweep of one endpoint, or join the one that runs.

        Raises:
            NotFound: No endpoint has this id.
            CredentialHeld: A login was refused a short while ago.
            ShuttingDown: The daemon takes no new work.
        """
        ...


class DeviceUseCases(Protocol):
    """What a caller may do to devices. Each answers the device as it is afterwards."""

    async def retire(self, device_id: DeviceId, /, *, reason: str | None) -> Device:
        """Take a device out of service for good, and out of Ironic.

        Raises:
            NotFound: No device has this id.
            Conflict: It is in use.
            InvalidTransition: Its state doesn't allow it.
        """
        ...

    async def reinstate(self, device_id: DeviceId, /) -> Device:
        """Take a retired device back; one that isn't retired stays as it is.

        Raises:
            NotFound: No device has this id.
        """
        ...

    async def set_maintenance(self, device_id: DeviceId, /, *, reason: str) -> Device:
        """Set a device aside because a person said so.

        Raises:
            NotFound: No device has this id.
            InvalidTransition: Its state doesn't allow it.
        """
        ...

    async def clear_maintenance(self, device_id: DeviceId, /) -> Device:
        """Let a device go on from maintenance; without effect where it isn't in it.

        Raises:
            NotFound: No device has this id.
        """
        ...


class DiscoveryUseCases(Protocol):
    """Discoveries: started, watched, cancelled, and compared with what was expected."""

    async def start(
        self, *, targets: Sequence[str], credential: str | None = None, site: str | None = None
    ) -> DiscoveryRun:
        """Start a discovery of these addresses and networks; of all that is configured if none.

        Raises:
            InvalidInput: A target isn't an address or network, or is too large.
            Conflict: As many discoveries run as may.
            ShuttingDown: The daemon takes no new work.
        """
        ...

    async def cancel(self, run_id: str, /) -> DiscoveryRun:
        """Stop a running discovery; one that has ended stays as it is.

        Raises:
            NotFound: No discovery has this id.
        """
        ...

    def watch(self, run_id: str, /) -> AsyncIterator[DiscoveryRun]:
        """The run as it is now, then at each change (those missed by a slow reader are dropped).

        The last one has ended; the iteration stops after it. At the first step:

        Raises:
            NotFound: No discovery has this id.
        """
        ...

    async def manifest(self) -> Sequence[ManifestEntry]:
        """Expected against found; empty where there's no manifest."""
        ...


class EnrollmentUseCases(Protocol):
    """Where devices stand in Ironic."""

    async def enrollment(self, device_id: DeviceId, /) -> Enrollment | None:
        """The standing of one device, or None where it's not to be enrolled or unknown."""
        ...

    async def enrollments(
        self, *, standing: Standing | None = None, limit: int, marker: str | None = None
    ) -> Page[Enrollment]:
        """In order of device id."""
        ...

    async def reconcile(self, *, device_id: DeviceId | None = None) -> Operation:
        """Start a reconciliation with Ironic now, of one device or all, or join the one that runs.

        Raises:
            NotFound: No device has this id.
            Conflict: Enrollment is switched off.
            ShuttingDown: The daemon takes no new work.
        """
        ...


class DriverUseCases(Protocol):
    """The installed drivers, and why a device has the one it has."""

    def drivers(self) -> Sequence[Driver]:
        """Every driver and overlay, by name."""
        ...

    def driver(self, name: str, /) -> Driver:
        """The driver or overlay of that name.

        Raises:
            NotFound: None has it.
        """
        ...

    async def explain(self, device_id: DeviceId, /) -> Choice:
        """The choice as the last sweep made it.

        Raises:
            NotFound: No device has this id, or none of its documents are kept.
            DeviceError: The documents hold no service that can be walked.
        """
        ...


class Check(Protocol):
    """One condition of being ready, and whether it holds; ``detail`` holds no secret."""

    @property
    def name(self) -> str: ...
    @property
    def ok(self) -> bool: ...
    @property
    def detail(self) -> str: ...


class Readiness(Protocol):
    """Whether the daemon can do its work."""

    async def checks(self) -> Sequence[Check]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiServices:
    """All that the API calls."""

    endpoints: EndpointStore
    devices: DeviceStore
    discoveries: DiscoveryStore
    endpoint_uses: EndpointUseCases
    device_uses: DeviceUseCases
    discovery_uses: DiscoveryUseCases
    enrollment_uses: EnrollmentUseCases
    driver_uses: DriverUseCases
    operations: Operations
    readiness: Readiness
