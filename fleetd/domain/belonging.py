"""What is part of what: by which of its components one device claims to hold another.

A chassis shows the blades in its bays and a server its DPU, each with a serial or MACs by which
the blade or DPU, read at a BMC of its own, is known to be that part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from fleetd.domain.device import (
    Component,
    ComponentKind,
    Description,
    Device,
    DeviceId,
    DeviceKind,
    Identity,
)
from fleetd.domain.lifecycle import State

_MAY_BE: Final[Mapping[ComponentKind, frozenset[DeviceKind]]] = {
    ComponentKind.DPU: frozenset({DeviceKind.DPU}),
    ComponentKind.MODULE: frozenset(DeviceKind) - {DeviceKind.DPU},
}
CLAIMING: Final = frozenset(_MAY_BE)
"""The kinds of components that may be devices of their own at a BMC of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A component that may be a device of its own: which kinds it could be, and in which slot."""

    kinds: frozenset[DeviceKind]
    slot: str | None


def known_as(identity: Identity) -> frozenset[str]:
    """What a component must give to claim this device: its serial without case, or a MAC."""
    serial = {identity.serial.casefold()} if identity.serial else set()
    return frozenset(serial | set(identity.macs))


def claims(components: Iterable[Component]) -> dict[str, Claim]:
    """By identifier, what these components claim; one that two components give claims nothing."""
    found: dict[str, Claim] = {}
    doubtful: set[str] = set()
    for part in components:
        if part.kind not in _MAY_BE:
            continue
        claim = Claim(kinds=_MAY_BE[part.kind], slot=part.attributes.get("slot") or part.location)
        for identifier in _identifiers(part):
            if identifier in found:
                doubtful.add(identifier)
            found[identifier] = claim
    return {identifier: claim for identifier, claim in found.items() if identifier not in doubtful}


def _identifiers(part: Component) -> frozenset[str]:
    serial = {part.serial.casefold()} if part.serial else set()
    return frozenset(serial | set(part.attributes.get("macs", ())))


def claim_on(holder: Description, held: Description) -> Claim | None:
    """How one device claims to hold another, if it does."""
    mine = claims(holder.components)
    fitting = (mine[name] for name in sorted(known_as(held.identity)) if name in mine)
    return next((claim for claim in fitting if held.kind in claim.kinds), None)


def holder_of(held: Device, others: Iterable[Device]) -> tuple[Device, Claim] | None:
    """Which of the others holds the device, and how: the one that did so far, if it still does.

    Of several the one that can be reached goes first, then the one that was seen last.
    """
    claimants = [
        (other, claim)
        for other in others
        if other.id != held.id and (claim := claim_on(other.description, held.description))
    ]
    return max(claimants, key=lambda pair: _credit(pair[0], held.part_of), default=None)


def _credit(holder: Device, so_far: DeviceId | None) -> tuple[bool, bool, float, str]:
    reachable = holder.state not in {State.UNREACHABLE, State.RETIRED}
    return reachable, holder.id == so_far, holder.last_seen.timestamp(), holder.id
