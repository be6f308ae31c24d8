"""Knows whether Ironic has the present password of a BMC, without keeping any password.

Ironic masks what it was given, so a slow salted hash of the password last sent is kept with the
enrollment. What was found once is remembered for the life of the process under a random key.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Final

from fleetd.domain.device import DeviceId
from fleetd.domain.enrollment import DesiredNode, Enrollment, PasswordDigest

# About 10 ms and 4 MB a hash: 1,000 servers cost ten seconds of one thread, once a start.
_COST: Final = 2**12
_BLOCK: Final = 8
_SALT_BYTES: Final = 16


class PasswordLedger:
    """Answers whether a password is the one that was last sent."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._known: dict[DeviceId, tuple[PasswordDigest, bytes]] = {}

    def knows(self, desired: DesiredNode, enrollment: Enrollment) -> bool:
        """Whether ``desired``'s password is the one that Ironic was last given.

        Slow the first time a device is asked for (call it in a thread), quick afterwards.
        """
        kept = enrollment.password
        if kept is None:
            return False
        quick = self._quick(desired.password)
        known = self._known.get(desired.device_id)
        if known is not None and known[0] == kept:
            return hmac.compare_digest(known[1], quick)
        if not hmac.compare_digest(kept.digest, _slow(desired.password, kept.salt)):
            return False
        self._known[desired.device_id] = (kept, quick)
        return True

    def known_among(self, pairs: Iterable[tuple[DesiredNode, Enrollment]]) -> frozenset[DeviceId]:
        """Those whose password Ironic has; slow like ``knows``."""
        return frozenset(one.device_id for one, kept in pairs if self.knows(one, kept))

    def digest(self, desired: DesiredNode) -> PasswordDigest:
        """What to keep after the password was sent; slow."""
        salt = secrets.token_bytes(_SALT_BYTES)
        digest = PasswordDigest(salt=salt, digest=_slow(desired.password, salt))
        self._known[desired.device_id] = (digest, self._quick(desired.password))
        return digest

    def _quick(self, password: str) -> bytes:
        return hashlib.blake2b(password.encode(), key=self._key).digest()


def _slow(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_COST, r=_BLOCK, p=1)
