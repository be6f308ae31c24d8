"""A fleet in memory for enrollment tests: the stores' ports, kept in dictionaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from fleetd.domain.device import DeviceId
from fleetd.domain.enrollment import Enrollment, Standing
from fleetd.domain.ports import Page


class Calendar:
    """A clock that runs with the system's, and can be set forward."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(slots=True)
class MemoryEnrollments:
    """The EnrollmentStore port; ``saves`` counts writes."""

    kept: dict[DeviceId, Enrollment] = field(default_factory=dict)
    saves: int = 0

    async def enrollment(self, device_id: DeviceId) -> Enrollment | None:
        return self.kept.get(device_id)

    async def enrollments(
        self, *, standing: Standing | None = None, limit: int, marker: str | None = None
    ) -> Page[Enrollment]:
        found = [
            one
            for device, one in sorted(self.kept.items())
            if (marker is None or device > marker) and standing in {None, one.standing}
        ]
        page = tuple(found[:limit])
        return Page(items=page, marker=page[-1].device_id if len(found) > limit else None)

    async def save_enrollments(self, enrollments: Sequence[Enrollment]) -> None:
        self.saves += 1
        self.kept.update({one.device_id: replace(one) for one in enrollments})

    async def enrollment_counts(self) -> Mapping[str, int]:
        return Counter(one.provision_state or "" for one in self.kept.values())
