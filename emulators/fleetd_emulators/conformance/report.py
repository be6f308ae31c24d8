"""The table of results, for people (Markdown) and for programs (JSON)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final

from fleetd_emulators.conformance.findings import Outcome, Tool, of_target
from fleetd_emulators.conformance.targets import STANDARD
from fleetd_emulators.conformance.verdict import Expected, Verdict

_HEAD: Final = """<!-- Written by make conformance; do not edit. -->
# Conformance

DMTF's own tools check the emulated fleet from outside: `make conformance`. The standard
personality (`{standard}`) has no failure. A failure of another is one that the real BMC has too,
listed below with its source (`emulators/fleetd_emulators/conformance/expected.yaml`); where the
source begins with "gap:" it is the emulator's own and is still to be mended. A failure that is not
listed fails the run, and so does a listed one that no longer happens.

Schemas: {schemas}.

Each cell: passed / warnings / failed / not tested.

| target | {tools} |
| --- | {rule} |
"""


def markdown(outcomes: Sequence[Outcome], expected: Iterable[Expected], schemas: str) -> str:
    """The page for docs/."""
    targets = list(dict.fromkeys(one.target for one in outcomes))
    text = _HEAD.format(
        standard=STANDARD,
        schemas=schemas,
        tools=" | ".join(tool.value for tool in Tool),
        rule=" | ".join("---" for _ in Tool),
    )
    for target in targets:
        of = of_target(outcomes, target)
        cells = " | ".join(_cell(of.get(tool)) for tool in Tool)
        text += f"| {target} | {cells} |\n"
    text += "\n## Listed failures\n\n"
    text += _failures(outcomes, list(expected))
    text += "\n## Warnings of the standard personality\n\n"
    return text + _warnings(outcomes)


def document(outcomes: Sequence[Outcome], verdict: Verdict, schemas: str) -> dict[str, Any]:
    """The same as data, with every finding."""
    return {
        "good": verdict.good,
        "schemas": schemas,
        "outcomes": [asdict(one) for one in outcomes],
        "unexplained": [
            {"target": outcome.target, "tool": outcome.tool, **asdict(finding)}
            for outcome, finding in verdict.unexplained
        ],
        "dead": [rule.model_dump(mode="json") for rule in verdict.dead],
    }


def _cell(outcome: Outcome | None) -> str:
    if outcome is None:
        return "not run"
    if outcome.broken is not None:
        return f"not run: {outcome.broken}"
    numbers = (
        outcome.passed,
        len(outcome.warnings),
        len(outcome.failures),
        outcome.not_tested,
    )
    return " / ".join(str(number) for number in numbers)


def _failures(outcomes: Sequence[Outcome], expected: Sequence[Expected]) -> str:
    if not expected:
        return "None.\n"
    lines = "| target | tool | check | times | what it does | source |\n"
    lines += "| --- | --- | --- | --- | --- | --- |\n"
    for rule in expected:
        times = sum(
            rule.explains(outcome, finding) for outcome in outcomes for finding in outcome.failures
        )
        lines += (
            f"| {rule.target} | {rule.tool.value} | {rule.check} | {times} "
            f"| {rule.because} | {rule.source} |\n"
        )
    return lines


def _warnings(outcomes: Sequence[Outcome]) -> str:
    counted = Counter(
        (outcome.tool.value, finding.check)
        for outcome in outcomes
        if outcome.target == STANDARD
        for finding in outcome.warnings
    )
    if not counted:
        return "None.\n"
    lines = "| tool | check | times |\n| --- | --- | --- |\n"
    for (tool, check), times in sorted(counted.items()):
        lines += f"| {tool} | {check} | {times} |\n"
    return lines
