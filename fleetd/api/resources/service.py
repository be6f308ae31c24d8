"""The API's own resources: version, OpenAPI, health, metrics, and work in progress."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from aiohttp import web

import fleetd
from fleetd.api.errors import NotReady
from fleetd.api.route import Answer, Call, Route, route
from fleetd.api.schemas.service import Alive, CheckView, OperationView, Ready, Version
from fleetd.api.schemas.shape import Nothing
from fleetd.config.daemon import Role
from fleetd.domain.errors import NotFound

TAG: Final = "service"
METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
RenderMetrics: TypeAlias = Callable[[str], Awaitable[tuple[bytes, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPages:
    """What the application itself was given to serve."""

    metrics: RenderMetrics
    openapi: bytes


OWN_PAGES: Final = web.AppKey("own_pages", OwnPages)


@route("GET", "/v1", tag=TAG, role=Role.READER, response=Version)
async def show_version(_call: Call[Nothing, Nothing]) -> Version:
    """Show which fleetd answers, and where its resources are."""
    names = ("endpoints", "devices", "discoveries", "manifest", "enrollments", "drivers")
    return Version(
        name="fleetd",
        version=fleetd.__version__,
        api="v1",
        links={name: f"/v1/{name}" for name in (*names, "openapi.json")},
    )


@route("GET", "/v1/openapi.json", tag=TAG, role=None, conditional=True)
async def show_openapi(call: Call[Nothing, Nothing]) -> Answer:
    """Describe this API in OpenAPI 3.1."""
    return Answer(content=call.request.app[OWN_PAGES].openapi)


@route("GET", "/v1/operations/{operation_id}", tag=TAG, role=Role.READER, response=OperationView)
async def show_operation(call: Call[Nothing, Nothing]) -> OperationView:
    """Show how far work is that was started; it's forgotten some time after its end."""
    operation_id = call.path["operation_id"]
    operation = await call.services.operations.operation(operation_id)
    if operation is None:
        raise NotFound(f"no operation has the id {operation_id}")
    return OperationView.of(operation)


@route("GET", "/healthz", tag=TAG, role=None, response=Alive)
async def show_alive(_call: Call[Nothing, Nothing]) -> Alive:
    """Tell that the daemon's event loop answers."""
    return Alive(status="ok")


@route("GET", "/readyz", tag=TAG, role=None, response=Ready, errors=(NotReady,))
async def show_ready(call: Call[Nothing, Nothing]) -> Ready:
    """Tell whether the daemon can do its work; a caller without a token gets no details."""
    known = call.caller is not None
    checks = tuple(
        CheckView(name=check.name, ok=check.ok, detail=check.detail if known else None)
        for check in await call.services.readiness.checks()
    )
    if not all(check.ok for check in checks):
        raise NotReady(tuple(check.model_dump() for check in checks))
    return Ready(status="ready", checks=checks)


@route("GET", "/metrics", tag=TAG, role=Role.READER, media_type=METRICS_TYPE)
async def show_metrics(call: Call[Nothing, Nothing]) -> Answer:
    """Give the metrics in Prometheus' text format, or in OpenMetrics where Accept asks for it."""
    accept = call.request.headers.get("Accept", "")
    content, media_type = await call.request.app[OWN_PAGES].metrics(accept)
    return Answer(content=content, headers={"Content-Type": media_type})


ROUTES: Final[tuple[Route, ...]] = (
    show_version,
    show_openapi,
    show_operation,
    show_alive,
    show_ready,
    show_metrics,
)
