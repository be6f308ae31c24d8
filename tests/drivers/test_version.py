"""Versions of firmware compare by their numbers, within a generation only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetd.domain.errors import DeclarationError
from fleetd.driverkit.version import Range, version_numbers


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("iLO 6 v1.66", (1, 66)),
        ("1.13.01 May 13 2025", (1, 13, 1)),
        ("TEI334L 2.10 2018-09-12", (2, 10)),
        ("7.10.30.00", (7, 10, 30)),
        ("4.1(3d)", (4, 1, 3, 4)),
        ("Unknown", None),
        ("9" * 5000, None),
        ("", None),
        (None, None),
    ],
)
def test_the_version_is_found_in_what_vendors_write(
    written: str | None, numbers: tuple[int, ...] | None
) -> None:
    assert version_numbers(written) == numbers


def test_ten_is_more_than_nine() -> None:
    assert Range(since="6.9").holds(None, "6.10.00.00")


def test_the_upper_bound_is_outside() -> None:
    assert not Range(before="6.00.30").holds(None, "6.00.30.00")


def test_another_generation_is_outside_though_its_number_fits() -> None:
    assert not Range(generation="iDRAC9", before="6.10").holds("iDRAC10", "1.20.50.52")


def test_an_unknown_version_counts_as_inside() -> None:
    assert Range(generation="iDRAC9", before="6.10").holds(None, None)


def test_a_bound_without_a_version_is_refused() -> None:
    with pytest.raises(DeclarationError):
        Range(since="latest")


def test_a_range_without_bounds_is_refused() -> None:
    with pytest.raises(DeclarationError):
        Range()


@given(st.text(max_size=40))
def test_no_text_breaks_the_comparison(written: str) -> None:
    assert isinstance(Range(since="1.2", before="9.9").holds(None, written), bool)
