"""The life of a device: one table, and nothing beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetd.domain.errors import InvalidTransition
from fleetd.domain.lifecycle import TRANSITIONS, State, require_transition

states = st.sampled_from(State)


def test_every_state_has_a_row() -> None:
    assert set(TRANSITIONS) == set(State)


@given(states, states)
def test_a_transition_is_allowed_exactly_when_the_table_has_it(before: State, after: State) -> None:
    if after is before or after in TRANSITIONS[before]:
        require_transition(before, after, subject="device d")
        return
    with pytest.raises(InvalidTransition, match="device d"):
        require_transition(before, after, subject="device d")


@given(states)
def test_a_device_can_be_set_aside_from_everywhere_but_its_end(state: State) -> None:
    aside = {State.QUARANTINED, State.MAINTENANCE, State.UNREACHABLE, State.RETIRED} - {state}

    if state is not State.RETIRED:
        assert aside <= TRANSITIONS[state]


def test_a_retired_device_starts_anew() -> None:
    assert TRANSITIONS[State.RETIRED] == {State.DISCOVERED}
