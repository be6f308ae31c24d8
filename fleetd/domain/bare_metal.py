"""The ports of enrollment: a bare metal service, and what is kept about each enrollment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from fleetd.domain.device import DeviceId
from fleetd.domain.enrollment import Action, Enrollment, ObservedNode, ObservedPort, Standing
from fleetd.domain.ports import Page

Interfaces = Mapping[str, frozenset[str]]
"""By kind of interface (``boot``, ``inspect``, ...) the names that may be used."""


class BareMetal(Protocol):
    """A bare metal service: OpenStack Ironic.

    Every method raises CloudUnavailable, CloudUnauthorised or CloudRefused; ``perform`` also
    CloudConflict, when the node is locked or in a state that forbids the action now.
    """

    async def drivers(self) -> Mapping[str, Interfaces]:
        """The hardware types that are enabled, with the interfaces enabled for each."""
        ...

    async def nodes(self) -> tuple[ObservedNode, ...]:
        """Every node that we may see, in one listing."""
        ...

    async def ports(self) -> tuple[ObservedPort, ...]:
        """Every port that we may see, in one listing."""
        ...

    async def perform(self, action: Action) -> None:
        """Carry out one action; what it starts may still run when this returns."""
        ...


class EnrollmentStore(Protocol):
    """Enrollments, kept."""

    async def enrollment(self, device_id: DeviceId) -> Enrollment | None: ...

    async def enrollments(
        self, *, standing: Standing | None = None, limit: int, marker: str | None = None
    ) -> Page[Enrollment]:
        """In order of device id; of one standing, or all."""
        ...

    async def save_enrollments(self, enrollments: Sequence[Enrollment]) -> None:
        """Write them, new or changed.

        Raises:
            StoreBusy, StoreUnavailable: Nothing was written.
        """
        ...
