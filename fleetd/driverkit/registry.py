"""The drivers that are installed, and which of them an endpoint gets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any, Final, Protocol, Self

from fleetd.domain.endpoint import Root
from fleetd.domain.errors import DeclarationError, NotFound
from fleetd.driverkit.choice import Choice, choice_of
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.selection import Selection
from fleetd.driverkit.spec import Axis, Driver
from fleetd.driverkit.standard import GENERIC

ENTRY_POINTS: Final = "fleetd.drivers"


class EntryPoint(Protocol):
    """The part of importlib.metadata's entry point that is used here."""

    @property
    def name(self) -> str: ...

    @property
    def value(self) -> str: ...

    def load(self) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """An entry point that gave no driver, and why; the others work on without it."""

    entry_point: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Every driver there is; a value, made once when the daemon starts."""

    drivers: tuple[Driver, ...] = (GENERIC,)
    rejected: tuple[Rejected, ...] = ()
    _selection: Selection = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_selection", Selection(self.drivers))

    @classmethod
    def of(cls, drivers: Iterable[Driver]) -> Self:
        """A registry of these drivers, and of the generic one.

        Raises:
            DeclarationError: Two drivers have one name.
        """
        found: dict[str, Driver] = {GENERIC.name: GENERIC}
        for driver in drivers:
            if driver.name in found and driver != found[driver.name]:
                raise DeclarationError(f"two drivers are named {driver.name!r}")
            found[driver.name] = driver
        return cls(drivers=tuple(found.values()))

    @classmethod
    def load(cls, points: Iterable[EntryPoint] | None = None) -> Self:
        """Load the drivers of all installed packages; a broken one is reported, not fatal."""
        found: dict[str, Driver] = {GENERIC.name: GENERIC}
        rejected = []
        chosen = entry_points(group=ENTRY_POINTS) if points is None else points
        for point in sorted(chosen, key=lambda item: (item.name, item.value)):
            try:
                driver = _load(point)
                _require_free(driver.name, found)
            except DeclarationError as error:
                rejected.append(Rejected(entry_point=point.name, reason=str(error)))
            else:
                found[driver.name] = driver
        return cls(drivers=tuple(found.values()), rejected=tuple(rejected))

    def select(self, root: Root) -> Choice:
        """What can be chosen by the service root alone; reading the endpoint refines it.

        Raises:
            DeclarationError: Two drivers claim the endpoint equally.
        """
        return self.choose(Facts.of_root(root))

    def choose(self, facts: Facts) -> Choice:
        """The most specific stack driver and, over it, the most specific board overlay.

        Raises:
            DeclarationError: Two drivers claim the endpoint equally; a coin is not tossed.
        """
        found = self._selection.strongest(Axis.STACK, facts)
        driver = found[0] if found else GENERIC
        claim = found[1].claim(facts) if found else None
        because = claim.because if claim else "no driver's match is met"
        return choice_of(
            driver, self._overlay(driver, facts), facts, because=because, again=self.choose
        )

    def named(self, name: str, facts: Facts) -> Choice:
        """The driver that a person named, with the overlay and quirks that the facts ask for.

        Raises:
            NotFound: No stack driver has this name.
        """
        driver = self.driver(name)
        return choice_of(
            driver,
            self._overlay(driver, facts),
            facts,
            because="named by a person",
            again=lambda later: self.named(name, later),
        )

    def driver(self, name: str) -> Driver:
        """The stack driver of that name, as a device carries it: what it means to Ironic, say.

        Raises:
            NotFound: No stack driver has this name.
        """
        for driver in self.drivers:
            if driver.name == name and driver.axis is Axis.STACK:
                return driver
        raise NotFound(f"no driver is named {name!r}")

    def _overlay(self, stack: Driver, facts: Facts) -> Driver | None:
        """An overlay is for a stack that many vendors use; a vendor's own stack needs none."""
        if stack.vendor is not None:
            return None
        found = self._selection.strongest(Axis.BOARD, facts)
        return found[0] if found else None


def _require_free(name: str, taken: Iterable[str]) -> None:
    if name in taken:
        raise DeclarationError(f"another driver is named {name!r} already")


def _load(point: EntryPoint) -> Driver:
    try:
        driver = point.load()
    except (Exception, SystemExit) as error:
        raise DeclarationError(f"{point.value} can't be loaded: {error!r}") from error
    if not isinstance(driver, Driver):
        raise DeclarationError(f"{point.value} is no Driver but a {type(driver).__name__}")
    return driver
