"""What must not leave in an answer: passwords, tokens and keys that a BMC's documents may hold.

Redfish says a password reads as null (DSP0268 'ManagerAccount'); OEM sections and BIOS attributes
of real BMCs don't always keep to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from fleetd.telemetry.redact import KEY_WORDS, MASK, Redactor

# In a document of a BMC these are secrets; in our own logs ``credential`` is a mere name.
_SECRET_KEY: Final = re.compile(rf"{KEY_WORDS}|community|credential|^psk$", re.IGNORECASE)
_SHAPES: Final = Redactor()


def scrub_text(text: str | None) -> str | None:
    """What people read (an error, a reason) with what looks like a secret masked."""
    return None if text is None else _SHAPES.text(text)


def scrub(value: Any, *, key: str = "", redactor: Redactor = _SHAPES) -> Any:
    """A copy of the JSON with text masked: under a telling key, and what the redactor knows.

    Numbers, booleans and null stay: a minimum password length is no secret.
    """
    if isinstance(value, str):
        return MASK if value and _SECRET_KEY.search(key) else redactor.text(value)
    if isinstance(value, Mapping):
        return {
            str(name): scrub(item, key=_effective(key, str(name)), redactor=redactor)
            for name, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [scrub(item, key=key, redactor=redactor) for item in value]
    return value


def _effective(outer: str, name: str) -> str:
    """Below a telling key links stay readable, the rest is as secret as the key says."""
    if name.startswith("@odata."):
        return ""
    return name if not _SECRET_KEY.search(outer) else outer
