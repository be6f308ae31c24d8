"""What is known of a real BMC's own failures, and whether a run agrees with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict

from fleetd_emulators.conformance.findings import Finding, Outcome, Tool

EXPECTED: Final = Path(__file__).with_name("expected.yaml")


class Expected(BaseModel):
    """A failure that the real BMC has too; the globs say which findings it explains.

    Attributes:
        target: The personality, or the kind of device.
        because: What the real one does.
        source: A quirk's id, or a document.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: str
    tool: Tool
    check: str
    place: str = "*"
    message: str = "*"
    because: str
    source: str

    def explains(self, outcome: Outcome, finding: Finding) -> bool:
        """Whether this is the failure that was found."""
        return (
            (outcome.target, outcome.tool) == (self.target, self.tool)
            and fnmatchcase(finding.check, self.check)
            and fnmatchcase(finding.place, self.place)
            and fnmatchcase(finding.message, self.message)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a run compares with what is expected.

    Attributes:
        unexplained: Failures that nobody expects.
        broken: Tools that could not finish.
        dead: Expectations that nothing met any more.
    """

    unexplained: tuple[tuple[Outcome, Finding], ...]
    broken: tuple[Outcome, ...]
    dead: tuple[Expected, ...]

    @property
    def good(self) -> bool:
        """Whether the run is as it should be."""
        return not (self.unexplained or self.broken or self.dead)


def load(path: Path = EXPECTED) -> tuple[Expected, ...]:
    """Read the expected failures."""
    return tuple(Expected.model_validate(entry) for entry in yaml.safe_load(path.read_text()) or ())


def judge(outcomes: Sequence[Outcome], expected: Iterable[Expected]) -> Verdict:
    """Compare the failures with the expected ones, of the targets and tools that ran."""
    ran = {(one.target, one.tool) for one in outcomes if one.broken is None}
    due = [rule for rule in expected if (rule.target, rule.tool) in ran]
    met: set[Expected] = set()
    unexplained = []
    for outcome in outcomes:
        for finding in outcome.failures:
            fitting = {rule for rule in due if rule.explains(outcome, finding)}
            met |= fitting
            if not fitting:
                unexplained.append((outcome, finding))
    return Verdict(
        unexplained=tuple(unexplained),
        broken=tuple(one for one in outcomes if one.broken is not None),
        dead=tuple(rule for rule in due if rule not in met),
    )
