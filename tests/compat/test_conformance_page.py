"""docs/conformance.md, the expected failures and the targets agree with each other."""

from __future__ import annotations

from pathlib import Path

from fleetd_emulators.conformance.findings import Tool
from fleetd_emulators.conformance.targets import STANDARD, names
from fleetd_emulators.conformance.verdict import Expected, load

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"


def rows(width: int) -> list[list[str]]:
    """The page's table rows with this many cells."""
    found = []
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == width and cells[0] not in {"target", "---"}:
            found.append(cells)
    return found


def results() -> dict[str, list[str]]:
    return {cells[0]: cells[1:] for cells in rows(1 + len(Tool)) if "/" in cells[1]}


def failures(cell: str) -> int:
    return int(cell.split("/")[2])


def listed(rule: Expected) -> list[str]:
    return [rule.target, rule.tool.value, rule.check]


def test_every_target_was_checked_with_every_tool() -> None:
    assert results().keys() == set(names())
    assert all("not run" not in cell for cells in results().values() for cell in cells)


def test_the_standard_personality_has_no_failure_and_expects_none() -> None:
    assert [failures(cell) for cell in results()[STANDARD]] == [0] * len(Tool)
    assert all(rule.target != STANDARD for rule in load())


def test_the_page_lists_exactly_the_expected_failures_each_with_its_times() -> None:
    shown = [cells for cells in rows(6) if cells[0] != "target"]

    assert [cells[:3] for cells in shown] == [listed(rule) for rule in load()]
    assert all(int(cells[3]) > 0 for cells in shown)


def test_the_times_of_the_listed_failures_add_up_to_the_counted_ones() -> None:
    shown = rows(6)
    for target, cells in results().items():
        for tool, cell in zip(Tool, cells, strict=True):
            times = sum(int(row[3]) for row in shown if row[:2] == [target, tool.value])
            assert times == failures(cell), (target, tool)
