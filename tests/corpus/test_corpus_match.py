"""What was found against what is there: what is missing and what is invented both cost."""

from __future__ import annotations

from fleetd.daemon.corpus.item import Item
from fleetd.daemon.corpus.match import score


def item(path: str, *names: str, optional: bool = False) -> Item:
    return Item(
        kind="drives", path=f"/redfish/v1/{path}", names=frozenset(names), optional=optional
    )


def test_things_are_the_same_by_path_in_any_spelling() -> None:
    result = score([item("Drives/A")], [item("drives/a/")])

    assert (result.right, result.all, result.missing, result.invented) == (1, 1, (), ())


def test_things_are_the_same_by_another_name() -> None:
    result = score([item("Drives/A", "serial:1")], [item("Chassis/1/Drives/0", "serial:1")])

    assert (result.right, result.invented) == (1, ())


def test_what_is_missing_and_what_is_invented_are_told_by_path() -> None:
    result = score([item("Drives/A"), item("Drives/B")], [item("Drives/A"), item("Drives/C")])

    assert (result.right, result.there, result.all) == (1, 2, 3)
    assert result.missing == ("/redfish/v1/Drives/B",)
    assert result.invented == ("/redfish/v1/Drives/C",)


def test_what_is_found_twice_is_invented_once() -> None:
    result = score([item("Drives/A")], [item("Drives/A"), item("Drives/A")])

    assert (result.right, result.invented) == (1, ("/redfish/v1/Drives/A",))


def test_things_that_share_a_name_are_paired_each_once() -> None:
    there = [item("Ports/1", "mac:1"), item("Ports/2", "mac:1")]

    result = score(there, [item("Functions/1", "mac:1"), item("Functions/2", "mac:1")])

    assert (result.right, result.missing, result.invented) == (2, (), ())


def test_what_is_optional_counts_only_where_it_was_found() -> None:
    there = [item("Drives/A", optional=True), item("Drives/B", optional=True)]

    result = score(there, [item("Drives/A")])

    assert (result.right, result.there, result.missing) == (1, 1, ())
    assert result.aside == ("/redfish/v1/Drives/B",)
