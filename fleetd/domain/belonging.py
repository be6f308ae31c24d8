"""What is part of what: by which of its components one device claims to hold another.

A chassis shows the blades in its bays and a server its DPU, each with a serial or MACs by which
the blade or DPU, read at a BMC of its own, is known to be that part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fleetd.domain.device import (
    Component,
    ComponentKind,
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


Claimants = Mapping[str, Sequence[tuple[Device, Claim]]]
"""By what devices are known as, who claims that and how."""


def claimants(devices: Iterable[Device]) -> Claimants:
    """What these devices claim, to look up the holders of many at once."""
    found: dict[str, list[tuple[Device, Claim]]] = {}
    for device in devices:
        for identifier, claim in claims(device.description.components).items():
            found.setdefault(identifier, []).append((device, claim))
    return found


def holder_of(held: Device, claiming: Claimants) -> tuple[Device, Claim] | None:
    """Which device holds this one, and how: the one that did so far, if it still does.

    Of several the one that can be reached goes first, then the one that was seen last.
    """
    pairs = claims_on(held, claiming)
    return max(pairs, key=lambda pair: _credit(pair[0], held.part_of), default=None)


def claims_on(held: Device, claiming: Claimants) -> Iterator[tuple[Device, Claim]]:
    """Who claims to hold this device, and how."""
    for identifier in sorted(known_as(held.description.identity)):
        for other, claim in claiming.get(identifier, ()):
            if other.id != held.id and held.description.kind in claim.kinds:
                yield other, claim


def _credit(holder: Device, so_far: DeviceId | None) -> tuple[bool, bool, float, str]:
    reachable = holder.state not in {State.UNREACHABLE, State.RETIRED}
    return reachable, holder.id == so_far, holder.last_seen.timestamp(), holder.id
