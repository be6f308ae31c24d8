"""A quirk: one named departure from the Redfish standard, whole, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypedDict

from fleetd.driverkit.effects import Effect
from fleetd.driverkit.facts import Facts, Match
from fleetd.driverkit.version import Range


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Quirk:
    """One named departure from the Redfish standard, with its source; it's equal to itself only.

    ``standard`` says what the standard says, ``bmc`` what this BMC does, ``action`` what fleetd
    does about it, ``source`` where it was seen (the project's number of the fact first, if it has
    one), ``test`` the test that proves the action, as ``tests/drivers/test_dell.py::test_name``.
    Within the driver's own match it holds for the ``firmware`` and for what meets ``when``
    (None: for all). A quirk without effects is met by what fleetd does for every BMC, and
    ``action`` says by what.
    """

    id: str
    title: str
    standard: str
    bmc: str
    action: str
    source: str
    test: str
    effects: tuple[Effect, ...] = ()
    firmware: Range | None = None
    when: Match | None = None
    is_limited: bool = field(init=False, repr=False, compare=False)
    """It's for a part of the driver's family only."""

    def __post_init__(self) -> None:
        limited = self.firmware is not None or self.when is not None
        object.__setattr__(self, "is_limited", limited)

    def holds(self, era: str | None, facts: Facts) -> bool:
        """The quirk is active for these facts, as far as is known."""
        if self.firmware is not None and not self.firmware.holds(era, facts.manager_firmware):
            return False
        return self.when is None or self.when.is_met(facts)

    @property
    def limits(self) -> str:
        """In words, what of the driver's family it's for; empty for all of it."""
        words = [str(self.firmware)] if self.firmware else []
        return "; ".join([*words, *([str(self.when)] if self.when else [])])


class QuirkWords(TypedDict, total=False):
    """What ``Driver.quirk`` takes by name: the fields of ``Quirk``."""

    title: str
    standard: str
    bmc: str
    action: str
    source: str
    test: str
    firmware: Range | None
    when: Match | None
