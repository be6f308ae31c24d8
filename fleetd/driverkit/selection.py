"""Which of many drivers claims an endpoint, decided once for each fact that was ever said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from fleetd.domain.errors import DeclarationError
from fleetd.driverkit.facts import WEIGHTS, Facts, Match, meets
from fleetd.driverkit.spec import Axis, Driver

_REMEMBERED: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One match of one driver; ``needs`` are the bits of its text conditions."""

    driver: Driver
    match: Match
    weight: int
    needs: int


class Selection:
    """The drivers' matches, the most specific first.

    Each distinct condition is one bit. Which conditions a text meets is found once and kept, so
    choosing among forty drivers is a few comparisons of integers (``make bench``).
    """

    def __init__(self, drivers: Iterable[Driver]) -> None:
        self._bits: dict[str, list[tuple[str, int]]] = {name: [] for name in WEIGHTS}
        self._known: dict[tuple[str, str], int] = {}
        seen: dict[tuple[str, str], int] = {}
        rows = [
            _Row(driver=driver, match=match, weight=match.weight, needs=self._needs(match, seen))
            for driver in drivers
            for match in driver.alternatives
        ]
        rows.sort(key=lambda row: -row.weight)
        self._rows = {axis: [row for row in rows if row.driver.axis is axis] for axis in Axis}

    def strongest(self, axis: Axis, facts: Facts) -> tuple[Driver, Match] | None:
        """The driver with the most specific match that the facts meet, and that match.

        Raises:
            DeclarationError: Two drivers claim the endpoint equally; a coin is not tossed.
        """
        said = self._said(facts)
        best: _Row | None = None
        for row in self._rows[axis]:
            if best is not None and row.weight < best.weight:
                break
            if row.needs & said != row.needs or not row.match.allows(facts):
                continue
            if best is not None and row.driver is not best.driver:
                names = " and ".join(sorted((best.driver.name, row.driver.name)))
                raise DeclarationError(f"{names} claim this endpoint equally: {best.match}")
            best = best or row
        return None if best is None else (best.driver, best.match)

    def _needs(self, match: Match, seen: dict[tuple[str, str], int]) -> int:
        needs = 0
        for condition in match.conditions:
            if condition not in seen:
                seen[condition] = 1 << len(seen)
                name, pattern = condition
                self._bits[name].append((pattern, seen[condition]))
            needs |= seen[condition]
        return needs

    def _said(self, facts: Facts) -> int:
        met = 0
        for name in WEIGHTS:
            for text in facts.said(name):
                known = self._known.get((name, text))
                met |= self._look(name, text) if known is None else known
        return met

    def _look(self, name: str, text: str) -> int:
        met = sum(bit for pattern, bit in self._bits[name] if meets(pattern, text))
        if len(self._known) < _REMEMBERED:
            self._known[name, text] = met
        return met
