"""When endpoints are due."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from fleetd.services.schedule import DueTable

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_key_is_handed_out_once_until_it_is_done() -> None:
    clock = Hands()
    table = DueTable(clock=clock)
    table.add("a", within=timedelta(0))

    assert table.take_due() == ("a",)
    clock.now += 1e9
    assert table.take_due() == ()


def test_a_done_key_is_due_after_its_interval_and_at_most_its_jitter() -> None:
    clock = Hands()
    table = DueTable(clock=clock)
    table.add("a", within=timedelta(0))
    table.take_due()

    table.done("a", interval=HOUR, jitter=MINUTE)

    clock.now = 3599
    assert table.take_due() == ()
    clock.now = 3661
    assert table.take_due() == ("a",)


@given(st.integers(1, 40))
def test_pauses_after_failures_grow_but_never_beyond_the_interval(failures: int) -> None:
    clock = Hands()
    table = DueTable(clock=clock)
    table.add("a", within=timedelta(0))
    for _ in range(failures):
        clock.now += 1e6
        table.take_due()
        table.failed("a", interval=HOUR, first=MINUTE)

    start = clock.now
    expected = min(60 * 2.0 ** (failures - 1), 3600)
    clock.now = start + expected / 2 - 0.001
    assert table.take_due() == ()
    clock.now = start + expected + 0.001
    assert table.take_due() == ("a",)


def test_a_forgotten_key_is_not_due() -> None:
    table = DueTable(clock=Hands())
    table.add("a", within=timedelta(0))

    table.forget("a")

    assert table.take_due() == ()
    assert not table.known("a")
