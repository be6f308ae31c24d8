"""How a pass under way hears of changes: none is lost, and the fleet is not read all the time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from fleetd.domain.device import Device, DeviceId
from fleetd.domain.enrollment import Enrollment, Standing
from fleetd.domain.errors import CloudError, CloudRefused, CloudUnavailable
from fleetd.services.enrollment.following import (
    REST_FACTOR,
    SHORTEST_REST_S,
    Following,
    News,
    Survey,
    first_retry,
)
from fleetd.services.enrollment.wanted import Wanted

pytestmark = pytest.mark.asyncio

NOW = datetime(2026, 11, 24, tzinfo=UTC)
LONG_S = 5.0
SHORT_S = 0.01


class Calendar:
    """A clock that stands still until it's set."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


class Fleet:
    """What is read, and what happens while it's read."""

    def __init__(self) -> None:
        self.news = News()
        self.clock = Calendar()
        self.reads = 0
        self.moved: list[DeviceId] = []
        self.takes_s = 0.0
        self.fails: CloudError | None = None
        self.changes_while_read = False

    def followed(self) -> Following:
        return Following(survey=self._survey, news=self.news, move=self._move, clock=self.clock)

    async def _survey(self, device_id: DeviceId | None) -> Survey:
        self.reads += 1
        await asyncio.sleep(self.takes_s)
        if self.changes_while_read:
            self.changes_while_read = False
            self.news.tell()
        if self.fails is not None:
            raise self.fails
        return Survey(wanted=Wanted(nodes=(), devices=frozenset()), due={}, held={})

    async def _move(
        self, due: Mapping[DeviceId, Device], enrollments: Sequence[Enrollment]
    ) -> None:
        self.moved += [one.device_id for one in enrollments]


@pytest.fixture
def fleet() -> Fleet:
    return Fleet()


def failed(retry_at: datetime | None) -> Enrollment:
    return Enrollment(device_id=DeviceId("one"), standing=Standing.FAILED, retry_at=retry_at)


async def test_nothing_is_read_anew_where_nothing_changed(fleet: Fleet) -> None:
    following = fleet.followed()
    await following.read(None)

    wanted = await following.renewed(within_s=SHORT_S)

    assert wanted is None
    assert fleet.reads == 1


async def test_a_change_ends_the_pause(fleet: Fleet) -> None:
    following = fleet.followed()
    await following.read(None)
    loop = asyncio.get_running_loop()
    began = loop.time()
    loop.call_later(SHORT_S, fleet.news.tell)

    wanted = await following.renewed(within_s=LONG_S)

    assert wanted is not None
    assert loop.time() - began < LONG_S / 2


async def test_what_changes_while_the_fleet_is_read_is_read_next_time(fleet: Fleet) -> None:
    following = fleet.followed()
    fleet.changes_while_read = True
    await following.read(None)

    first = await following.renewed(within_s=LONG_S)
    second = await following.renewed(within_s=SHORT_S)

    assert first is not None
    assert second is None
    assert fleet.reads == 2


async def test_a_fleet_that_changes_all_the_time_is_read_for_a_fifth_of_it(fleet: Fleet) -> None:
    following = fleet.followed()
    fleet.takes_s = SHORTEST_REST_S
    await following.read(None)
    loop = asyncio.get_running_loop()
    fleet.news.tell()

    too_soon = await following.renewed(within_s=SHORT_S)
    began = loop.time()
    in_time = await following.renewed(within_s=LONG_S)

    assert too_soon is None
    assert in_time is not None
    waited = loop.time() - began - fleet.takes_s
    assert waited >= (REST_FACTOR - 1) * fleet.takes_s


async def test_an_ironic_that_is_away_for_a_moment_is_asked_at_the_next_pause(
    fleet: Fleet,
) -> None:
    following = fleet.followed()
    await following.read(None)
    fleet.news.tell()
    fleet.fails = CloudUnavailable("away")

    away = await following.renewed(within_s=LONG_S)
    fleet.fails = None
    back = await following.renewed(within_s=LONG_S)

    assert away is None
    assert back is not None


async def test_an_ironic_that_refuses_ends_the_pass(fleet: Fleet) -> None:
    following = fleet.followed()
    await following.read(None)
    fleet.news.tell()
    fleet.fails = CloudRefused("no such API")

    with pytest.raises(CloudRefused):
        await following.renewed(within_s=LONG_S)


async def test_what_failed_is_taken_up_in_the_same_pass_when_its_time_comes(fleet: Fleet) -> None:
    following = fleet.followed()
    await following.read(None)
    await following.settled([failed(NOW + timedelta(seconds=10))])

    before = await following.renewed(within_s=SHORT_S)
    fleet.clock.at = NOW + timedelta(seconds=10)
    after = await following.renewed(within_s=SHORT_S)
    once_only = await following.renewed(within_s=SHORT_S)

    assert before is None
    assert after is not None
    assert once_only is None


async def test_devices_are_moved_as_they_settle(fleet: Fleet) -> None:
    following = fleet.followed()

    await following.settled([failed(None)])

    assert fleet.moved == ["one"]


async def test_only_failures_are_tried_again() -> None:
    later = NOW + timedelta(hours=1)
    settled = Enrollment(device_id=DeviceId("two"), standing=Standing.AVAILABLE, retry_at=NOW)

    assert first_retry([settled, failed(None)]) is None
    assert first_retry([settled, failed(later), failed(NOW + timedelta(hours=2))]) == later
