"""Request ids: taken from the client or made, put on every answer and into every log line."""

from __future__ import annotations

import re
import time
import uuid
from typing import Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from fleetd.api.caller import Caller

HEADER: Final = "X-Request-Id"
_ACCEPTED: Final = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_REQUEST_ID: Final = web.RequestKey("request_id", str)
_CALLER: Final = web.RequestKey("caller", Caller)
_QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})
log = structlog.get_logger(__name__)


def request_id(request: web.Request) -> str:
    """The id under which the request is logged: the client's if it's usable, else a new one."""
    if _REQUEST_ID not in request:
        given = request.headers.get(HEADER, "")
        request[_REQUEST_ID] = given if _ACCEPTED.fullmatch(given) else uuid.uuid4().hex
    return request[_REQUEST_ID]


def note_caller(request: web.Request, caller: Caller | None) -> None:
    """Keep who calls for the log line."""
    if caller is not None:
        request[_CALLER] = caller


def caller_of(request: web.Request) -> Caller | None:
    """Who calls, once it's known."""
    return request.get(_CALLER)


@web.middleware
async def observe(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request an id, and log how it ended."""
    started = time.monotonic()
    with structlog.contextvars.bound_contextvars(request_id=request_id(request)):
        response = await handler(request)
        _log(request, response.status, time.monotonic() - started)
    return response


async def mark(request: web.Request, response: web.StreamResponse) -> None:
    """Put on every answer what every answer carries (an ``on_response_prepare`` signal)."""
    response.headers[HEADER] = request_id(request)
    response.headers["Server"] = "fleetd"
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"


def _log(request: web.Request, status: int, seconds: float) -> None:
    caller = caller_of(request)
    level = log.debug if request.path in _QUIET else log.info
    level(
        "request_finished",
        method=request.method,
        path=request.path,
        status=status,
        seconds=round(seconds, 4),
        caller=caller.name if caller else None,
    )
