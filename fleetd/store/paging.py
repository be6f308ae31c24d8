"""Pages: opaque markers that stay good when rows come and go, and are refused when made up."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson

from fleetd.domain.errors import InvalidInput
from fleetd.domain.ports import Page

T = TypeVar("T")


def encode_marker(listing: str, *position: str | int) -> str:
    """Where a page of ``listing`` ended."""
    return base64.urlsafe_b64encode(orjson.dumps([listing, *position])).decode().rstrip("=")


def decode_marker(listing: str, marker: str, *kinds: type) -> list[Any]:
    """The position in a marker that ``encode_marker`` made for the same listing.

    Raises:
        InvalidInput: The marker is another listing's, or nobody's.
    """
    try:
        padded = marker.encode("ascii") + b"=" * (-len(marker) % 4)
        decoded = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeEncodeError, binascii.Error, orjson.JSONDecodeError) as error:
        raise InvalidInput("the marker isn't one of a page of this listing") from error
    position = decoded[1:] if isinstance(decoded, list) and decoded[:1] == [listing] else []
    if [type(value) for value in position] != list(kinds):
        raise InvalidInput("the marker isn't one of a page of this listing")
    return position


def page_of(rows: Sequence[T], *, limit: int, marker: Callable[[T], str]) -> Page[T]:
    """A page of at most ``limit`` from rows read one beyond it, which shows there's another."""
    items = tuple(rows[:limit])
    return Page(items=items, marker=marker(items[-1]) if len(rows) > limit else None)


def checked_limit(limit: int) -> int:
    """The limit, which must be a positive number.

    Raises:
        InvalidInput: It isn't.
    """
    if limit < 1:
        raise InvalidInput("the limit of a page must be at least 1")
    return limit
