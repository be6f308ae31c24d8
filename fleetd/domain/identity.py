"""Identifiers in one form each, without the placeholders that vendors put in their stead."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_PLACEHOLDERS: Final = frozenset(
    {
        "",
        "0123456789",
        "123456789",
        "1234567890",
        "00000000",
        "chassis serial number",
        "default string",
        "empty",
        "invalid",
        "n/a",
        "na",
        "none",
        "not applicable",
        "not available",
        "not present",
        "not set",
        "not specified",
        "null",
        "oem",
        "serial number",
        "system serial number",
        "system product name",
        "system manufacturer",
        "to be filled by o.e.m",
        "to be filled by oem",
        "unknown",
        "unspecified",
        "undefined",
    }
)
_REPEATED: Final = re.compile(r"^(?:0+|x+|f+|\.+|-+|\*+|#+|1{4,}|9{4,})$")
_UUID: Final = re.compile(r"^[0-9a-f]{32}$")
_KNOWN_UUIDS: Final = frozenset(
    {
        # The example of the SMBIOS specification's era of AMI boards, shipped on whole batches.
        "03000200040005000006000700080009",
        "12345678123412341234123456789012",
        "0123456789abcdef0123456789abcdef",
        "00112233445566778899aabbccddeeff",
        "ffffffffffffffffffffffffffffffff",
    }
)
_MAC: Final = re.compile(r"^[0-9a-f]{12}$")


def meaningful(text: object) -> str | None:
    """The text without padding, or None where it's absent or a manufacturer's placeholder."""
    return _meaningful(text) if isinstance(text, str) else None


@lru_cache(maxsize=8192)
def _meaningful(text: str) -> str | None:
    stripped = " ".join(text.split()).strip("\x00")
    plain = stripped.lower().rstrip(".")
    if plain in _PLACEHOLDERS or _REPEATED.match(plain.replace(" ", "").replace("-", "") or "0"):
        return None
    return stripped


def normal_uuid(text: object) -> str | None:
    """The UUID in lower case with dashes, or None where it's absent, malformed or a placeholder.

    A UUID that is zero but for a MAC in its last 48 bits (some Supermicro boards) tells machines
    apart and is kept.
    """
    if not isinstance(text, str):
        return None
    digits = text.strip().lower().removeprefix("urn:uuid:").strip("{}").replace("-", "")
    if not _UUID.match(digits) or digits in _KNOWN_UUIDS or len(set(digits)) == 1:
        return None
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def normal_mac(text: object) -> str | None:
    """The MAC in lower case with colons, or None where it's absent, malformed, zero or broadcast.

    An EUI-64 or InfiniBand GUID is no MAC and gives None.
    """
    if not isinstance(text, str):
        return None
    digits = re.sub(r"[:\-. ]", "", text.strip().lower())
    if not _MAC.match(digits) or digits in {"0" * 12, "f" * 12}:
        return None
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))
