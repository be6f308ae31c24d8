"""What is known of an endpoint before its driver is chosen, and what a match asks of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final, Self

from fleetd.domain.endpoint import Root
from fleetd.domain.errors import DeclarationError
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import text
from fleetd.driverkit.version import Range, version_numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an endpoint says of itself: first its root, then (logged in) manager and machine."""

    vendor: str | None = None
    product: str | None = None
    redfish_version: str | None = None
    oem: frozenset[str] = frozenset()
    manager_model: str | None = None
    manager_firmware: str | None = None
    manufacturer: str | None = None
    model: str | None = None

    @classmethod
    def of_root(cls, root: Root) -> Self:
        """What can be known without a login."""
        return cls(
            vendor=root.vendor,
            product=root.product,
            redfish_version=root.redfish_version,
            oem=frozenset(key for key in root.oem_keys if not key.startswith("@")),
        )

    def said(self, name: str) -> tuple[str, ...]:
        """What the endpoint said that a condition of this name looks at."""
        if name == "oem":
            return tuple(self.oem)
        found = getattr(self, name)
        return () if found is None else (found,)

    def with_machine(self, managers: Iterable[Resource], machines: Iterable[Resource]) -> Facts:
        """Add what the managers and then the systems or chassis say, the first that says it."""
        managers, machines = tuple(managers), tuple(machines)
        keys = {
            key
            for resource in (*managers, *machines)
            for key in _oem_keys(resource)
            if not key.startswith("@")
        }
        main = next((item for item in managers if text(item.body, "FirmwareVersion")), None)
        return replace(
            self,
            oem=self.oem | keys,
            manager_model=text(main.body, "Model") if main else None,
            manager_firmware=text(main.body, "FirmwareVersion") if main else None,
            manufacturer=_first(machines, "Manufacturer"),
            model=_first(machines, "Model"),
        )


def _oem_keys(resource: Resource) -> Iterable[str]:
    oem = resource.body.get("Oem")
    return oem if isinstance(oem, dict) else ()


def _first(resources: Iterable[Resource], name: str) -> str | None:
    return next((found for item in resources if (found := text(item.body, name))), None)


WEIGHTS: Final = {
    "product": 8,
    "oem": 8,
    "manager_model": 8,
    "model": 8,
    "manager_firmware": 4,
    "vendor": 4,
    "manufacturer": 2,
}
"""How specific each text condition of a match is."""
_RANGE_WEIGHT: Final = 4


@lru_cache(maxsize=4096)
def meets(pattern: str, said: str) -> bool:
    """The expression is found in what was said, in any case; machines say the same few things."""
    return re.search(pattern, said, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Conditions that must all hold; a text is a regular expression searched without case.

    ``oem`` is one of the endpoint's Oem keys, ``without_oem`` keys that it must not have;
    ``firmware`` is met by a manager's firmware that is known and in the range.
    """

    vendor: str | None = None
    product: str | None = None
    oem: str | None = None
    without_oem: tuple[str, ...] = ()
    manager_model: str | None = None
    manager_firmware: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    firmware: Range | None = None

    conditions: tuple[tuple[str, str], ...] = field(init=False, repr=False, compare=False)
    """The text conditions: the fact's name, and the expression that it must meet."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "conditions", self._conditions())
        asked = [pattern for _, pattern in self.conditions]
        if not asked and self.firmware is None:
            raise DeclarationError("a match needs at least one condition")
        for pattern in asked:
            try:
                re.compile(pattern)
            except re.error as error:
                raise DeclarationError(f"a match can't use {pattern!r}: {error}") from error

    def _conditions(self) -> tuple[tuple[str, str], ...]:
        asked = [(name, getattr(self, name)) for name in WEIGHTS]
        return tuple(
            (name, f"^(?:{pattern})$" if name == "oem" else pattern)
            for name, pattern in asked
            if pattern is not None
        )

    @property
    def weight(self) -> int:
        """How specific the match is: the more, and the more telling, the conditions."""
        texts = sum(WEIGHTS[name] for name, _ in self.conditions)
        return texts + (_RANGE_WEIGHT if self.firmware is not None else 0)

    def is_met(self, facts: Facts) -> bool:
        """Every condition holds."""
        return self.allows(facts) and all(
            any(meets(pattern, said) for said in facts.said(name))
            for name, pattern in self.conditions
        )

    def allows(self, facts: Facts) -> bool:
        """The conditions that are no texts hold: no excluded Oem key, firmware in the range."""
        if self.firmware is not None:
            known = version_numbers(facts.manager_firmware) is not None
            if not known or not self.firmware.holds(None, facts.manager_firmware):
                return False
        present = {key.casefold() for key in facts.oem} if self.without_oem else frozenset()
        return not any(key.casefold() in present for key in self.without_oem)

    def claim(self, facts: Facts) -> Claim | None:
        """How strongly the facts meet this match, or None where a condition fails."""
        if not self.is_met(facts):
            return None
        reasons = [
            f"{name.replace('_', ' ')} is {', '.join(sorted(facts.said(name)))}"
            for name, _ in self.conditions
        ]
        if self.firmware is not None:
            reasons.append(f"firmware {facts.manager_firmware} is {self.firmware}")
        return Claim(weight=self.weight, because="; ".join(reasons))

    def __str__(self) -> str:
        words = [f"{name.replace('_', ' ')} {getattr(self, name)}" for name, _ in self.conditions]
        if self.firmware is not None:
            words.append(f"firmware {self.firmware}")
        if self.without_oem:
            words.append(f"no Oem key {' or '.join(self.without_oem)}")
        return ", ".join(words)


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """How specific a driver's match was, and in words what met it."""

    weight: int
    because: str
