"""How an enrollment's record changes: pure, from what was planned, done, or went wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from fleetd.domain.enrollment import Enrollment, ObservedNode, Standing
from fleetd.services.enrollment.plan import Plan

FIRST_WAIT: Final = timedelta(seconds=10)
LONGEST_WAIT: Final = timedelta(hours=1)
_SETTLED: Final = frozenset({Standing.AVAILABLE, Standing.IN_USE, Standing.WITHDRAWN})


def planned(before: Enrollment, node: ObservedNode | None, plan: Plan) -> Enrollment:
    """The record after a look at the node; arriving where it should be ends the failures."""
    after = replace(
        before,
        standing=plan.standing,
        node_uuid=node.uuid if node else None,
        provision_state=node.provision_state if node else None,
        reason=before.reason if plan.standing is Standing.FAILED else plan.reason,
    )
    if plan.standing in _SETTLED and not plan.actions:
        after = replace(after, failures=0, retry_at=None)
    return after


def failed(before: Enrollment, reason: str, *, at: datetime) -> Enrollment:
    """The record after a failure: tried again later, each time after twice as long."""
    wait = min(FIRST_WAIT * 2 ** min(before.failures, 16), LONGEST_WAIT)
    return replace(
        before,
        standing=Standing.FAILED,
        reason=reason,
        failures=before.failures + 1,
        retry_at=at + wait,
    )
