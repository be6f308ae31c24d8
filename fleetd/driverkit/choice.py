"""The drivers chosen for one endpoint, put together: what to read, repair, hide and believe."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, TypeVar

from fleetd.domain.device import Json
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.effects import Effect, Hide, Lacks, Patch, Reads, Replace, Trait
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.guard import guarded
from fleetd.driverkit.ironic import IronicTraits
from fleetd.driverkit.plan import STANDARD_PLAN, Follow
from fleetd.driverkit.quirk import Quirk
from fleetd.driverkit.spec import Driver
from fleetd.redfish.traits import ConnectionTraits

B = TypeVar("B", bound=Behaviour)

_VENDORS: Final = (
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (r"^dell\b", "Dell"),
        (r"^hp(?:e|\b)|hewlett", "HPE"),
        (r"^super ?micro|^smci", "Supermicro"),
        (r"^lenovo|^ibm$", "Lenovo"),
        (r"^cisco", "Cisco"),
        (r"^huawei|^xfusion|^kunlun", "Huawei"),
        (r"^fujitsu|^fsas", "Fujitsu"),
        (r"^nvidia|^mellanox", "NVIDIA"),
        (r"^intel\b", "Intel"),
        (r"^giga-?byte", "Gigabyte"),
        (r"^quanta|^qct", "Quanta"),
        (r"^cray", "HPE"),
    )
)
_KNOWN_VENDORS: Final = tuple(_VENDORS)


def vendor_name(*candidates: str | None) -> str:
    """One name for a maker that writes itself in several ways; "unknown" where none is given."""
    for candidate in candidates:
        if candidate:
            known = (name for pattern, name in _KNOWN_VENDORS if pattern.search(candidate))
            return next(known, candidate)
    return "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The stack's driver and the board's overlay, if any, for what is known of one endpoint.

    ``name`` and ``vendor`` are what the device carries; ``because`` says in words why these.
    """

    stack: Driver
    overlay: Driver | None
    facts: Facts
    because: str
    again: Callable[[Facts], Choice]
    quirks: tuple[Quirk, ...] = ()
    plan: Mapping[str, tuple[Follow, ...]] = field(default_factory=lambda: STANDARD_PLAN)
    traits: ConnectionTraits = field(default_factory=ConnectionTraits)
    patches: Mapping[str, tuple[Patch, ...]] = field(default_factory=dict)
    hidden: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    behaviours: Mapping[type[Behaviour], Behaviour | None] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The stack driver's name."""
        return self.stack.name

    @property
    def vendor(self) -> str:
        """The maker: the overlay's or the driver's own word, else what the machine says."""
        overlay = self.overlay.vendor if self.overlay else None
        return (
            overlay or self.stack.vendor or vendor_name(self.facts.manufacturer, self.facts.vendor)
        )

    @property
    def ironic(self) -> IronicTraits:
        """What the family means to Ironic."""
        return self.stack.ironic

    def refined(self, facts: Facts) -> Choice:
        """The choice for what is known now; itself where nothing new is known."""
        return self if facts == self.facts else self.again(facts)

    def repair(self, kind: str, body: Mapping[str, Json]) -> Mapping[str, Json]:
        """The resource as the standard would have it, as far as the quirks go.

        Raises:
            DriverFailed: A quirk's repair raised, didn't end, or gave no resource.
        """
        patches = self.patches.get(kind)
        if not patches:
            return body
        return guarded(f"driver {self.name}: repairing {kind}", lambda: _repaired(patches, body))

    def hides(self, kind: str, path: str) -> bool:
        """The resource is to be left unread."""
        pattern = self.hidden.get(kind)
        return pattern is not None and pattern.search(path) is not None

    def behaviour(self, kind: type[B]) -> B | None:
        """The implementation of a behaviour; None where the family doesn't have it."""
        if kind not in self.behaviours:
            return kind()
        found = self.behaviours[kind]
        return found if isinstance(found, kind) else None

    @property
    def inactive(self) -> tuple[Quirk, ...]:
        """The quirks that are declared and don't hold here."""
        declared = (*self.stack.quirks, *(self.overlay.quirks if self.overlay else ()))
        return tuple(quirk for quirk in declared if quirk not in self.quirks)


def _repaired(patches: tuple[Patch, ...], body: Mapping[str, Json]) -> Mapping[str, Json]:
    for patch in patches:
        body = patch.repair(body)
        if not isinstance(body, Mapping):
            name = getattr(patch.repair, "__name__", str(patch.repair))
            raise TypeError(f"{name} gave a {type(body).__name__} in place of a resource")
    return body


def choice_of(
    stack: Driver,
    overlay: Driver | None,
    facts: Facts,
    *,
    because: str,
    again: Callable[[Facts], Choice],
) -> Choice:
    """Put the drivers' active quirks together; the overlay's come last and so prevail.

    ``again`` makes the choice anew when more is known of the endpoint.
    """
    quirks = stack.active(facts) + (overlay.active(facts) if overlay else ())
    return Choice(
        stack=stack,
        overlay=overlay,
        facts=facts,
        because=because,
        again=again,
        quirks=quirks,
        **_together(quirks, firmware_known=facts.manager_firmware is not None),
    )


@lru_cache(maxsize=512)
def _together(quirks: tuple[Quirk, ...], *, firmware_known: bool) -> dict[str, Any]:
    """What the quirks change, by the fields of Choice: the same for all machines that have them."""
    effects = tuple(effect for quirk in quirks for effect in quirk.effects)
    return {
        "plan": _plan(effects),
        "traits": _traits(quirks, firmware_known=firmware_known),
        "patches": _patches(effects),
        "hidden": _hidden(effects),
        "behaviours": _behaviours(effects),
    }


def _plan(effects: tuple[Effect, ...]) -> Mapping[str, tuple[Follow, ...]]:
    added = [effect for effect in effects if isinstance(effect, Reads)]
    if not added:
        return STANDARD_PLAN
    plan = dict(STANDARD_PLAN)
    for effect in added:
        plan[effect.resource] = (*plan.get(effect.resource, ()), effect.follow)
    return plan


def _traits(quirks: tuple[Quirk, ...], *, firmware_known: bool) -> ConnectionTraits:
    """How to connect; whether to expand waits for the firmware, as nothing is expanded before."""
    changes: dict[str, Any] = {}
    for quirk in quirks:
        waits = (quirk.firmware or quirk.when) and not firmware_known
        for effect in quirk.effects:
            if isinstance(effect, Trait) and not (waits and effect.name == "expand"):
                changes[effect.name] = effect.setting
    return replace(ConnectionTraits(), **changes)


def _patches(effects: tuple[Effect, ...]) -> Mapping[str, tuple[Patch, ...]]:
    found: dict[str, tuple[Patch, ...]] = {}
    for effect in effects:
        if isinstance(effect, Patch):
            found[effect.resource] = (*found.get(effect.resource, ()), effect)
    return found


def _hidden(effects: tuple[Effect, ...]) -> Mapping[str, re.Pattern[str]]:
    found: dict[str, list[str]] = {}
    for effect in effects:
        if isinstance(effect, Hide):
            found.setdefault(effect.resource, []).append(f"(?:{effect.path})")
    return {kind: re.compile("|".join(paths), re.IGNORECASE) for kind, paths in found.items()}


def _behaviours(effects: tuple[Effect, ...]) -> Mapping[type[Behaviour], Behaviour | None]:
    found: dict[type[Behaviour], Behaviour | None] = {}
    for effect in effects:
        if isinstance(effect, Replace):
            found[effect.behaviour] = effect.by()
        elif isinstance(effect, Lacks):
            found[effect.behaviour] = None
    return found
