"""Redaction: secrets masked in text and in structured values, by key, by shape and by value.

Pure: it does no logging of its own. ``logs.py`` puts every log line through it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

MASK: Final = "***"
MIN_LENGTH: Final = 4
"""Shorter secrets are not looked for in text: masking every ``ab`` would make logs unreadable."""
_MAX_DEPTH: Final = 12

KEY_WORDS: Final = (
    r"pass(?:word|wd|phrase|code)|pwd|secret|token|authorization|cookie"
    r"|(?:access|api|auth|authentication|encryption|licen[cs]e|private|session|shared)[-_ ]?key"
)
"""A regular expression of what a key says of itself when its value is a secret."""
_KEY: Final = re.compile(KEY_WORDS, re.IGNORECASE)
# To the last @ before the path: a password may hold an @ that somebody forgot to encode.
_USER_INFORMATION: Final = re.compile(r"(?<=://)[^\s/?#\"'<>]*@")
_SCHEME: Final = re.compile(r"\b(Basic|Bearer)(\s+)(?!\*\*\*)[^\s\"',;]+", re.IGNORECASE)
_ASSIGNED: Final = re.compile(
    rf"((?:{KEY_WORDS})[\w-]*[\"']?\s*[:=]\s*)"  # the key
    r"(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|(?!\*\*\*|Basic\b|Bearer\b|None\b|null\b)[^\s\"',;&)\]}]+)",
    re.IGNORECASE,
)


class Redactor:
    """Masks secrets; the secret values themselves are learned as they are read."""

    def __init__(self) -> None:
        self._known: tuple[str, ...] = ()

    def learn(self, secret: str) -> None:
        """Mask this value from now on, also as JSON and URLs write it."""
        if len(secret) < MIN_LENGTH:
            return
        forms = {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], quote(secret, safe="")}
        if not forms <= set(self._known):
            # The longest first, so that no rest of a longer secret stays behind a shorter one.
            self._known = tuple(sorted(forms | set(self._known), key=len, reverse=True))

    def text(self, text: str) -> str:
        """The text with every secret in it masked."""
        for secret in self._known:
            if secret in text:
                text = text.replace(secret, MASK)
        text = _USER_INFORMATION.sub(f"{MASK}@", text)
        text = _SCHEME.sub(rf"\1\2{MASK}", text)
        return _ASSIGNED.sub(rf"\1{MASK}", text)

    def value(self, value: Any) -> Any:
        """A copy of the value with every secret in it masked; odd objects become their text."""
        return self._value(value, _MAX_DEPTH)

    def mapping(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """As ``value``, of the mapping that a log line is."""
        return self._mapping(values, _MAX_DEPTH)

    def _mapping(self, values: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        return {
            self.text(str(key)): self._value(self._under(str(key), value), depth - 1)
            for key, value in values.items()
        }

    @staticmethod
    def _under(key: str, value: Any) -> Any:
        # Numbers and truth values stay: a count of tokens or a password's minimum length is none.
        harmless = value is None or isinstance(value, bool | int | float)
        return MASK if _KEY.search(key) and not harmless else value

    def _value(self, value: Any, depth: int) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str):
            return self.text(value)
        if depth <= 0:
            return "…"
        if isinstance(value, Mapping):
            return self._mapping(value, depth)
        if isinstance(value, list | tuple | set | frozenset):
            return [self._value(item, depth - 1) for item in value]
        return self.text(value.decode(errors="replace") if isinstance(value, bytes) else str(value))
