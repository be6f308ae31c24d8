"""What passes between a BMC's front (protocol, sessions, faults) and its backend (resources).

The front has already authenticated the request when a backend sees it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One authenticated request; header names are lower case, the path has no query."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What the backend answers; the front adds the protocol's own headers."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Backend(Protocol):
    """The resources behind one BMC."""

    async def handle(self, request: Request) -> Response:
        """Answer one request; never raises for what a client may send."""
        ...

    async def close(self) -> None:
        """Stop what runs by itself (tasks that progress, power that settles)."""
        ...


@runtime_checkable
class MayBeAway(Protocol):
    """A backend whose BMC can be unreachable for a while, as when it restarts.

    The front looks after each answer. A request that reaches the backend all the same meanwhile
    is answered with 503.
    """

    @property
    def available(self) -> bool:
        """Whether the BMC can be reached; cheap, and safe to ask from any thread."""
        ...


@runtime_checkable
class MayChangeCertificate(Protocol):
    """A backend that may be given another certificate; the front looks after each answer."""

    @property
    def certificate(self) -> bytes | None:
        """The certificate chain and its key to serve, in PEM; None is the front's first one."""
        ...
