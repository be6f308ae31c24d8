"""Errors that only the API has: they concern the HTTP exchange, not the fleet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from fleetd.domain.errors import FleetError, Next


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with a request, and where.

    ``pointer`` is an RFC 6901 pointer into the body; ``parameter`` names a query parameter.
    """

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class HttpError(FleetError):
    """The HTTP exchange went wrong."""

    code = "http-error"


class MalformedBody(HttpError):
    """The body is not JSON."""

    code = "malformed-body"
    next = Next.HUMAN


class InvalidBody(HttpError):
    """The body is JSON, and breaks the schema."""

    code = "invalid-body"
    next = Next.HUMAN

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.detail}" for fault in faults))
        self.faults = faults


class InvalidQuery(HttpError):
    """A query parameter or a header is unknown, repeated or wrong."""

    code = "invalid-query"
    next = Next.HUMAN

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{fault.parameter}: {fault.detail}" for fault in faults))
        self.faults = faults


class NoSuchRoute(HttpError):
    """Nothing is served at this path."""

    code = "no-such-route"


class MethodNotAllowed(HttpError):
    """The path exists, and has no such method."""

    code = "method-not-allowed"


class BodyTooLarge(HttpError):
    """The body is larger than is read."""

    code = "body-too-large"


class WrongMediaType(HttpError):
    """The body must be application/json."""

    code = "wrong-media-type"


class ExpectationRefused(HttpError):
    """The Expect header asks for something that isn't offered."""

    code = "expectation-refused"


class BadRequest(HttpError):
    """The request isn't one that HTTP allows."""

    code = "bad-request"


class PreconditionFailed(HttpError):
    """The resource isn't any more what If-Match says."""

    code = "precondition-failed"


class KeyReused(HttpError):
    """The Idempotency-Key was used for another request."""

    code = "idempotency-key-reused"
    next = Next.HUMAN


class KeyInUse(HttpError):
    """A request with this Idempotency-Key is being worked on."""

    code = "idempotency-key-in-use"
    next = Next.LATER


class ForeignHost(HttpError):
    """The Host header doesn't name this host, so a web page may be behind the request."""

    code = "foreign-host"
    next = Next.HUMAN


class CrossSite(HttpError):
    """A browser sent this on behalf of another site."""

    code = "cross-site"
    next = Next.HUMAN


class TooSlow(HttpError):
    """The request was not answered within its time."""

    code = "timed-out"
    next = Next.LATER


class TooManyStreams(HttpError):
    """As many event streams are open as may be."""

    code = "too-many-streams"
    next = Next.LATER


class NotReady(HttpError):
    """The daemon can't do its work now."""

    code = "not-ready"
    next = Next.LATER

    def __init__(self, checks: tuple[Mapping[str, object], ...]) -> None:
        failed = ", ".join(str(check["name"]) for check in checks if not check["ok"])
        super().__init__(f"not ready: {failed}")
        self.checks = checks


class Unexpected(HttpError):
    """Something went wrong inside fleetd."""

    code = "internal-error"
    next: ClassVar[Next] = Next.HUMAN
