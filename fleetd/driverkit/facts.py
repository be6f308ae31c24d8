"""What is known of an endpoint before its driver is chosen, and what a match asks of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Self

from fleetd.domain.endpoint import Root
from fleetd.domain.errors import DeclarationError
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import text


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


_WEIGHTS: Final = {
    "product": 8,
    "oem": 8,
    "manager_model": 8,
    "model": 8,
    "manager_firmware": 4,
    "vendor": 4,
    "manufacturer": 2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Conditions that must all hold; a text is a regular expression searched without case.

    ``oem`` is one of the endpoint's Oem keys, ``without_oem`` keys that it must not have.
    """

    vendor: str | None = None
    product: str | None = None
    oem: str | None = None
    without_oem: tuple[str, ...] = ()
    manager_model: str | None = None
    manager_firmware: str | None = None
    manufacturer: str | None = None
    model: str | None = None

    def __post_init__(self) -> None:
        asked = [getattr(self, name) for name in _WEIGHTS if getattr(self, name) is not None]
        if not asked:
            raise DeclarationError("a match needs at least one condition")
        for pattern in asked:
            try:
                re.compile(pattern)
            except re.error as error:
                raise DeclarationError(f"a match can't use {pattern!r}: {error}") from error

    def claim(self, facts: Facts) -> Claim | None:
        """How strongly the facts meet this match, or None where a condition fails."""
        present = {key.casefold() for key in facts.oem}
        if any(key.casefold() in present for key in self.without_oem):
            return None
        reasons = []
        weight = 0
        for name, pattern, said in self._conditions(facts):
            if not any(re.search(pattern, item, re.IGNORECASE) for item in said):
                return None
            weight += _WEIGHTS[name]
            reasons.append(f"{name.replace('_', ' ')} is {', '.join(sorted(said))}")
        return Claim(weight=weight, because="; ".join(reasons))

    def _conditions(self, facts: Facts) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        for name in _WEIGHTS:
            pattern = getattr(self, name)
            if pattern is None:
                continue
            if name == "oem":
                yield name, f"^(?:{pattern})$", tuple(facts.oem)
            else:
                said = getattr(facts, name)
                yield name, pattern, () if said is None else (said,)


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """How specific a driver's match was, and in words what met it."""

    weight: int
    because: str
