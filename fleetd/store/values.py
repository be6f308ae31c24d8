"""Values between the domain and the columns: JSON, texts and hashes."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final, overload

import orjson

from fleetd.domain.device import Json
from fleetd.domain.errors import InvalidInput

_DIGEST_BYTES: Final = 16
_REPLACEMENT: Final = "\ufffd"
NUL: Final = b"\\u0000"
"""How JSON writes the character that PostgreSQL's texts can't hold."""


def json_bytes(value: Json) -> bytes:
    """JSON in one form only (keys sorted), so that equal values give equal bytes.

    Raises:
        InvalidInput: It's no JSON, or a text in it is no Unicode (a lone surrogate).
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise InvalidInput(f"a value can't be stored as JSON: {error}") from error


def json_text(value: Json) -> str:
    """The same as text."""
    return json_bytes(value).decode()


def json_value(text: str) -> Any:
    """What ``json_text`` wrote."""
    return orjson.loads(text)


def digest(*parts: bytes) -> bytes:
    """A hash to tell contents apart; not for secrets."""
    return blake2b(b"\n".join(parts), digest_size=_DIGEST_BYTES).digest()


@overload
def clean(text: str) -> str: ...
@overload
def clean(text: None) -> None: ...
def clean(text: str | None) -> str | None:
    """The text as both databases can hold it: PostgreSQL has no NUL, so U+FFFD stands for it."""
    return text.replace("\x00", _REPLACEMENT) if text and "\x00" in text else text
