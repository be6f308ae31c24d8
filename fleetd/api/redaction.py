"""What must not leave in an answer: passwords, tokens and keys that a BMC's documents may hold.

Redfish says a password reads as null (DSP0268 'ManagerAccount'); OEM sections and BIOS attributes
of real BMCs don't always keep to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from fleetd.telemetry.redact import MASK, Redactor

_SECRET_KEY: Final = re.compile(
    r"passw(?:or)?d|passphrase|passcode|secret|community|credential|private[-_ ]?key"
    r"|(?:auth|session|access|bearer|refresh|x-auth|api)[-_ ]?(?:token|key)|^token$"
    r"|encryption[-_ ]?key|(?:pre)?shared[-_ ]?key|^psk$|^authorization$",
    re.IGNORECASE,
)
_FREE_TEXT: Final = Redactor()
_USER_INFORMATION: Final = re.compile(r"(?<=://)[^/@\s]+@")


def scrub_text(text: str | None) -> str | None:
    """What people read (an error, a reason) with what looks like a secret masked."""
    return None if text is None else _FREE_TEXT.text(text)


def scrub(value: Any, *, key: str = "") -> Any:
    """A copy of the JSON with what looks like a secret masked: text under a telling key.

    Numbers, booleans and null stay: a minimum password length is no secret.
    """
    if isinstance(value, str):
        if value and _SECRET_KEY.search(key):
            return MASK
        return _USER_INFORMATION.sub(f"{MASK}@", value)
    if isinstance(value, Mapping):
        return {
            str(name): scrub(item, key=_effective(key, str(name))) for name, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [scrub(item, key=key) for item in value]
    return value


def _effective(outer: str, name: str) -> str:
    """Below a telling key links stay readable, the rest is as secret as the key says."""
    if name.startswith("@odata."):
        return ""
    return name if not _SECRET_KEY.search(outer) else outer
