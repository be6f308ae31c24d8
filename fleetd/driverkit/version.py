"""Versions of firmware as vendors write them, compared by their numbers within one generation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from fleetd.domain.errors import DeclarationError

_FIRST: Final = re.compile(r"\d+(?:\.\d+)*")
_MARKED: Final = re.compile(r"\bv(\d+(?:\.\d+)*)")
_BRACKETED: Final = re.compile(r"(\d+(?:\.\d+)*)\((\d+)(?:\.?([a-z\d]+))?\)")
_LONGEST: Final = 200


@lru_cache(maxsize=4096)
def version_numbers(text: str | None) -> tuple[int, ...] | None:
    """The numbers of the version in a text, or None where there are none.

    ``iLO 6 v1.66`` is (1, 66): a number marked with v goes before the name's own; otherwise the
    first dotted number counts, and failing that the first number (``TEI334L-2.10`` is (2, 10)).
    Cisco's ``4.1(3d)`` is (4, 1, 3, 4): a build's letter counts as its place in the alphabet.
    A text of more than 200 characters is no version.
    """
    if not text or len(text) > _LONGEST:
        return None
    bracketed = _BRACKETED.search(text)
    if bracketed:
        dotted, build, letter = bracketed.groups()
        return (*map(int, dotted.split(".")), int(build), _letters(letter))
    marked = _MARKED.search(text)
    if marked:
        return _numbers(marked.group(1))
    found = _FIRST.findall(text)
    if not found:
        return None
    return _numbers(next((item for item in found if "." in item), found[0]))


def _letters(text: str | None) -> int:
    if not text:
        return 0
    return int(text) if text.isdecimal() else ord(text[0]) - ord("a") + 1


def _numbers(dotted: str) -> tuple[int, ...]:
    numbers = [int(item) for item in dotted.split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A span of firmware: from ``since`` (with it) to ``before`` (without it), in a generation.

    Numbers are compared within a generation only, because some vendors start again at 1.x (an
    iDRAC10's 1.20 is younger than an iDRAC9's 7.10). An unknown version is taken to be in the
    range: a repair of data that is right changes nothing.
    """

    generation: str | None = None
    since: str | None = None
    before: str | None = None

    def __post_init__(self) -> None:
        for bound in (self.since, self.before):
            if bound is not None and version_numbers(bound) is None:
                raise DeclarationError(f"a range of firmware can't end at {bound!r}: no version")
        if self.generation is None and self.since is None and self.before is None:
            raise DeclarationError("a range of firmware needs a generation or a bound")

    def holds(self, generation: str | None, firmware: str | None) -> bool:
        """The firmware of that generation is in the range, as far as is known."""
        if self.generation is not None and generation not in {None, self.generation}:
            return False
        numbers = version_numbers(firmware)
        if numbers is None:
            return True
        low, high = version_numbers(self.since), version_numbers(self.before)
        return (low is None or numbers >= low) and (high is None or numbers < high)

    def __str__(self) -> str:
        parts = [self.generation or "any generation"]
        if self.since is not None:
            parts.append(f"from {self.since}")
        if self.before is not None:
            parts.append(f"before {self.before}")
        return " ".join(parts)
