"""Idempotency-Key: the same key and request get the same answer, without doing the work twice.

Answers are kept in memory, so many and so long: a client repeats within minutes, and after a
restart the work's own idempotence holds (starting what already runs joins it).
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiohttp import web

from fleetd.api.caller import Caller
from fleetd.api.errors import Fault, InvalidQuery, KeyInUse, KeyReused

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
KEY_PATTERN: Final = r"^[!-~]{1,255}$"
_KEY: Final = re.compile(KEY_PATTERN)
_KEPT_HEADERS: Final = ("Location", "Content-Type")


@dataclass(slots=True)
class _Kept:
    """What became of a key: in work while ``status`` is None."""

    fingerprint: bytes
    expires_at: float
    status: int | None = None
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class Replays:
    """Answers by caller and key, bounded in number and time."""

    def __init__(
        self,
        *,
        capacity: int = 4_096,
        keep: timedelta = timedelta(hours=24),
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._capacity = capacity
        self._keep_s = keep.total_seconds()
        self._now = now
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()

    async def once(
        self,
        request: web.Request,
        raw: bytes,
        *,
        caller: Caller | None,
        perform: Callable[[], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Do the work, or answer as before where the same request with the same key came before.

        An error isn't kept: nothing was started, so the client may try again with the same key.

        Raises:
            InvalidQuery: The key is malformed.
            KeyReused: The key came with another request.
            KeyInUse: The first request with the key is still being worked on.
        """
        key = request.headers.get(HEADER)
        if key is None:
            return await perform()
        if not _KEY.fullmatch(key):
            raise InvalidQuery(
                (Fault(detail="must be 1 to 255 visible letters", parameter=HEADER),)
            )
        slot = (caller.name if caller else "", key)
        fingerprint = _fingerprint(request, raw)
        kept = self._find(slot)
        if kept is not None:
            return _replay(kept, fingerprint)
        mine = _Kept(fingerprint=fingerprint, expires_at=self._now() + self._keep_s)
        self._kept[slot] = mine
        try:
            response = await perform()
        except BaseException:
            self._kept.pop(slot, None)
            raise
        _remember(mine, response)
        return response

    def _find(self, slot: tuple[str, str]) -> _Kept | None:
        """The entry, after those that are too old or too many have gone, oldest first."""
        while self._kept:
            oldest, entry = next(iter(self._kept.items()))
            if entry.expires_at > self._now() and len(self._kept) < self._capacity:
                break
            del self._kept[oldest]
        return self._kept.get(slot)


def _fingerprint(request: web.Request, raw: bytes) -> bytes:
    digest = hashlib.sha256(f"{request.method} {request.path_qs}\n".encode())
    digest.update(raw)
    return digest.digest()


def _remember(entry: _Kept, response: web.StreamResponse) -> None:
    entry.status = response.status
    body = response.body if isinstance(response, web.Response) else None
    entry.body = body if isinstance(body, bytes) else b""
    entry.headers = tuple(
        (name, response.headers[name]) for name in _KEPT_HEADERS if name in response.headers
    )


def _replay(entry: _Kept, fingerprint: bytes) -> web.Response:
    if entry.fingerprint != fingerprint:
        raise KeyReused("this key belongs to another request: use a new one")
    if entry.status is None:
        raise KeyInUse("the first request with this key is still being worked on")
    return web.Response(
        status=entry.status, body=entry.body, headers=[*entry.headers, (REPLAYED, "true")]
    )
