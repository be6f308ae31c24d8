"""The ports: what services need of the world, as protocols that adapters fulfil."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from fleetd.domain.device import (
    Change,
    ComponentKind,
    Device,
    DeviceId,
    DeviceKind,
    EndpointId,
    Health,
    Json,
    PowerState,
)
from fleetd.domain.discovery import DiscoveryRun
from fleetd.domain.endpoint import Endpoint
from fleetd.domain.lifecycle import State

T = TypeVar("T")


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """The present moment, in UTC and aware."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A user name and password; its representation never shows the password."""

    name: str
    username: str
    password: str

    def __repr__(self) -> str:
        return f"Credential(name={self.name!r}, username={self.username!r}, password=***)"


class Credentials(Protocol):
    """Credentials by name."""

    async def credential(self, name: str) -> Credential:
        """The credential of that name.

        Raises:
            SecretUnavailable: It isn't configured, or its password can't be read.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """One page of a listing; ``marker`` is given back to get the next, None at the end."""

    items: tuple[T, ...]
    marker: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFilter:
    """Which devices: every value that is given must hold; ``text`` is part of name or serial."""

    kind: DeviceKind | None = None
    state: State | None = None
    vendor: str | None = None
    driver: str | None = None
    health: Health | None = None
    power_state: PowerState | None = None
    site: str | None = None
    rack: str | None = None
    endpoint_id: EndpointId | None = None
    part_of: DeviceId | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDevice:
    """What one sweep writes about one device, in one transaction.

    ``documents`` replace the raw documents kept for the device; None keeps them.
    """

    device: Device
    changes: tuple[Change, ...]
    documents: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The volatile part of a device that a poll writes."""

    device_id: DeviceId
    health: Health
    power_state: PowerState
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetCount:
    """How many devices share these values."""

    kind: DeviceKind
    vendor: str
    state: State
    health: Health
    power_state: PowerState
    devices: int


class EndpointStore(Protocol):
    """Endpoints, kept."""

    async def endpoint(self, endpoint_id: EndpointId) -> Endpoint | None: ...

    async def endpoint_at(self, address: str) -> Endpoint | None: ...

    async def endpoints(self, *, limit: int, marker: str | None = None) -> Page[Endpoint]: ...

    async def save_endpoints(self, endpoints: Sequence[Endpoint]) -> None: ...

    async def delete_endpoint(self, endpoint_id: EndpointId) -> None: ...


class DeviceStore(Protocol):
    """Devices, components, history and raw documents, kept."""

    async def device(self, device_id: DeviceId) -> Device | None:
        """With its components."""
        ...

    async def devices(
        self,
        where: DeviceFilter,
        *,
        limit: int,
        marker: str | None = None,
        components: frozenset[ComponentKind] = frozenset(),
    ) -> Page[Device]:
        """In order of id; each with its components of the named kinds only."""
        ...

    async def candidates(
        self,
        *,
        endpoint_id: EndpointId,
        serials: Sequence[str],
        uuids: Sequence[str],
        macs: Sequence[str],
    ) -> tuple[Device, ...]:
        """The devices (with components) at the endpoint or with any of these identifiers."""
        ...

    async def kin(
        self, *, held: Sequence[str], claimed: Sequence[str], holders: Sequence[DeviceId]
    ) -> tuple[Device, ...]:
        """The devices (with components) that may hold others, or be held by them.

        Args:
            held: What devices are known as; those are found that claim one of it.
            claimed: What devices claim; those are found that are known as one of it.
            holders: Those are found that are part of one of these.
        """
        ...

    async def save(self, devices: Sequence[StoredDevice]) -> None:
        """Write differences only; all or nothing.

        Raises:
            StoreBusy, StoreUnavailable: Nothing was written.
        """
        ...

    async def save_standings(self, standings: Sequence[Standing]) -> None: ...

    async def history(
        self, device_id: DeviceId, *, limit: int, marker: str | None = None
    ) -> Page[Change]:
        """Newest first."""
        ...

    async def raw(self, device_id: DeviceId) -> Mapping[str, Json] | None: ...

    async def counts(self) -> tuple[FleetCount, ...]: ...


class DiscoveryStore(Protocol):
    """Discovery runs, kept."""

    async def save_run(self, run: DiscoveryRun) -> None: ...

    async def run(self, run_id: str) -> DiscoveryRun | None: ...

    async def runs(self, *, limit: int, marker: str | None = None) -> Page[DiscoveryRun]:
        """Newest first."""
        ...
