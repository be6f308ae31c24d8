"""What a tool says of one service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Tool(StrEnum):
    """DMTF's tools, by the short names that the table and the expectations use."""

    SERVICE = "service-validator"
    PROTOCOL = "protocol-validator"
    USE_CASES = "use-case-checkers"
    UTILITIES = "utilities"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check that did not simply pass.

    Attributes:
        check: The tool's own name for it: an assertion, a class of errors, a test, a step.
        place: Where: a path with the property, or a method with a path.
        message: The tool's words.
        fails: False for a warning.
    """

    check: str
    place: str
    message: str
    fails: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One tool's whole say on one target; ``broken`` tells why it could not finish."""

    target: str
    tool: Tool
    passed: int = 0
    not_tested: int = 0
    findings: tuple[Finding, ...] = ()
    broken: str | None = None

    @property
    def failures(self) -> tuple[Finding, ...]:
        """The findings that are failures."""
        return tuple(one for one in self.findings if one.fails)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that are warnings."""
        return tuple(one for one in self.findings if not one.fails)


def of_target(outcomes: Iterable[Outcome], target: str) -> dict[Tool, Outcome]:
    """A target's outcomes by tool."""
    return {one.tool: one for one in outcomes if one.target == target}
