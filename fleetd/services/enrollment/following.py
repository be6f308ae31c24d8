"""Goes along with a pass, so that no server waits for the slowest one of a pass under way.

What changed meanwhile is read between two rounds, what failed is tried again when its time comes,
and devices move on as soon as their own node has arrived.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fleetd.domain.device import Device, DeviceId
from fleetd.domain.enrollment import Enrollment, Standing
from fleetd.domain.errors import CloudError, Next
from fleetd.domain.ports import Clock
from fleetd.services.enrollment.wanted import Wanted

SHORTEST_REST_S: Final = 0.25
REST_FACTOR: Final = 4
"""Reading the fleet anew takes at most a fifth of a pass's time, however often it changes."""


class News:
    """That devices changed, told to the pass under way, which is not to listen all the time."""

    def __init__(self) -> None:
        self._told = asyncio.Event()
        self._listen_at = 0.0

    def tell(self) -> None:
        """Devices changed."""
        self._told.set()

    def hear(self) -> float:
        """All that was told until now will be read; the moment, for ``taken``."""
        self._told.clear()
        return asyncio.get_running_loop().time()

    def taken(self, since_s: float) -> None:
        """It was read, and that took until now: rest for a while before the next time."""
        now = asyncio.get_running_loop().time()
        self._listen_at = now + max(SHORTEST_REST_S, REST_FACTOR * (now - since_s))

    async def come(self, *, within_s: float) -> bool:
        """Wait for something to be told, and for the end of the rest; False: not in this time."""
        try:
            async with asyncio.timeout(within_s):
                await asyncio.sleep(self._listen_at - asyncio.get_running_loop().time())
                await self._told.wait()
        except TimeoutError:
            return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The fleet as it was read for a pass; of those ``held`` nothing can be wanted."""

    wanted: Wanted
    due: Mapping[DeviceId, Device]
    held: Mapping[DeviceId, Enrollment]


class Following:
    """Follows one pass; ``held`` are those of whom nothing could be wanted, with the reason."""

    def __init__(
        self,
        *,
        survey: Callable[[DeviceId | None], Awaitable[Survey]],
        news: News,
        move: Callable[[Mapping[DeviceId, Device], Sequence[Enrollment]], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self._survey = survey
        self._news = news
        self._move = move
        self._clock = clock
        self._due: Mapping[DeviceId, Device] = {}
        self._settled: dict[DeviceId, Enrollment] = {}
        self.held: Mapping[DeviceId, Enrollment] = {}

    async def read(self, device_id: DeviceId | None) -> Wanted:
        """Read what every server, or one, should be in Ironic now."""
        began = self._news.hear()
        found = await self._survey(device_id)
        self._due, self.held = found.due, found.held
        self._settled.clear()
        self._news.taken(began)
        return found.wanted

    async def renewed(self, *, within_s: float) -> Wanted | None:
        told = await self._news.come(within_s=within_s)
        retry_at = first_retry(self._settled.values())
        if not told and (retry_at is None or retry_at > self._clock.now()):
            return None
        try:
            return await self.read(None)
        except CloudError as error:
            if error.next is not Next.LATER:
                raise
            self._news.tell()
            return None

    async def settled(self, enrollments: Sequence[Enrollment]) -> None:
        self._settled.update({one.device_id: one for one in enrollments})
        await self._move(self._due, enrollments)


def first_retry(enrollments: Iterable[Enrollment]) -> datetime | None:
    """When the first of those that failed may be tried again."""
    failed = (one.retry_at for one in enrollments if one.standing is Standing.FAILED)
    return min((at for at in failed if at is not None), default=None)
