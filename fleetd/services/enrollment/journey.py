"""One server's way through one pass: what was asked of Ironic, what came of it, when to give up."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog

from fleetd.domain.bare_metal import BareMetal
from fleetd.domain.enrollment import (
    Action,
    CreateNode,
    DesiredNode,
    Enrollment,
    ObservedNode,
    PatchNode,
    Provision,
    Verb,
)
from fleetd.domain.errors import CloudConflict, CloudError, CloudUnauthorised, CloudUnavailable
from fleetd.services.enrollment.passwords import PasswordLedger
from fleetd.services.enrollment.plan import Phase, Plan, Situation, phase, plan
from fleetd.services.enrollment.record import failed, planned

MOST_CONFLICTS: Final = 6
MOST_REPEATS: Final = 3

_FAILURES: Final[Mapping[Verb, Phase]] = {
    Verb.MANAGE: Phase.UNVERIFIED,
    Verb.INSPECT: Phase.INSPECT_FAILED,
    Verb.PROVIDE: Phase.CLEAN_FAILED,
}
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Now, for records and for measuring: ``seconds`` only ever grows."""

    at: datetime
    seconds: float


class Journey:
    """What one pass knows of one server.

    Attributes:
        record: The enrollment as it is now, to be kept.
        settled: Nothing more happens to it in this pass.
        failed: It failed in this pass, rather than before.
    """

    def __init__(
        self, record: Enrollment, *, password_known: bool, may_retry: bool, started: Moment
    ) -> None:
        self.record = record
        self.settled = False
        self.failed = False
        self._password_known = password_known
        self._may_retry = may_retry
        self._since = started.seconds
        self._state: str | None = None
        self._asked: Verb | None = None
        self._conflicts = 0
        self._repeats: Counter[str] = Counter()

    @property
    def password_known(self) -> bool:
        """The password that Ironic has is the present one."""
        return self._password_known

    @property
    def may_retry(self) -> bool:
        """The time of waiting after an earlier failure is over."""
        return self._may_retry

    def look(self, situation: Situation, moment: Moment, *, timeout_s: float) -> Plan:
        """Take in how the node is now, and plan; settles what has arrived, failed, or hangs."""
        node = situation.match.node
        state = node.provision_state if node else None
        if state != self._state:
            self._state, self._since = state, moment.seconds
        if node is not None and self._has_failed(node):
            self.record = replace(self.record, node_uuid=node.uuid, provision_state=state)
            self.fail(node.last_error or f"Ironic says {state!r}", moment.at)
            return Plan(standing=self.record.standing)
        found = plan(situation)
        self.record = planned(self.record, node, found)
        if moment.seconds - self._since > timeout_s and found.waiting:
            self.fail(f"still {state!r} in Ironic after {timeout_s:.0f} s", moment.at)
        elif not found.actions and not found.waiting:
            self.settled = True
        return found

    async def act(
        self,
        actions: tuple[Action, ...],
        *,
        desired: DesiredNode,
        bare_metal: BareMetal,
        ledger: PasswordLedger,
        moment: Moment,
    ) -> int:
        """Carry out the requests in order, up to the first that cannot be done now.

        Returns how many were done.

        Raises:
            CloudUnauthorised: No request at all will be answered.
        """
        done = 0
        for action in actions:
            try:
                await bare_metal.perform(action)
                self._count(action)
            except CloudUnauthorised:
                raise
            except (CloudConflict, CloudUnavailable) as error:
                self._conflicts += 1
                if self._conflicts > MOST_CONFLICTS:
                    self.fail(str(error), moment.at)
                break
            except CloudError as error:
                self.fail(str(error), moment.at)
                break
            done += 1
            self._conflicts = 0
            self._since = moment.seconds
            _log.info("ironic_changed", device=desired.device_id, action=type(action).__name__)
            await self._remember(action, desired, ledger)
        return done

    def fail(self, reason: str, at: datetime) -> None:
        """Give up for this pass, and say why."""
        self.record = failed(self.record, reason, at=at)
        self.settled = True
        self.failed = True
        _log.warning("enrollment_failed", device=self.record.device_id, reason=reason)

    def _has_failed(self, node: ObservedNode) -> bool:
        """What was asked for in this pass has ended where its failures end."""
        if self._asked is None or phase(node) is not _FAILURES.get(self._asked):
            return False
        return bool(node.last_error)

    def _count(self, action: Action) -> None:
        """Stop at what Ironic takes but does not keep, or the pass would never end."""
        what = ", ".join(action.paths) if isinstance(action, PatchNode) else str(action)
        self._repeats[what] += 1
        if self._repeats[what] > MOST_REPEATS:
            raise CloudError(f"Ironic does not keep what it is given: {what}")

    async def _remember(self, action: Action, desired: DesiredNode, ledger: PasswordLedger) -> None:
        if isinstance(action, Provision):
            self._asked = action.verb
        if isinstance(action, CreateNode) or (
            isinstance(action, PatchNode) and action.sends_password
        ):
            digest = await asyncio.to_thread(ledger.digest, desired)
            self.record = replace(self.record, password=digest)
            self._password_known = True
