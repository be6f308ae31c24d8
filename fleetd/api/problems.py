"""The one table from errors to RFC 9457 problems, and how a problem is written.

It doesn't decide what is an error: each raised class has a row, or its nearest ancestor has.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
from aiohttp import web

from fleetd.api import errors as http
from fleetd.api.redaction import scrub_text
from fleetd.domain import errors as domain

CONTENT_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:fleetd:problem:"
RETRY_AFTER_S: Final = 5
"""What Retry-After says where nobody said better: the order of a database lock or a reconnect."""

STATUSES: Final[Mapping[type[domain.FleetError], HTTPStatus]] = {
    domain.FleetError: HTTPStatus.INTERNAL_SERVER_ERROR,
    domain.NotFound: HTTPStatus.NOT_FOUND,
    domain.Conflict: HTTPStatus.CONFLICT,
    domain.InvalidTransition: HTTPStatus.CONFLICT,
    domain.InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    domain.Forbidden: HTTPStatus.FORBIDDEN,
    domain.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    domain.ShuttingDown: HTTPStatus.SERVICE_UNAVAILABLE,
    domain.DeviceError: HTTPStatus.BAD_GATEWAY,
    domain.Unreachable: HTTPStatus.GATEWAY_TIMEOUT,
    domain.CircuitOpen: HTTPStatus.SERVICE_UNAVAILABLE,
    domain.CertificateRejected: HTTPStatus.BAD_GATEWAY,
    domain.Unauthorised: HTTPStatus.BAD_GATEWAY,
    domain.NoCredential: HTTPStatus.CONFLICT,
    domain.LoginRefused: HTTPStatus.BAD_GATEWAY,
    domain.CredentialHeld: HTTPStatus.CONFLICT,
    domain.Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    domain.Faulted: HTTPStatus.BAD_GATEWAY,
    domain.Refused: HTTPStatus.BAD_GATEWAY,
    domain.Missing: HTTPStatus.BAD_GATEWAY,
    domain.Malformed: HTTPStatus.BAD_GATEWAY,
    domain.NotRedfish: HTTPStatus.BAD_GATEWAY,
    domain.Unsupported: HTTPStatus.CONFLICT,
    domain.DriverFailed: HTTPStatus.INTERNAL_SERVER_ERROR,
    domain.CloudError: HTTPStatus.BAD_GATEWAY,
    domain.CloudUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    domain.CloudConflict: HTTPStatus.CONFLICT,
    domain.CloudRefused: HTTPStatus.BAD_GATEWAY,
    domain.CloudUnauthorised: HTTPStatus.BAD_GATEWAY,
    domain.StoreError: HTTPStatus.INTERNAL_SERVER_ERROR,
    domain.StoreBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    domain.StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    domain.SchemaMismatch: HTTPStatus.SERVICE_UNAVAILABLE,
    domain.SecretUnavailable: HTTPStatus.INTERNAL_SERVER_ERROR,
    domain.ConfigError: HTTPStatus.INTERNAL_SERVER_ERROR,
    domain.DeclarationError: HTTPStatus.INTERNAL_SERVER_ERROR,
    http.HttpError: HTTPStatus.INTERNAL_SERVER_ERROR,
    http.MalformedBody: HTTPStatus.BAD_REQUEST,
    http.InvalidBody: HTTPStatus.UNPROCESSABLE_ENTITY,
    http.InvalidQuery: HTTPStatus.BAD_REQUEST,
    http.NoSuchRoute: HTTPStatus.NOT_FOUND,
    http.MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    http.BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    http.WrongMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    http.ExpectationRefused: HTTPStatus.EXPECTATION_FAILED,
    http.BadRequest: HTTPStatus.BAD_REQUEST,
    http.PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    http.KeyReused: HTTPStatus.CONFLICT,
    http.KeyInUse: HTTPStatus.CONFLICT,
    http.ForeignHost: HTTPStatus.MISDIRECTED_REQUEST,
    http.CrossSite: HTTPStatus.FORBIDDEN,
    http.TooSlow: HTTPStatus.SERVICE_UNAVAILABLE,
    http.TooManyStreams: HTTPStatus.SERVICE_UNAVAILABLE,
    http.NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
    http.Unexpected: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""By error class, the HTTP status. The type URI comes from its ``code``, the title from it too."""

_FROM_AIOHTTP: Final[Mapping[int, type[http.HttpError]]] = {
    404: http.NoSuchRoute,
    405: http.MethodNotAllowed,
    413: http.BodyTooLarge,
    417: http.ExpectationRefused,
}


def status_of(error: type[domain.FleetError]) -> HTTPStatus:
    """The HTTP status of an error class: its own row's, or its nearest ancestor's."""
    return next(STATUSES[parent] for parent in error.__mro__ if parent in STATUSES)


def from_aiohttp(error: web.HTTPException) -> domain.FleetError:
    """The error of ours for one that aiohttp raised by itself."""
    known = _FROM_AIOHTTP.get(error.status)
    if known is not None:
        return known(error.reason)
    return (
        http.BadRequest(error.reason)
        if error.status < HTTPStatus.INTERNAL_SERVER_ERROR
        else (http.Unexpected("aiohttp failed"))
    )


def members(error: domain.FleetError, *, request_id: str) -> bytes:
    """The JSON of a problem (RFC 9457).

    Internal errors keep their particulars for the log: the answer has the request's id only.
    """
    status = status_of(type(error))
    content: dict[str, Any] = {
        "type": TYPE_PREFIX + error.code,
        "title": error.title,
        "status": status.value,
        "detail": _detail(error, status),
        "next": error.next.value,
        "request_id": request_id,
        **_extensions(error),
    }
    return orjson.dumps(content)


def problem(error: domain.FleetError, *, request_id: str) -> web.Response:
    """Answer an error as ``application/problem+json``."""
    status = status_of(type(error))
    response = web.Response(
        body=members(error, request_id=request_id), status=status.value, content_type=CONTENT_TYPE
    )
    if error.next is domain.Next.LATER:
        response.headers["Retry-After"] = str(_retry_after(error))
    if status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="fleetd"'
    return response


def _detail(error: domain.FleetError, status: HTTPStatus) -> str:
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return "The log has the particulars under this request's id."
    return scrub_text(str(error)) or ""


def _retry_after(error: domain.FleetError) -> int:
    asked = getattr(error, "retry_after", None)
    return max(1, math.ceil(asked)) if isinstance(asked, int | float) else RETRY_AFTER_S


def _extensions(error: domain.FleetError) -> dict[str, Any]:
    match error:
        case http.InvalidBody(faults=faults):
            return {
                "errors": [{"pointer": f.pointer, "detail": scrub_text(f.detail)} for f in faults]
            }
        case http.InvalidQuery(faults=faults):
            return {
                "errors": [
                    {"parameter": f.parameter, "detail": scrub_text(f.detail)} for f in faults
                ]
            }
        case domain.InvalidInput(pointer=pointer):
            return {"errors": [{"pointer": pointer, "detail": scrub_text(str(error))}]}
        case http.NotReady(checks=checks):
            return {"checks": [dict(check) for check in checks]}
        case _:
            return {}
