"""Middlewares that keep web pages out, and turn whatever is raised into a problem.

A page in a browser on this host may send requests to loopback. Where no token protects the API,
the Host header must name loopback (else a rebound DNS name could read answers), and a request
that changes something must not come from another site.
"""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from fleetd.api.errors import CrossSite, ExpectationRefused, ForeignHost, Unexpected
from fleetd.api.problems import from_aiohttp, problem, status_of
from fleetd.api.requestlog import request_id
from fleetd.domain.errors import FleetError

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_OWN_SITE: Final = frozenset({"same-origin", "none"})
_SERVER_ERROR: Final = 500
log = structlog.get_logger(__name__)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error as a problem; an unexpected one is logged once and tells nothing."""
    try:
        return await handler(request)
    except FleetError as error:
        if status_of(type(error)) == _SERVER_ERROR:
            log.exception("request_failed", code=error.code)
        return problem(error, request_id=request_id(request))
    except web.HTTPException as error:
        answer = problem(from_aiohttp(error), request_id=request_id(request))
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
        return answer
    except Exception:
        # The edge: whatever happens, the client gets a problem and the log the particulars.
        log.exception("request_failed", code=Unexpected.code)
        return problem(Unexpected("unexpected"), request_id=request_id(request))


async def expect(request: web.Request) -> web.StreamResponse | None:
    """Tell a client that waits with its body to go on (RFC 9110 'Expect'); this is all there is."""
    expectation = request.headers.get("Expect", "").lower()
    if expectation == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        # What was written so far is no part of the answer.
        request.writer.output_size = 0
        return None
    error = ExpectationRefused("only Expect: 100-continue is offered")
    return problem(error, request_id=request_id(request))


def browser_guard(*, is_open: bool) -> Middleware:
    """The middleware against web pages; ``is_open``: no token protects the API."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if is_open and not _names_loopback(request.headers.get("Host", "")):
            raise ForeignHost("without tokens the API answers to localhost and loopback addresses")
        if request.method not in _SAFE and not _same_site(request):
            raise CrossSite("another site's page must not change anything here")
        return await handler(request)

    return guard


def _names_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _same_site(request: web.Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in _OWN_SITE:
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("Host")
