"""What to do next about one server in Ironic: pure, from what is desired and what is there.

The plan has no memory of its own: it looks at the node as it is, so that a pass that was killed is
taken up by the next one wherever it stopped. It gives the next requests only, not the whole way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from fleetd.domain.enrollment import (
    Action,
    ClearMaintenance,
    DeleteNode,
    DesiredNode,
    ObservedNode,
    ObservedPort,
    Provision,
    Standing,
    Verb,
)
from fleetd.services.enrollment.difference import (
    creation,
    needs_unavailable,
    node_changes,
    port_changes,
)
from fleetd.services.enrollment.matching import Match

CLEAN_FAULT: Final = "clean failure"
IN_BAND: Final = frozenset({"agent", "inspector", "no-inspect"})
"""Inspect interfaces that ask no BMC: they would boot an agent, or refuse."""


class Phase(Enum):
    """What Ironic's provision states mean to an enrollment."""

    UNVERIFIED = auto()
    MANAGEABLE = auto()
    AVAILABLE = auto()
    MOVING = auto()
    INSPECT_FAILED = auto()
    CLEAN_FAILED = auto()
    IN_USE = auto()
    FOREIGN = auto()


_PHASES: Final[dict[str, Phase]] = {
    "enroll": Phase.UNVERIFIED,
    "manageable": Phase.MANAGEABLE,
    "available": Phase.AVAILABLE,
    "inspect failed": Phase.INSPECT_FAILED,
    "clean failed": Phase.CLEAN_FAILED,
    **dict.fromkeys(
        ("verifying", "inspecting", "inspect wait", "cleaning", "clean wait", "clean hold"),
        Phase.MOVING,
    ),
    **dict.fromkeys(
        (
            "active",
            "deploying",
            "wait call-back",
            "deploy hold",
            "deploy failed",
            "rebuild",
            "deleting",
            "deleted",
            "rescue",
            "rescuing",
            "rescue wait",
            "rescue failed",
            "unrescuing",
            "unrescue failed",
            "servicing",
            "service wait",
            "service hold",
            "service failed",
        ),
        Phase.IN_USE,
    ),
}
_DELETABLE: Final = frozenset({Phase.UNVERIFIED, Phase.MANAGEABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the configuration says about the way."""

    inspect: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a plan looks at.

    Attributes:
        ports: Of this node only.
        password_known: The password that Ironic has is the present one.
        may_retry: The time of waiting after a failure is over.
        taken_names: The names of all nodes.
    """

    desired: DesiredNode
    match: Match
    ports: Sequence[ObservedPort] = ()
    password_known: bool = False
    may_retry: bool = True
    taken_names: frozenset[str] = frozenset()
    policy: Policy = Policy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where the server stands, and what to ask for now.

    A failed plan gives no reason of its own: what went wrong was kept when it did.

    Attributes:
        waiting: Ironic is at it, so look again soon.
    """

    standing: Standing
    reason: str | None = None
    actions: tuple[Action, ...] = ()
    waiting: bool = False


def phase(node: ObservedNode) -> Phase:
    """What the node's state means; a node with an instance is in use whatever its state."""
    found = _PHASES.get(node.provision_state, Phase.FOREIGN)
    return Phase.IN_USE if node.instance_uuid is not None and found is not Phase.FOREIGN else found


def plan(situation: Situation) -> Plan:
    """The next requests for one server, or why there are none."""
    match, desired = situation.match, situation.desired
    if match.conflict is not None:
        return Plan(standing=Standing.HELD, reason=match.conflict)
    if match.node is None:
        return _plan_creation(situation)
    node = match.node
    hindrance = _hindrance(node)
    if hindrance is not None:
        return hindrance
    if desired.retired:
        found = _plan_withdrawal(desired, node)
    else:
        found = _plan_enrollment(situation, node)
    if found.actions and node.reservation is not None:
        return replace(found, actions=(), waiting=True)
    return found


def _plan_creation(situation: Situation) -> Plan:
    if situation.desired.retired:
        return Plan(standing=Standing.WITHDRAWN)
    if not situation.may_retry:
        return Plan(standing=Standing.FAILED)
    action = creation(situation.desired, taken_names=situation.taken_names)
    return Plan(standing=Standing.ENROLLING, actions=(action,))


def _hindrance(node: ObservedNode) -> Plan | None:
    """Why the node must not be touched now, if so: in use, somebody's maintenance, or busy."""
    now = phase(node)
    if now is Phase.IN_USE:
        return Plan(standing=Standing.IN_USE, reason=node.last_error)
    if now is Phase.FOREIGN:
        reason = f"Ironic says {node.provision_state!r}: {node.last_error or 'no reason given'}"
        return Plan(standing=Standing.HELD, reason=reason)
    if node.maintenance and not (now is Phase.CLEAN_FAILED and node.fault == CLEAN_FAULT):
        why = node.fault or node.maintenance_reason or "no reason given"
        return Plan(standing=Standing.HELD, reason=f"in maintenance in Ironic: {why}")
    if now is Phase.MOVING:
        return Plan(standing=Standing.ENROLLING, waiting=True)
    return None


def _plan_withdrawal(desired: DesiredNode, node: ObservedNode) -> Plan:
    """Out of Ironic: only what is ours, and through ``manageable``, so that Nova lets go first."""
    if node.device_id != desired.device_id:
        return Plan(standing=Standing.WITHDRAWN, reason=f"node {node.uuid} is not fleetd's")
    verb = Provision(uuid=node.uuid, verb=Verb.MANAGE)
    action = DeleteNode(uuid=node.uuid) if phase(node) in _DELETABLE else verb
    return Plan(standing=Standing.ENROLLING, actions=(action,))


def _plan_enrollment(situation: Situation, node: ObservedNode) -> Plan:
    now = phase(node)
    if not situation.may_retry:
        return Plan(standing=Standing.FAILED)
    if now in {Phase.INSPECT_FAILED, Phase.CLEAN_FAILED}:
        return _plan_recovery(node)
    changes = node_changes(situation.desired, node, password_known=situation.password_known)
    ports = port_changes(situation.desired, node, situation.ports, available=now is Phase.AVAILABLE)
    if now is Phase.AVAILABLE and needs_unavailable(ports):
        return _ask(node, Verb.MANAGE)
    following = _plan_next_step(situation, node)
    return replace(following, actions=(*changes, *ports, *following.actions))


def _plan_next_step(situation: Situation, node: ObservedNode) -> Plan:
    match phase(node):
        case Phase.AVAILABLE:
            return Plan(standing=Standing.AVAILABLE)
        case Phase.UNVERIFIED:
            return _ask(node, Verb.MANAGE)
        case _:
            inspect = (
                situation.policy.inspect
                and not node.inspected
                and node.interfaces.get("inspect") not in IN_BAND
            )
            return _ask(node, Verb.INSPECT if inspect else Verb.PROVIDE)


def _plan_recovery(node: ObservedNode) -> Plan:
    """After a failure the way goes through ``manageable``; interfaces can change there only."""
    maintenance = (ClearMaintenance(uuid=node.uuid),) if node.maintenance else ()
    asked = _ask(node, Verb.MANAGE)
    return Plan(standing=asked.standing, actions=(*maintenance, *asked.actions))


def _ask(node: ObservedNode, verb: Verb) -> Plan:
    return Plan(
        standing=Standing.ENROLLING,
        actions=(Provision(uuid=node.uuid, verb=verb),),
    )
