"""Passes that go on while the fleet changes, against a real Ironic on its fake hardware."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from fleetd.domain.device import DeviceId
from fleetd.domain.enrollment import DesiredNode, Enrollment, ObservedNode, Standing
from fleetd.openstack.ironic import Ironic
from fleetd.services.enrollment.plan import Policy
from fleetd.services.enrollment.reconcile import PassReport, Reconciler
from fleetd.services.enrollment.wanted import Wanted
from tests.support.enrollment import Calendar, MemoryEnrollments, desired_node

pytestmark = [pytest.mark.lab, pytest.mark.asyncio]

DEADLINE_S = 40
HANGS_S = 6.0


class Hanging:
    """Ironic, as it would look if one node hung in verifying."""

    def __init__(self, inner: Ironic, uuid: str) -> None:
        self._inner = inner
        self._uuid = uuid
        self.ports = inner.ports
        self.drivers = inner.drivers
        self.perform = inner.perform

    async def nodes(self) -> tuple[ObservedNode, ...]:
        return tuple(
            replace(node, provision_state="verifying", last_error=None)
            if node.uuid == self._uuid and node.provision_state != "enroll"
            else node
            for node in await self._inner.nodes()
        )


class Follower:
    """Wants what the test says, asked at every pause, and notes who settled when."""

    def __init__(self, changes: Callable[[set[DeviceId]], Sequence[DesiredNode] | None]) -> None:
        self._changes = changes
        self.arrived: list[DeviceId] = []

    async def renewed(self, *, within_s: float) -> Wanted | None:
        await asyncio.sleep(within_s)
        nodes = self._changes(set(self.arrived))
        if nodes is None:
            return None
        return Wanted(nodes=nodes, devices=frozenset(one.device_id for one in nodes))

    async def settled(self, enrollments: Sequence[Enrollment]) -> None:
        self.arrived += [one.device_id for one in enrollments]


async def run(
    bare_metal: Ironic, hanging: DesiredNode, first: Sequence[DesiredNode], follower: Follower
) -> PassReport:
    reconciler = Reconciler(
        Hanging(bare_metal, hanging.uuid),
        MemoryEnrollments(),
        Calendar(),
        policy=Policy(),
        concurrency=4,
        transition_timeout_s=HANGS_S,
    )
    async with asyncio.timeout(DEADLINE_S):
        devices = frozenset(one.device_id for one in first)
        return await reconciler.run(first, devices=devices, follower=follower)


async def test_a_newcomer_arrives_while_another_hangs_and_that_one_is_given_up_in_time(
    bare_metal: Ironic, mark: str
) -> None:
    hanging, healthy, newcomer = (desired_node(f"{mark[:-1]}{digit}") for digit in "012")
    follower = Follower(
        lambda arrived: [hanging, healthy, newcomer] if healthy.device_id in arrived else None
    )

    report = await run(bare_metal, hanging, [hanging, healthy], follower)

    # A server that has settled is looked at again whenever the fleet changes.
    order = list(dict.fromkeys(follower.arrived))
    assert order == [healthy.device_id, newcomer.device_id, hanging.device_id]
    assert report.count(Standing.AVAILABLE) == 2
    given_up = report.enrollments[hanging.device_id]
    assert given_up.standing is Standing.FAILED
    assert given_up.reason == f"still 'verifying' in Ironic after {HANGS_S:.0f} s"


async def test_who_is_not_wanted_any_more_holds_up_no_pass(bare_metal: Ironic, mark: str) -> None:
    hanging, healthy = (desired_node(f"{mark[:-1]}{digit}") for digit in "01")
    follower = Follower(lambda arrived: [healthy] if healthy.device_id in arrived else None)

    report = await run(bare_metal, hanging, [hanging, healthy], follower)

    assert set(report.enrollments) == {healthy.device_id}
    assert report.count(Standing.AVAILABLE) == 1


async def test_another_wish_for_a_server_that_has_arrived_is_met_in_the_same_pass(
    bare_metal: Ironic, mark: str
) -> None:
    hanging, healthy = (desired_node(f"{mark[:-1]}{digit}") for digit in "01")
    other = replace(healthy, resource_class="other")
    follower = Follower(lambda arrived: [hanging, other] if healthy.device_id in arrived else None)

    report = await run(bare_metal, hanging, [hanging, healthy], follower)

    (node,) = [one for one in await bare_metal.nodes() if one.uuid == healthy.uuid]
    assert node.resource_class == "other"
    assert report.count(Standing.AVAILABLE) == 1
