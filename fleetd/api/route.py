"""One declaration per operation: it yields the route, the validation and the OpenAPI alike.

A declaration is a frozen value; declaring registers nothing. ``api/app.py`` lists them all.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Generic, TypeAlias, TypeVar

from aiohttp import web
from pydantic import BaseModel

from fleetd.api.caller import Caller
from fleetd.api.errors import PreconditionFailed
from fleetd.api.ports import ApiServices
from fleetd.api.representation import matches, tag_of
from fleetd.api.schemas.shape import Nothing, Shape
from fleetd.config.daemon import Role
from fleetd.domain.errors import FleetError
from fleetd.telemetry.redact import Redactor

Query = TypeVar("Query", bound=Shape)
Body = TypeVar("Body", bound=Shape)
Item = TypeVar("Item")
View = TypeVar("View", bound=Shape)

BATCH: Final = 500
"""Devices presented at a stretch: about 7 ms on one core."""
_PARAMETER: Final = re.compile(r"{(\w+)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[Query, Body]):
    """One request, checked: who asks, for what, with what."""

    services: ApiServices
    caller: Caller | None
    path: Mapping[str, str]
    query: Query
    body: Body
    page_limit: int
    if_match: str | None
    redactor: Redactor
    request: web.Request
    """For streams and the service's own resources only."""

    def limit(self, asked: int) -> int:
        """How many items a page may have: as asked, up to the configured most."""
        return min(asked, self.page_limit)

    def require_match(self, current: BaseModel) -> None:
        """Refuse to go on where If-Match was sent and the resource has changed since.

        Raises:
            PreconditionFailed: None of the tags is the present one.
        """
        if self.if_match is not None and not matches(self.if_match, tag_of(current)):
            raise PreconditionFailed("the resource has changed: read it again")


async def presented(items: Sequence[Item], view: Callable[[Item], View]) -> tuple[View, ...]:
    """A page's items as they are shown; the event loop goes on between batches."""
    shown: list[View] = []
    for start in range(0, len(items), BATCH):
        shown.extend(view(item) for item in items[start : start + BATCH])
        await asyncio.sleep(0)
    return tuple(shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a handler answers where the status alone isn't enough; ``content`` is sent as it is."""

    model: BaseModel | None = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Outcome: TypeAlias = BaseModel | Answer | web.StreamResponse | None
Handler: TypeAlias = Callable[[Call[Any, Any]], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An operation of the API.

    Attributes:
        role: The least role that may call it; None: anybody.
        status: What it answers when all went well.
        errors: What it may raise besides what every route of its form may.
        media_type: Of the answer.
        conditional: Its answer has an ETag and heeds If-None-Match.
        heeds_if_match: It changes something and heeds If-Match.
        starts_work: It heeds Idempotency-Key.
        streams: It answers as long as it likes; no time limit, no HEAD.
    """

    method: str
    path: str
    name: str
    summary: str
    description: str
    tag: str
    handler: Handler
    role: Role | None
    query: type[Shape]
    body: type[Shape] | None
    response: type[BaseModel] | None
    status: HTTPStatus
    errors: tuple[type[FleetError], ...]
    media_type: str
    conditional: bool
    heeds_if_match: bool
    starts_work: bool
    streams: bool

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names in the path's braces."""
        return tuple(_PARAMETER.findall(self.path))


def route(  # noqa: PLR0913 - a declaration has as many parts as it has
    method: str,
    path: str,
    *,
    tag: str,
    role: Role | None,
    query: type[Query] = Nothing,  # type: ignore[assignment]  # fits a Call[Nothing, ...]
    body: type[Body] | None = None,
    response: type[BaseModel] | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    errors: tuple[type[FleetError], ...] = (),
    media_type: str = "application/json",
    conditional: bool = False,
    heeds_if_match: bool = False,
    starts_work: bool = False,
    streams: bool = False,
) -> Callable[[Callable[[Call[Query, Body]], Awaitable[Outcome]]], Route]:
    """Declare a handler as an operation; its docstring is the summary and description."""

    def declare(handler: Callable[[Call[Query, Body]], Awaitable[Outcome]]) -> Route:
        summary, _, rest = (handler.__doc__ or "").strip().partition("\n")
        return Route(
            method=method,
            path=path,
            name=handler.__name__,
            summary=summary.rstrip("."),
            description=" ".join(rest.split()),
            tag=tag,
            handler=handler,
            role=role,
            query=query,
            body=body,
            response=response,
            status=status,
            errors=errors,
            media_type=media_type,
            conditional=conditional,
            heeds_if_match=heeds_if_match,
            starts_work=starts_work,
            streams=streams,
        )

    return declare
