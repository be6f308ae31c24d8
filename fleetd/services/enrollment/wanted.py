"""What a pass works towards, and who may change that while it goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fleetd.domain.device import DeviceId
from fleetd.domain.enrollment import DesiredNode, Enrollment


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How servers should be in Ironic.

    Attributes:
        nodes: The servers to work on.
        devices: Every device that exists, also those that are not to be worked on now: their
            nodes are never taken for another's.
    """

    nodes: Sequence[DesiredNode]
    devices: frozenset[DeviceId]


class Follower(Protocol):
    """Who goes along with a pass: says when something else is wanted, hears who has settled."""

    async def renewed(self, *, within_s: float) -> Wanted | None:
        """Wait so long for devices to change; what is wanted then, or None where none did."""
        ...

    async def settled(self, enrollments: Sequence[Enrollment]) -> None:
        """These servers will not move any more, unless something else is wanted."""
        ...


class Nobody:
    """Follows a pass over what never changes."""

    async def renewed(self, *, within_s: float) -> Wanted | None:
        await asyncio.sleep(within_s)
        return None

    async def settled(self, enrollments: Sequence[Enrollment]) -> None:
        """Nobody wants to know."""
