"""A driver as a value: what it matches, and every way in which its BMCs leave the standard.

Each verb (``derive``, ``matches``, ``quirk``, ``also``, ``conforms``, ``for_ironic``, ...)
gives a new value, so importing a driver does nothing and there is nothing to build or register.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, Unpack

from fleetd.domain.errors import DeclarationError
from fleetd.driverkit.effects import Effect
from fleetd.driverkit.facts import Claim, Facts, Match
from fleetd.driverkit.ironic import IronicHardware, IronicTraits
from fleetd.driverkit.quirk import Quirk, QuirkWords

_NAME: Final = re.compile(r"^[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*$")


class Axis(StrEnum):
    """A BMC's stack is matched first; the board's vendor overlays it."""

    STACK = "stack"
    BOARD = "board"


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """The code for one family of BMCs.

    ``vendor`` is the maker's one name in fleetd, None where the family runs under many. An
    overlay (``axis`` board) adds its quirks to whichever stack was chosen.
    """

    name: str
    title: str
    vendor: str | None = None
    axis: Axis = Axis.STACK
    alternatives: tuple[Match, ...] = ()
    eras: tuple[tuple[str, Match], ...] = ()
    quirks: tuple[Quirk, ...] = ()
    ironic: IronicTraits = field(default_factory=IronicTraits)

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise DeclarationError(f"{self.name!r} is no name for a driver: use dell.idrac's form")
        seen: set[str] = set()
        for quirk in self.quirks:
            if quirk.id in seen:
                raise DeclarationError(f"{self.name} declares the quirk {quirk.id!r} twice")
            seen.add(quirk.id)

    def derive(
        self, name: str, *, title: str, vendor: str | None = None, axis: Axis | None = None
    ) -> Driver:
        """A driver that starts with this one's quirks and claims nothing yet."""
        return replace(
            self,
            name=name,
            title=title,
            vendor=vendor or self.vendor,
            axis=axis or self.axis,
            alternatives=(),
        )

    def matches(self, **conditions: Any) -> Driver:
        """Claim what meets these conditions too (the fields of ``Match``)."""
        return replace(self, alternatives=(*self.alternatives, Match(**conditions)))

    def generation(self, name: str, **conditions: Any) -> Driver:
        """Name the generation of what meets these conditions; the first that's met counts."""
        return replace(self, eras=(*self.eras, (name, Match(**conditions))))

    def quirk(self, quirk_id: str, *effects: Effect, **words: Unpack[QuirkWords]) -> Driver:
        """Declare a departure from the standard."""
        try:
            quirk = Quirk(id=quirk_id, effects=effects, **words)
        except TypeError as error:
            raise DeclarationError(f"{self.name}: the quirk {quirk_id!r}: {error}") from error
        return replace(self, quirks=(*self.quirks, quirk))

    def also(self, *quirks: Quirk) -> Driver:
        """Declare departures that are written elsewhere: a family of many keeps them by area."""
        return replace(self, quirks=(*self.quirks, *quirks))

    def conforms(self, quirk_id: str) -> Driver:
        """Drop a quirk that was derived: this family keeps to the standard there.

        Raises:
            DeclarationError: No such quirk was derived.
        """
        kept = tuple(quirk for quirk in self.quirks if quirk.id != quirk_id)
        if len(kept) == len(self.quirks):
            raise DeclarationError(f"{self.name} has no quirk {quirk_id!r} to drop")
        return replace(self, quirks=kept)

    def for_ironic(self, *hardware: IronicHardware) -> Driver:
        """Name the hardware types that can drive this family, the best first."""
        return replace(self, ironic=IronicTraits(hardware=hardware))

    def claim(self, facts: Facts) -> Claim | None:
        """The strongest of this driver's matches that the facts meet."""
        claims = [claim for match in self.alternatives if (claim := match.claim(facts))]
        return max(claims, default=None)

    def generation_of(self, facts: Facts) -> str | None:
        """The generation that the facts show, if one was declared for them."""
        return next((name for name, match in self.eras if match.is_met(facts)), None)

    def active(self, facts: Facts) -> tuple[Quirk, ...]:
        """The quirks that hold for these facts."""
        era = self.generation_of(facts)
        return tuple(
            quirk for quirk in self.quirks if not quirk.is_limited or quirk.holds(era, facts)
        )
