"""The life of a device and of an endpoint: one table of states and what may follow."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from fleetd.domain.errors import InvalidTransition


class State(StrEnum):
    """Where a device stands in its life."""

    DISCOVERED = "discovered"
    INVENTORIED = "inventoried"
    QUALIFIED = "qualified"
    READY = "ready"
    ENROLLED = "enrolled"
    IN_USE = "in-use"
    QUARANTINED = "quarantined"
    MAINTENANCE = "maintenance"
    UNREACHABLE = "unreachable"
    RETIRED = "retired"


_SET_ASIDE: Final = frozenset(
    {State.QUARANTINED, State.MAINTENANCE, State.UNREACHABLE, State.RETIRED}
)
_PATH: Final = (
    State.DISCOVERED,
    State.INVENTORIED,
    State.QUALIFIED,
    State.READY,
    State.ENROLLED,
    State.IN_USE,
)

TRANSITIONS: Final[dict[State, frozenset[State]]] = {
    State.DISCOVERED: frozenset({State.INVENTORIED}) | _SET_ASIDE,
    # An adopted node may already be enrolled or in use when fleetd first reads it.
    State.INVENTORIED: frozenset({State.QUALIFIED, State.ENROLLED, State.IN_USE}) | _SET_ASIDE,
    State.QUALIFIED: frozenset({State.READY, State.INVENTORIED, State.ENROLLED, State.IN_USE})
    | _SET_ASIDE,
    State.READY: frozenset({State.ENROLLED, State.INVENTORIED, State.QUALIFIED, State.IN_USE})
    | _SET_ASIDE,
    State.ENROLLED: frozenset({State.IN_USE, State.READY, State.INVENTORIED}) | _SET_ASIDE,
    State.IN_USE: frozenset({State.ENROLLED, State.READY, State.INVENTORIED}) | _SET_ASIDE,
    State.QUARANTINED: frozenset(_PATH) | _SET_ASIDE - {State.QUARANTINED},
    State.MAINTENANCE: frozenset(_PATH) | _SET_ASIDE - {State.MAINTENANCE},
    State.UNREACHABLE: frozenset(_PATH) | _SET_ASIDE - {State.UNREACHABLE},
    # A retired device that answers again starts anew.
    State.RETIRED: frozenset({State.DISCOVERED}),
}


def require_transition(before: State, after: State, *, subject: str) -> None:
    """Refuse a change of state that the table doesn't hold; staying where one is is no change.

    Raises:
        InvalidTransition: The table has no way from ``before`` to ``after``.
    """
    if before != after and after not in TRANSITIONS[before]:
        allowed = ", ".join(sorted(TRANSITIONS[before]))
        raise InvalidTransition(f"{subject} is {before} and can't become {after}, only {allowed}")
