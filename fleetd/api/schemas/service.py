"""The API's own resources: version, health, work in progress, and problems."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from fleetd.api.ports import Operation
from fleetd.api.redaction import scrub_text
from fleetd.api.schemas.shape import Shape
from fleetd.domain.discovery import RunState
from fleetd.domain.errors import Next


class Version(Shape):
    """Which fleetd answers, and where its resources are."""

    name: Literal["fleetd"]
    version: str
    api: Literal["v1"]
    links: dict[str, str]


class Alive(Shape):
    """The daemon's event loop answers."""

    status: Literal["ok"]


class CheckView(Shape):
    """One condition of being ready; ``detail`` is null for a caller without a token."""

    name: str
    ok: bool
    detail: str | None


class Ready(Shape):
    """Every condition of being ready holds."""

    status: Literal["ready"]
    checks: tuple[CheckView, ...]


class OperationLinks(Shape):
    """Where to ask again."""

    self: str


class OperationView(Shape):
    """Work that was started; ``running`` until ``finished_at`` is set."""

    id: str
    kind: str
    subject: str
    state: RunState
    started_at: datetime
    finished_at: datetime | None
    error: str | None
    links: OperationLinks

    @classmethod
    def of(cls, operation: Operation) -> Self:
        """Present work in progress."""
        return cls(
            id=operation.id,
            kind=operation.kind,
            subject=operation.subject,
            state=operation.state,
            started_at=operation.started_at,
            finished_at=operation.finished_at,
            error=scrub_text(operation.error),
            links=OperationLinks(self=f"/v1/operations/{operation.id}"),
        )


class FaultView(BaseModel):
    """One thing that is wrong with a request; a pointer into the body, or a parameter's name."""

    model_config = ConfigDict(frozen=True)

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(frozen=True, extra="allow", use_attribute_docstrings=True)

    type: str
    """``urn:fleetd:problem:`` and the slug; docs/api.md lists them."""
    title: str
    status: int
    detail: str
    next: Next
    """What may help: asking again later, a person, or nothing."""
    request_id: str
    """The log has more under this id."""
    errors: tuple[FaultView, ...] = ()
    checks: tuple[dict[str, Any], ...] = Field(default=())
