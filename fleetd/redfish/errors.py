"""The one place where answers and transport failures become the domain's errors."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

import aiohttp

from fleetd.domain.device import Json
from fleetd.domain.errors import (
    Busy,
    CertificateRejected,
    DeviceError,
    Faulted,
    Malformed,
    Missing,
    NotRedfish,
    Refused,
    Unauthorised,
    Unreachable,
)

MAX_MESSAGES: Final = 8
MAX_MESSAGE_LENGTH: Final = 400
_MASK: Final = "***"
_TLS_ERRORS: Final = (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError)

_BY_STATUS: Final[Mapping[int, type[DeviceError]]] = {
    HTTPStatus.UNAUTHORIZED: Unauthorised,
    HTTPStatus.FORBIDDEN: Unauthorised,
    HTTPStatus.NOT_FOUND: Missing,
    HTTPStatus.METHOD_NOT_ALLOWED: Missing,
    HTTPStatus.GONE: Missing,
    HTTPStatus.NOT_IMPLEMENTED: Missing,
    HTTPStatus.CONFLICT: Busy,
    HTTPStatus.LOCKED: Busy,
    HTTPStatus.TOO_MANY_REQUESTS: Busy,
    HTTPStatus.SERVICE_UNAVAILABLE: Busy,
}


def error_class(status: int) -> type[DeviceError]:
    """The kind of error an HTTP status of 300 or more stands for."""
    fallback = Faulted if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Refused
    return _BY_STATUS.get(status, fallback)


def answer_error(
    status: int, messages: tuple[str, ...], *, endpoint: str, uri: str, retry_after: float | None
) -> DeviceError:
    """The error for an answer that isn't a success; ``messages`` are the service's own words."""
    kind = error_class(status)
    said = f": {messages[0]}" if messages else ""
    message = f"answered {status}{said}"
    if issubclass(kind, Refused):
        return kind(message, endpoint=endpoint, uri=uri, messages=messages)
    if issubclass(kind, Busy):
        return kind(message, endpoint=endpoint, uri=uri, retry_after=retry_after)
    return kind(message, endpoint=endpoint, uri=uri)


def transport_error(error: Exception, *, endpoint: str, uri: str) -> DeviceError:
    """The error for a request that got no whole answer.

    Raise it ``from None`` where ``error`` is aiohttp's ClientResponseError: that one carries the
    request's headers, and with them the token.
    """
    kind, message = _transport_reason(error)
    return kind(message, endpoint=endpoint, uri=uri)


_NO_ANSWER: Final[tuple[tuple[type[Exception], type[DeviceError], str], ...]] = (
    (aiohttp.ConnectionTimeoutError, Unreachable, "no connection within the time allowed"),
    (TimeoutError, Unreachable, "no whole answer within the time allowed"),
    (aiohttp.ServerDisconnectedError, Unreachable, "it closed the connection without an answer"),
    (aiohttp.ClientPayloadError, Unreachable, "the connection broke within the answer"),
    (aiohttp.ClientResponseError, Malformed, "the answer is not HTTP"),
)
"""The first line whose exception fits holds: some of these are kinds of later ones."""


def _transport_reason(error: Exception) -> tuple[type[DeviceError], str]:
    if isinstance(error, (aiohttp.ServerFingerprintMismatch, *_TLS_ERRORS)):
        return _tls_reason(error)
    for shape, kind, message in _NO_ANSWER:
        if isinstance(error, shape):
            return kind, message
    if isinstance(error, OSError):
        return Unreachable, f"no connection: {error.strerror or 'it broke'}"
    return Unreachable, f"no answer: {type(error).__name__}"


def _tls_reason(error: Exception) -> tuple[type[DeviceError], str]:
    match error:
        case aiohttp.ServerFingerprintMismatch():
            shown = error.got.hex()
            return CertificateRejected, (
                f"it presents the certificate {shown}, which is not pinned; "
                "if that is its own, give the endpoint this fingerprint"
            )
        case aiohttp.ClientConnectorCertificateError():
            return CertificateRejected, f"its certificate is not trusted: {_reason(error)}"
    if "WRONG_VERSION_NUMBER" in str(error):
        return NotRedfish, "it does not speak TLS here; address it with http://"
    return Unreachable, f"the TLS handshake failed: {_reason(error)}"


def _reason(error: Exception) -> str:
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return cause.verify_message
    return getattr(cause, "reason", None) or type(cause).__name__


def extended_messages(document: Json, secrets: Iterable[str]) -> tuple[str, ...]:
    """What an error body says, as ``MessageId: Message``, bounded and without secrets.

    Source: DSP0266 'Error responses'. Bodies put ExtendedInfo into ``error``, beside it, or as one
    object in place of an array; all are read.
    """
    if not isinstance(document, dict):
        return ()
    error = document.get("error")
    inner = error if isinstance(error, dict) else {}
    infos = inner.get("@Message.ExtendedInfo") or document.get("@Message.ExtendedInfo") or []
    entries = [infos] if isinstance(infos, dict) else infos if isinstance(infos, list) else []
    texts = [_entry_text(entry) for entry in entries[:MAX_MESSAGES] if isinstance(entry, dict)]
    texts = [text for text in texts if text] or [_entry_text(inner)]
    return tuple(redact(text, secrets)[:MAX_MESSAGE_LENGTH] for text in texts if text)


def _entry_text(entry: dict[str, Any]) -> str:
    name = entry.get("MessageId") or entry.get("code") or ""
    text = entry.get("Message") or entry.get("message") or ""
    return ": ".join(part for part in (name, text) if isinstance(part, str) and part)


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret in it masked."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, _MASK)
    return text


def retry_after_s(header: str | None) -> float | None:
    """The wait a Retry-After header asks for, in seconds (RFC 9110 'Retry-After').

    It is a number or a date; anything else says nothing.
    """
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None
