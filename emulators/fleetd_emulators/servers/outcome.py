"""What comes of a request that is not a read, for the answer to be made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from fleetd_emulators.servers.documents import Document
from fleetd_emulators.servers.tasks import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """A resource was made at the path."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer that is the vendor's own."""

    document: Document = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Outcome: TypeAlias = Task | Created | Reply | None
