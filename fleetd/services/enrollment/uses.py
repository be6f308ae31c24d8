"""What a caller may ask of enrollment, and the passes that sweeps and the schedule ask for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

import structlog

from fleetd.domain.bare_metal import EnrollmentStore
from fleetd.domain.device import DeviceId
from fleetd.domain.enrollment import Enrollment, Standing
from fleetd.domain.errors import CloudError, Conflict, Next, NotFound
from fleetd.domain.ports import DeviceStore, Page
from fleetd.services.enrollment.service import EnrollmentService
from fleetd.services.work import Operations, WorkItem, WorkQueue

EVERYTHING: Final = "all"
FIRST_PAUSE: Final = timedelta(seconds=10)
LONGEST_PAUSE: Final = timedelta(minutes=10)
"""Between two tries at an Ironic that is away; it grows from the first to the longest."""
_log = structlog.get_logger(__name__)


class EnrollmentUses:
    """Passes over all servers or one, each waiting its turn; ``service`` is None where off."""

    def __init__(
        self,
        *,
        service: EnrollmentService | None,
        enrollments: EnrollmentStore,
        devices: DeviceStore,
        operations: Operations,
        finished: Callable[[float], None],
    ) -> None:
        self._service = service
        self._enrollments = enrollments
        self._devices = devices
        self._finished = finished
        self._away = 0
        self._again_at: float | None = None
        self.last_error: str | None = None
        self.queue = WorkQueue(
            kind="enrollment", concurrency=1, handle=self._pass, operations=operations
        )

    @property
    def enabled(self) -> bool:
        """Enrollment is switched on."""
        return self._service is not None

    async def enrollment(self, device_id: DeviceId) -> Enrollment | None:
        """The standing of one device, or None where it's not to be enrolled or unknown."""
        return await self._enrollments.enrollment(device_id)

    async def enrollments(
        self, *, standing: Standing | None = None, limit: int, marker: str | None = None
    ) -> Page[Enrollment]:
        """In order of device id."""
        return await self._enrollments.enrollments(standing=standing, limit=limit, marker=marker)

    async def reconcile(self, *, device_id: DeviceId | None = None) -> WorkItem:
        """Start a pass now, over one device or all, or join the one that waits.

        Raises:
            NotFound: No device has this id.
            Conflict: Enrollment is switched off.
            ShuttingDown: The daemon takes no new work.
        """
        if self._service is None:
            raise Conflict("enrollment is switched off: set ironic.enabled in the configuration")
        if device_id is not None and await self._devices.device(device_id) is None:
            raise NotFound(f"no device has the id {device_id}")
        self._service.look_anew()
        return await self.queue.put(device_id or EVERYTHING)

    async def changed(self, devices: Sequence[DeviceId]) -> None:
        """Devices changed: have their nodes follow, in the pass that is under way already."""
        if self._service is not None and devices:
            self._service.look_anew()
            await self.queue.put(EVERYTHING)

    async def due(self) -> None:
        """The schedule's call for a pass over all."""
        if self.enabled:
            await self.queue.put(EVERYTHING)

    async def retries_due(self) -> None:
        """The schedule's frequent call: a pass, where something failed and may be tried again."""
        if self._service is None or self._again_at is None or time.monotonic() < self._again_at:
            return
        self._again_at = None
        self._service.look_anew()
        await self.queue.put(EVERYTHING)

    async def _pass(self, key: str) -> None:
        assert self._service is not None  # noqa: S101 - nothing is queued where it's off
        started = time.monotonic()
        try:
            report = await self._service.reconcile(None if key == EVERYTHING else DeviceId(key))
        except CloudError as error:
            self.last_error = str(error)
            if error.next is Next.LATER and self._again_at is None:
                self._away += 1
                pause = min(FIRST_PAUSE * 2.0 ** min(self._away - 1, 16), LONGEST_PAUSE)
                self._again_at = time.monotonic() + pause.total_seconds()
            _log.warning("enrollment_failed", code=error.code, reason=str(error))
            raise
        self.last_error = None
        self._away = 0
        wait_s = self._service.seconds_until_retry(report)
        self._again_at = None if wait_s is None else time.monotonic() + wait_s
        seconds = time.monotonic() - started
        self._finished(seconds)
        _log.info(
            "enrollment_pass",
            servers=len(report.enrollments),
            available=report.count(Standing.AVAILABLE),
            failed=report.count(Standing.FAILED),
            held=report.count(Standing.HELD),
            requests=report.actions,
            seconds=round(seconds, 1),
        )
