"""Discoveries and the manifest as the API shows and takes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from fleetd.api.redaction import scrub, scrub_text
from fleetd.api.schemas.shape import Name, PageOf, Shape, Target
from fleetd.domain.discovery import DiscoveryRun, Expected, ManifestEntry, Presence, RunState


class NewDiscovery(Shape):
    """Where to look."""

    targets: Annotated[tuple[Target, ...], Field(max_length=4_096)] = ()
    """Addresses and networks (CIDR); none: all that is configured."""
    credential: Name | None = None
    """Name of the credential to use there; otherwise the rules choose one."""
    site: Name | None = None
    """The site of what is found there."""


class DiscoveryLinks(Shape):
    """Where to go from a discovery."""

    self: str
    events: str


class DiscoveryView(Shape):
    """One discovery: what was asked, how far it is, what it met."""

    id: str
    trigger: str
    targets: tuple[str, ...]
    state: RunState
    started_at: datetime
    finished_at: datetime | None
    addresses: int
    """How many are to be looked at."""
    probed: int
    """How many have been looked at."""
    found: int
    """How many are Redfish services."""
    new: int
    """How many of those weren't known before."""
    outcomes: dict[str, int]
    """Addresses by what they turned out to be."""
    error: str | None
    links: DiscoveryLinks

    @classmethod
    def of(cls, run: DiscoveryRun) -> Self:
        """Present a discovery."""
        path = f"/v1/discoveries/{run.id}"
        return cls(
            id=run.id,
            trigger=run.trigger,
            targets=tuple(scrub(run.targets)),
            state=run.state,
            started_at=run.started_at,
            finished_at=run.finished_at,
            addresses=run.addresses,
            probed=run.probed,
            found=run.found,
            new=run.new,
            outcomes=dict(run.outcomes),
            error=scrub_text(run.error),
            links=DiscoveryLinks(self=path, events=f"{path}/events"),
        )


class DiscoveryPage(PageOf[DiscoveryView]):
    """Discoveries, newest first."""


class ExpectedView(Shape):
    """A device that ought to be there."""

    name: str
    serial: str | None
    mac: str | None
    address: str | None
    kind: str | None

    @classmethod
    def of(cls, expected: Expected) -> Self:
        """Present an expected device."""
        return cls(
            name=expected.name,
            serial=expected.serial,
            mac=expected.mac,
            address=expected.address,
            kind=expected.kind,
        )


class ManifestEntryView(Shape):
    """One line of the comparison of the manifest with the fleet."""

    presence: Presence
    name: str
    expected: ExpectedView | None
    device_id: str | None
    because: str

    @classmethod
    def of(cls, entry: ManifestEntry) -> Self:
        """Present a line of the comparison."""
        return cls(
            presence=entry.presence,
            name=entry.name,
            expected=None if entry.expected is None else ExpectedView.of(entry.expected),
            device_id=entry.device_id,
            because=entry.because,
        )


class Manifest(PageOf[ManifestEntryView]):
    """Expected against found, whole."""

    counts: dict[Presence, int]

    @classmethod
    def of(cls, entries: Sequence[ManifestEntry]) -> Self:
        """Present the comparison."""
        counts = dict.fromkeys(Presence, 0)
        for entry in entries:
            counts[entry.presence] += 1
        items = tuple(ManifestEntryView.of(entry) for entry in entries)
        return cls(items=items, marker=None, counts=counts)
