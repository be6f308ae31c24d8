"""The aiohttp application: every declared route, behind the middlewares."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

from aiohttp import web

from fleetd.api import openapi, requestlog
from fleetd.api.caller import Gate
from fleetd.api.dispatch import Context, serve
from fleetd.api.events import STREAMS, Streams
from fleetd.api.guard import browser_guard, expect, problems
from fleetd.api.idempotency import Replays
from fleetd.api.ports import ApiServices
from fleetd.api.resources.service import OWN_PAGES, OwnPages, RenderMetrics
from fleetd.api.route import Route
from fleetd.api.routes import ROUTES
from fleetd.config.daemon import ApiSection, Role
from fleetd.telemetry.redact import Redactor

REQUEST_TIMEOUT: Final = timedelta(seconds=30)
HEARTBEAT: Final = timedelta(seconds=15)


def create_app(
    section: ApiSection,
    services: ApiServices,
    *,
    tokens: Mapping[str, tuple[Role, str]],
    metrics: RenderMetrics,
    redactor: Redactor,
    request_timeout: timedelta = REQUEST_TIMEOUT,
    heartbeat: timedelta = HEARTBEAT,
) -> web.Application:
    """Build the application.

    Args:
        section: The configuration's ``api`` section.
        services: What the API calls.
        tokens: By name, the role and the secret; where empty, every caller is admin.
        metrics: Gives Prometheus' text and its content type, by the request's Accept.
        redactor: Knows the secrets that were read.
        request_timeout: The longest that one request may take, streams excepted.
        heartbeat: Between two comments on a quiet event stream.
    """
    gate = Gate(tokens)
    app = web.Application(
        client_max_size=section.body_max_bytes,
        middlewares=(requestlog.observe, problems, browser_guard(is_open=gate.is_open)),
    )
    app[OWN_PAGES] = OwnPages(metrics=metrics, openapi=openapi.render())
    app[STREAMS] = Streams(heartbeat=heartbeat)
    context = Context(
        services=services,
        gate=gate,
        replays=Replays(),
        page_limit=section.page_limit,
        request_timeout=request_timeout,
        redactor=redactor,
    )
    _add_routes(app, context)
    app.on_response_prepare.append(requestlog.mark)
    app.on_shutdown.append(_end_streams)
    return app


async def _end_streams(app: web.Application) -> None:
    app[STREAMS].stopping.set()


def _add_routes(app: web.Application, context: Context) -> None:
    by_path: dict[str, list[Route]] = {}
    for route in ROUTES:
        by_path.setdefault(route.path, []).append(route)
    for path, routes in by_path.items():
        resource = app.router.add_resource(path)
        methods: set[str] = set()
        for route in routes:
            handler = serve(route, context)
            resource.add_route(route.method, handler, expect_handler=expect)
            methods.add(route.method)
            if route.method == "GET" and not route.streams:
                resource.add_route("HEAD", handler)
                methods.add("HEAD")
        # By ourselves: aiohttp's Allow would name the methods of other paths that match, too.
        resource.add_route("*", _refuse(methods))


def _refuse(methods: set[str]) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def refuse(request: web.Request) -> web.StreamResponse:
        raise web.HTTPMethodNotAllowed(request.method, methods)

    return refuse
