"""One login at one BMC, shared by all who talk to it, and its end.

Opening and closing run in tasks of their own: who is cancelled while waiting for them leaves no
session behind that nobody knows of. A refused credential is never tried a second time.
Source: DSP0266 "Sessions" (session login security).
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Coroutine, Mapping
from http import HTTPStatus
from typing import Any, Final, Protocol

import orjson
import structlog

from fleetd.domain.errors import (
    Busy,
    CredentialHeld,
    DeviceError,
    FleetError,
    LoginRefused,
    Malformed,
    Missing,
    Refused,
    ShuttingDown,
)
from fleetd.domain.ports import Credential
from fleetd.redfish.paths import ROOT, link_of, local_path
from fleetd.redfish.payload import Document
from fleetd.redfish.traits import ConnectionTraits
from fleetd.redfish.transport import Answer

_log = structlog.get_logger(__name__)

Spawn = Callable[[Coroutine[Any, Any, Any]], "asyncio.Task[Any]"]

_SESSIONS: Final = "/redfish/v1/Sessions"
_SESSION_SERVICE: Final = "/redfish/v1/SessionService/Sessions"
_NOT_HERE: Final = frozenset({400, 404, 405, 501})  # iDRAC 7 and 8 say 400 or 405 at one of them
_WRONG: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_FULL: Final = ("RAC0218", "SessionLimitExceeded", "CreateLimitReachedForResource")
_WRONG_WORDS: Final = ("Unauthorized", "NoValidSession", "InvalidCredential", "LoginFailed")


class Wire(Protocol):
    """What a login needs of its connection."""

    address: str

    async def bare(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer:
        """One attempt, within the limits, with these headers only, whatever the answer."""
        ...

    def document(self, answer: Answer, path: str) -> Document: ...

    def error(self, answer: Answer, path: str) -> DeviceError: ...


class Login:
    """Keeps the headers that prove who we are, making and renewing them when needed."""

    def __init__(
        self, wire: Wire, credential: Credential, traits: ConnectionTraits, spawn: Spawn
    ) -> None:
        self._wire = wire
        self._credential = credential
        self._traits = traits
        self._spawn = spawn
        self._opening: asyncio.Task[None] | None = None
        self._held: str | None = None
        self._ended = False
        self._session: str | None = None
        self.headers: Mapping[str, str] | None = None
        self.root: Document | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be repeated: the password and the token."""
        token = (self.headers or {}).get("X-Auth-Token", "")
        return (self._credential.password, token)

    async def authenticate(self, stale: Mapping[str, str] | None = None) -> Mapping[str, str]:
        """The headers to send; concurrent callers share one login.

        Args:
            stale: Headers that were refused just now; others than these are taken as good.

        Raises:
            LoginRefused: The BMC refused the credential.
            CredentialHeld: It did so before, hence it wasn't asked.
            Busy: The BMC has no session left.
            ShuttingDown: No login is made any more.
        """
        if self.headers is not None and self.headers is not stale:
            return self.headers
        if self._held is not None:
            raise CredentialHeld(self._held, endpoint=self._wire.address)
        if self._ended:
            raise ShuttingDown(
                f"{self._wire.address}: this connection has ended, it logs in no more"
            )
        if self._opening is None:
            self._opening = self._spawn(self._open(self.headers))
            self._opening.add_done_callback(self._opened)
        await asyncio.shield(self._opening)
        if self.headers is None:
            raise ShuttingDown(f"{self._wire.address}: the session was closed meanwhile")
        return self.headers

    def hold(self) -> None:
        """Send this credential no more."""
        self._held = f"credential {self._credential.name!r} was refused and is not tried again"
        self.headers = None

    async def close(self, *, final: bool) -> None:
        """Log out; a failure is told, and the BMC's to clean up when the session times out.

        Args:
            final: Refuse every later login.
        """
        self._ended = self._ended or final
        if self._opening is not None:
            await asyncio.wait({self._opening})
        if self.headers is not None:
            await self._leave(self.headers)

    async def _leave(self, headers: Mapping[str, str]) -> None:
        """Log out, also where the session was refused: some BMCs say 401 for a missing right."""
        session, self._session, self.headers = self._session, None, None
        if session is None:
            return
        try:
            await self._wire.bare("DELETE", session, headers=headers)
        except FleetError as error:
            _log.warning("session_left_open", endpoint=self._wire.address, reason=str(error))
        except asyncio.CancelledError:
            reason = "it did not answer the log-out in time"
            _log.warning("session_left_open", endpoint=self._wire.address, reason=reason)
            raise

    def _opened(self, task: asyncio.Task[None]) -> None:
        self._opening = None
        if not task.cancelled():
            task.exception()  # each waiter has its own; without a waiter nobody wants it

    async def _open(self, refused: Mapping[str, str] | None) -> None:
        if refused is not None:
            await self._leave(refused)
        if self.root is None:
            self.root = await self._read_root()
        if self._traits.basic_auth:
            await self._open_basic(self.root)
            return
        last: DeviceError | None = None
        for path in self._candidates(self.root):
            try:
                await self._open_session(path)
            except Missing as error:
                last = error
            else:
                return
        raise Missing("it offers no place to open a session", endpoint=self._wire.address) from last

    async def _read_root(self) -> Document:
        answer = await self._wire.bare("GET", ROOT, headers={})
        if answer.status != HTTPStatus.OK:
            raise self._wire.error(answer, ROOT)
        return self._wire.document(answer, ROOT)

    def _candidates(self, root: Document) -> list[str]:
        if self._traits.session_uri is not None:
            return [self._traits.session_uri]
        links = root.get("Links")
        linked = link_of(links.get("Sessions")) if isinstance(links, dict) else None
        places = [linked, _SESSION_SERVICE, _SESSIONS]
        paths = [local_path(place, self._wire.address) for place in places if place]
        return list({path.rstrip("/"): path for path in paths}.values())

    async def _open_session(self, path: str) -> None:
        """Try one session collection.

        Raises:
            Missing: There is none at this path.
        """
        body = orjson.dumps(
            {"UserName": self._credential.username, "Password": self._credential.password}
        )
        answer = await self._wire.bare(
            "POST", path, headers={"Content-Type": "application/json"}, body=body
        )
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise self._refusal(answer, path)
        token = answer.headers.get("X-Auth-Token")
        if not token:
            raise Malformed("a session without a token", endpoint=self._wire.address, uri=path)
        self._session = self._session_path(answer, path)
        self.headers = {"X-Auth-Token": token}

    def _session_path(self, answer: Answer, path: str) -> str | None:
        """Where to log out; iLO 4 names it in Location only, others in the body only."""
        location = answer.headers.get("Location")
        if not location:
            try:
                location = link_of(self._wire.document(answer, path))
            except Malformed:
                return None
        if location is None:
            return None
        if "://" in location:  # behind address translation it names itself otherwise
            location = "/" + location.split("://", 1)[1].partition("/")[2]
        return local_path(location, self._wire.address)

    def _refusal(self, answer: Answer, path: str) -> DeviceError:
        error = self._wire.error(answer, path)
        messages = error.messages if isinstance(error, Refused) else (error.reason,)
        said = " ".join(messages)
        if any(word in said for word in _FULL):
            return Busy("it has no session left", endpoint=self._wire.address, uri=path)
        if answer.status in _WRONG or any(word in said for word in _WRONG_WORDS):
            self.hold()
            return LoginRefused(
                f"refused credential {self._credential.name!r}: {error.reason}",
                endpoint=self._wire.address,
                uri=path,
            )
        if answer.status in _NOT_HERE:
            return Missing(error.reason, endpoint=self._wire.address, uri=path)
        return error

    async def _open_basic(self, root: Document) -> None:
        """Prove the credential with one request before others carry it."""
        pair = f"{self._credential.username}:{self._credential.password}".encode()
        headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        places = (link_of(root.get(name)) for name in ("Systems", "Chassis", "Managers"))
        path = local_path(next(filter(None, places), ROOT), self._wire.address)
        answer = await self._wire.bare("GET", path, headers=headers)
        if answer.status in _WRONG:
            raise self._refusal(answer, path)
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise self._wire.error(answer, path)
        self.headers = headers
