"""What a quirk may change, as data; a driver never gets further than these."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from fleetd.domain.device import Json
from fleetd.domain.errors import DeclarationError
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.plan import Follow
from fleetd.redfish.traits import ConnectionTraits

Document = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Patch:
    """Repair a resource before it's read further; ``repair`` is pure and idempotent."""

    resource: str
    repair: Callable[[Document], Document]


@dataclass(frozen=True, slots=True)
class Trait:
    """Change one typed default of the connection."""

    name: str
    setting: Any

    def __post_init__(self) -> None:
        if self.name not in {item.name for item in fields(ConnectionTraits)}:
            raise DeclarationError(f"the connection has no trait {self.name!r}")


@dataclass(frozen=True, slots=True)
class Hide:
    """Leave out resources of a kind, unread, whose path the expression finds, in any case."""

    resource: str
    path: str

    def __post_init__(self) -> None:
        try:
            re.compile(f"(?:{self.path})")
        except re.error as error:
            raise DeclarationError(f"can't hide {self.path!r}: {error}") from error


@dataclass(frozen=True, slots=True)
class Reads:
    """Read one more link of a kind of resource: where the vendor keeps what the standard lacks."""

    resource: str
    follow: Follow


@dataclass(frozen=True, slots=True)
class Replace:
    """Another implementation of a behaviour, of its own kind."""

    behaviour: type[Behaviour]
    by: type[Behaviour]

    def __post_init__(self) -> None:
        if not issubclass(self.by, self.behaviour):
            raise DeclarationError(f"{self.by.__name__} is no {self.behaviour.__name__}")


@dataclass(frozen=True, slots=True)
class Lacks:
    """These BMCs don't have the behaviour."""

    behaviour: type[Behaviour]


Effect = Patch | Trait | Hide | Reads | Replace | Lacks
