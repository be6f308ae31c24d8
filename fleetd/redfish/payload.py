"""JSON as BMCs send it, made safe: bounded, tolerant of small sins, always one object."""

from __future__ import annotations

import json
from typing import Any, Final

import orjson

from fleetd.domain.device import Json
from fleetd.domain.errors import Malformed

Document = dict[str, Any]

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_ALL_BUT_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b"{}[]")


def parse(body: bytes, *, max_depth: int, endpoint: str, uri: str) -> Document:
    """Parse one JSON object; of duplicate keys the last one holds.

    Raises:
        Malformed: It is no JSON, no object, or nested deeper than ``max_depth``.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        document = _parse_leniently(body, error, endpoint, uri)
    if not isinstance(document, dict):
        kind = type(document).__name__
        raise Malformed(f"the answer is not a JSON object but {kind}", endpoint=endpoint, uri=uri)
    if _seems_deep(body, max_depth) and _depth_exceeds(document, max_depth):
        raise Malformed(
            f"the answer is nested deeper than {max_depth} levels", endpoint=endpoint, uri=uri
        )
    return document


def _parse_leniently(body: bytes, error: orjson.JSONDecodeError, endpoint: str, uri: str) -> Json:
    """Try again past a byte-order mark, raw control characters, bad UTF-8, and NaN (read as null).

    Firmware copies such bytes from the parts it lists into otherwise sound documents.
    """
    text = body.removeprefix(_BYTE_ORDER_MARK).decode("utf-8", "replace")
    try:
        return json.loads(text, strict=False, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        reason = "nothing" if not body.strip() else f"no JSON: {error.msg} (byte {error.pos})"
        raise Malformed(f"the answer is {reason}", endpoint=endpoint, uri=uri) from None


def _seems_deep(body: bytes, max_depth: int) -> bool:
    """Peel bracket pairs from the inside; one pass takes off at least one level.

    Costs microseconds, as most documents vanish in five passes. Brackets inside strings can only
    make a document seem deeper than it is.
    """
    brackets = body.translate(None, _ALL_BUT_BRACKETS)
    for _ in range(max_depth):
        if not brackets:
            return False
        peeled = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if len(peeled) == len(brackets):
            return True
        brackets = peeled
    return bool(brackets)


def _depth_exceeds(document: Json, max_depth: int) -> bool:
    level: list[Json] = [document]
    for _ in range(max_depth):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return False
    return True
