"""Who calls: bearer tokens compared in constant time, and roles that each hold those before."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from fleetd.config.daemon import Role
from fleetd.domain.errors import Forbidden, Unauthenticated

_RANK: Final[Mapping[Role, int]] = {role: rank for rank, role in enumerate(Role)}
_SCHEME: Final = "bearer "


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, as the audit and the log name them."""

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """The caller's role is this one or holds it."""
        return _RANK[self.role] >= _RANK[role]


LOCAL: Final = Caller(name="local", role=Role.ADMIN)
"""Everybody, where no tokens are configured (loopback only; the configuration sees to that)."""


class Gate:
    """Tells callers by their bearer token, and refuses those without the role."""

    def __init__(self, tokens: Mapping[str, tuple[Role, str]]) -> None:
        self._digests = tuple(
            (Caller(name=name, role=role), _digest(secret))
            for name, (role, secret) in tokens.items()
        )

    @property
    def is_open(self) -> bool:
        """No tokens are configured."""
        return not self._digests

    def identify(self, request: web.Request) -> Caller | None:
        """Who calls, or None where no valid token was sent."""
        if self.is_open:
            return LOCAL
        header = request.headers.get("Authorization", "")
        if header[: len(_SCHEME)].lower() != _SCHEME:
            return None
        given = _digest(header[len(_SCHEME) :].strip())
        # Every token is compared, so that the time says nothing about which one was near.
        found = [caller for caller, known in self._digests if hmac.compare_digest(known, given)]
        return found[0] if found else None

    def admit(self, caller: Caller | None, role: Role | None) -> None:
        """Let the caller pass, or refuse.

        Raises:
            Unauthenticated: A role is needed and the caller is unknown.
            Forbidden: The caller's role is too low.
        """
        if role is None:
            return
        if caller is None:
            raise Unauthenticated("this needs a valid token in the Authorization header")
        if not caller.may(role):
            raise Forbidden(f"{caller.name} is {caller.role} and this needs {role}")


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
