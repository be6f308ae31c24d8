"""The status with which a captured body was answered, which a tree on disk doesn't keep.

A body that is nothing but an error object (DSP0266 "Error responses") was no 200: crawlers keep
what they are told for a linked resource. Its message says which status it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

import orjson

# By part of a message's key in the Base registry (DSP8011) or in a vendor's, in this order.
_BY_KEY: Final = (
    ("NoValidSession", 401),
    ("InsufficientPrivilege", 403),
    ("AccessDenied", 403),
    ("License", 403),
    ("LIC", 403),
    ("ResourceMissing", 404),
    ("ResourceNotFound", 404),
    ("InvalidURI", 404),
    ("OperationNotAllowed", 405),
    ("ActionNotSupported", 405),
    ("NotSupported", 501),
    ("InternalError", 500),
    ("ServiceTemporarilyUnavailable", 503),
    ("ServiceInUnknownState", 503),
    ("ServiceShuttingDown", 503),
    ("ResourceInStandby", 503),
    ("ResourceInUse", 503),
)
_OF_ITSELF: Final = ("@odata.id", "@odata.type", "Id", "Name")
_REASONS: Final = {status.phrase.lower().encode(): status for status in HTTPStatus}


def status_of(body: bytes) -> int:
    """The status that a body was captured with: 200, unless it says otherwise.

    An error without a message that is known here is 400. A plain text that is a status's reason
    phrase ("Not Found") has that status.
    """
    # Only a short body can be an error: parsing 10 MB at every GET would be wasted.
    start = body[:4096].lstrip()
    if not start.startswith(b"{"):
        return int(_REASONS.get(start.strip().strip(b'".').lower(), HTTPStatus.OK))
    if b'"error"' not in start:
        return HTTPStatus.OK
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return HTTPStatus.OK
    if "error" not in document or any(name in document for name in _OF_ITSELF):
        return HTTPStatus.OK
    said = " ".join(_keys(document["error"]))
    return next((status for key, status in _BY_KEY if key in said), HTTPStatus.BAD_REQUEST)


def _keys(error: Any) -> Iterator[str]:
    """The keys of the error's messages, the extended ones first, as they are the more exact."""
    if not isinstance(error, dict):
        return
    extended = error.get("@Message.ExtendedInfo")
    for message in extended if isinstance(extended, list) else [extended]:
        identifier = message.get("MessageId") if isinstance(message, dict) else None
        if isinstance(identifier, str):
            yield identifier.rpartition(".")[2]
    code = error.get("code")
    if isinstance(code, str):
        yield code.rpartition(".")[2]
