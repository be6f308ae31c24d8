"""Carries out plans against Ironic until every server stands where it should, or cannot for now.

One listing of nodes and ports a round serves the whole fleet: there is no request a node but those
that change something. Rounds follow each other with growing pauses while anything moves. Between
two rounds a pass takes in what changed in the fleet, so that nobody waits for its slowest server.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fleetd.domain.bare_metal import BareMetal, EnrollmentStore
from fleetd.domain.device import DeviceId
from fleetd.domain.enrollment import DesiredNode, Enrollment, ObservedNode, ObservedPort, Standing
from fleetd.domain.errors import CloudError, Next
from fleetd.domain.ports import Clock
from fleetd.services.enrollment.journey import Journey, Moment
from fleetd.services.enrollment.matching import match_nodes
from fleetd.services.enrollment.passwords import PasswordLedger
from fleetd.services.enrollment.plan import Plan, Policy, Situation
from fleetd.services.enrollment.wanted import Follower, Nobody, Wanted

FIRST_PAUSE_S: Final = 0.25
LONGEST_PAUSE_S: Final = 5.0
PAUSE_GROWTH: Final = 1.5
LOOKS: Final = 3
PAGE: Final = 1_000

Observed = tuple[tuple[ObservedNode, ...], tuple[ObservedPort, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassReport:
    """What one pass came to; ``actions`` counts the requests that changed something."""

    enrollments: Mapping[DeviceId, Enrollment]
    actions: int

    def count(self, standing: Standing) -> int:
        """How many devices stand there."""
        return sum(one.standing is standing for one in self.enrollments.values())


@dataclass(slots=True, kw_only=True)
class _Pass:
    """What changes while a pass goes on; ``kept`` are the records as the store has them."""

    wanted: Wanted
    kept: dict[DeviceId, Enrollment]
    journeys: dict[DeviceId, Journey]

    @property
    def moving(self) -> set[DeviceId]:
        """Those that have not settled."""
        return {device for device, journey in self.journeys.items() if not journey.settled}


class Reconciler:
    """Brings nodes to what is desired; one pass at a time."""

    def __init__(
        self,
        bare_metal: BareMetal,
        store: EnrollmentStore,
        clock: Clock,
        *,
        policy: Policy,
        concurrency: int,
        transition_timeout_s: float,
    ) -> None:
        self._bare_metal = bare_metal
        self._store = store
        self._clock = clock
        self._policy = policy
        self._concurrency = concurrency
        self._timeout_s = transition_timeout_s
        self._ledger = PasswordLedger()
        self._failed_with: dict[DeviceId, DesiredNode] = {}
        self._one_pass = asyncio.Lock()

    async def run(
        self,
        desired: Sequence[DesiredNode],
        *,
        devices: frozenset[DeviceId],
        follower: Follower | None = None,
    ) -> PassReport:
        """One pass: ends when nothing moves any more, or what still does took too long.

        Args:
            desired: The servers to work on, until the follower says otherwise.
            devices: All that exist; see ``Wanted``.
            follower: Hears of each server as it settles, and may change what is wanted.

        Raises:
            CloudUnavailable, CloudUnauthorised, CloudRefused: Ironic cannot be worked with at all.
            StoreBusy, StoreUnavailable: What came of it could not be kept; the next pass finds it.
        """
        follower = follower or Nobody()
        async with self._one_pass:
            now = await self._begin(Wanted(nodes=desired, devices=devices), None)
            actions = 0
            pause = FIRST_PAUSE_S
            while True:
                moving = now.moving
                done = await self._round(now)
                actions += done
                await follower.settled(
                    [now.journeys[device].record for device in moving - now.moving]
                )
                if not now.moving:
                    records = {device: one.record for device, one in now.journeys.items()}
                    return PassReport(enrollments=records, actions=actions)
                pause = FIRST_PAUSE_S if done else min(pause * PAUSE_GROWTH, LONGEST_PAUSE_S)
                wanted = await follower.renewed(within_s=pause)
                if wanted is not None:
                    now = await self._begin(wanted, now)

    async def _kept(self) -> dict[DeviceId, Enrollment]:
        kept: dict[DeviceId, Enrollment] = {}
        marker: str | None = None
        while True:
            page = await self._store.enrollments(limit=PAGE, marker=marker)
            kept.update({one.device_id: one for one in page.items})
            marker = page.marker
            if marker is None:
                return kept

    async def _begin(self, wanted: Wanted, before: _Pass | None) -> _Pass:
        """Set out; who is under way already, to the same end, goes on."""
        kept = await self._kept()
        under_way = _going_on(wanted, before) if before else {}
        records = {
            one.device_id: kept.get(one.device_id, Enrollment(device_id=one.device_id))
            for one in wanted.nodes
        }
        known = await asyncio.to_thread(
            self._ledger.known_among, [(one, records[one.device_id]) for one in wanted.nodes]
        )
        moment = self._moment()
        journeys = {
            one.device_id: under_way.get(one.device_id)
            or Journey(
                records[one.device_id],
                password_known=one.device_id in known,
                may_retry=self._may_retry(one, records[one.device_id]),
                started=moment,
            )
            for one in wanted.nodes
        }
        return _Pass(wanted=wanted, kept=kept, journeys=journeys)

    def _may_retry(self, desired: DesiredNode, record: Enrollment) -> bool:
        """After a failure: when its time has come, or when something else is wanted now."""
        if record.retry_at is None or record.retry_at <= self._clock.now():
            return True
        before = self._failed_with.get(desired.device_id)
        return before is not None and before != desired

    async def _round(self, now: _Pass) -> int:
        """Look, plan, act and save, once; how many requests changed something."""
        observed = await self._look()
        # a thousand nodes take 30 ms, which the event loop should not wait for
        plans = await asyncio.to_thread(self._plan, now, observed, self._moment())
        done = await self._act(now, plans)
        self._failed_with.update(
            {one.device_id: one for one in now.wanted.nodes if now.journeys[one.device_id].failed}
        )
        await self._save(now)
        return done

    async def _look(self) -> Observed:
        """Nodes and ports as they are; a service that hiccups is asked a few times."""
        for attempt in range(1, LOOKS + 1):
            try:
                return await self._bare_metal.nodes(), await self._bare_metal.ports()
            except CloudError as error:
                if error.next is not Next.LATER or attempt == LOOKS:
                    raise
            await asyncio.sleep(FIRST_PAUSE_S * 3**attempt)
        raise AssertionError("unreachable")

    def _plan(self, now: _Pass, observed: Observed, moment: Moment) -> dict[DeviceId, Plan]:
        nodes, ports = observed
        matches = match_nodes(now.wanted.nodes, nodes, ports, devices=now.wanted.devices)
        names = frozenset(node.name for node in nodes if node.name)
        ports_of: dict[str, list[ObservedPort]] = defaultdict(list)
        for port in ports:
            ports_of[port.node_uuid].append(port)
        plans: dict[DeviceId, Plan] = {}
        for one in now.wanted.nodes:
            journey = now.journeys[one.device_id]
            if journey.settled:
                continue
            match = matches[one.device_id]
            situation = Situation(
                desired=one,
                match=match,
                ports=ports_of[match.node.uuid] if match.node else (),
                password_known=journey.password_known,
                may_retry=journey.may_retry,
                taken_names=names,
                policy=self._policy,
            )
            plans[one.device_id] = journey.look(situation, moment, timeout_s=self._timeout_s)
        return plans

    async def _act(self, now: _Pass, plans: Mapping[DeviceId, Plan]) -> int:
        """Carry out all plans, a few at once; the requests of one server stay in order."""
        room = asyncio.Semaphore(self._concurrency)
        moment = self._moment()

        async def one(node: DesiredNode) -> int:
            async with room:
                return await now.journeys[node.device_id].act(
                    plans[node.device_id].actions,
                    desired=node,
                    bare_metal=self._bare_metal,
                    ledger=self._ledger,
                    moment=moment,
                )

        busy = [
            node
            for node in now.wanted.nodes
            if node.device_id in plans and plans[node.device_id].actions
        ]
        results = await asyncio.gather(*(one(node) for node in busy), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return sum(result for result in results if isinstance(result, int))

    async def _save(self, now: _Pass) -> None:
        at = self._clock.now()
        changed = []
        for device, journey in now.journeys.items():
            if journey.record != now.kept.get(device):
                journey.record = replace(journey.record, updated_at=at)
                changed.append(journey.record)
        if changed:
            await self._store.save_enrollments(changed)
            now.kept.update({one.device_id: one for one in changed})

    def _moment(self) -> Moment:
        return Moment(at=self._clock.now(), seconds=asyncio.get_running_loop().time())


def _going_on(wanted: Wanted, before: _Pass) -> dict[DeviceId, Journey]:
    """The journeys that have not settled, and of which nothing else is wanted."""
    moving = before.moving
    wishes = {one.device_id: one for one in before.wanted.nodes if one.device_id in moving}
    return {
        one.device_id: before.journeys[one.device_id]
        for one in wanted.nodes
        if wishes.get(one.device_id) == one
    }
