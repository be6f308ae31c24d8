"""Who may pass: accounts, a bounded session table, and the lock-out after wrong logins.

Source: DSP0266 "Sessions" and "Authentication".
"""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fleetd_emulators.protocol.accounts import Account, Accounts
from fleetd_emulators.protocol.exchange import Response
from fleetd_emulators.protocol.features import Features
from fleetd_emulators.protocol.problems import Json, problem


@dataclass(slots=True, kw_only=True)
class Session:
    """One login; ``used_at`` is on the gate's clock."""

    id: str
    username: str
    token: str = field(repr=False)
    used_at: float


def wrong_credentials() -> Response:
    """401 as DSP0266 wants it: with the challenge and a message."""
    return problem(
        401,
        "NoValidSession",
        "There is no valid session established with the implementation, "
        "or the credentials are not valid.",
        headers={"www-authenticate": 'Basic realm="RedfishService"'},
        resolution="Establish a session with valid credentials and send the request again.",
    )


class Gate:
    """Checks every request's credentials and keeps the session table."""

    def __init__(
        self,
        accounts: Mapping[str, str],
        features: Features,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.accounts = Accounts(
            accounts, features.accounts, must_change=features.password_change_required
        )
        self.lockout_attempts = features.lockout_attempts
        self.lockout_s = features.lockout_s
        self._features = features
        self._clock = clock
        self._by_token: dict[str, Session] = {}
        self._next_id = 1
        self._recent_wrong: list[float] = []
        self._locked_until = float("-inf")
        self.wrong_logins = 0
        self.logins = 0
        self.logouts = 0

    @property
    def sessions(self) -> tuple[Session, ...]:
        """Those that have not timed out, oldest first."""
        now = self._clock()
        alive = {
            token: session
            for token, session in self._by_token.items()
            if now - session.used_at <= self._features.session_timeout_s
        }
        self._by_token = alive
        return tuple(alive.values())

    @property
    def locked(self) -> bool:
        """Whether wrong logins have shut the accounts for a while."""
        return self._clock() < self._locked_until

    def check(self, headers: Mapping[str, str]) -> Response | None:
        """None lets the request pass; else the 401 to send.

        Args:
            headers: With lower-case names.
        """
        token = headers.get("x-auth-token")
        if token is not None:
            return None if self._holds(token) else wrong_credentials()
        authorization = headers.get("authorization", "")
        if self._features.basic and authorization.lower().startswith("basic "):
            username, password = _decode_basic(authorization)
            return self._verify(username, password)
        return wrong_credentials()

    def login(self, username: str, password: str) -> Session | Response:
        """Open a session, or say why not."""
        refusal = self._verify(username, password)
        if refusal is not None:
            return refusal
        if len(self.sessions) >= self._features.session_limit:
            return problem(
                503,
                self._features.full_message_id,
                self._features.full_message,
                headers={"retry-after": "30"},
                resolution="Close a session that is no longer needed, or wait for one to expire.",
            )
        session = Session(
            id=str(self._next_id),
            username=username,
            token=secrets.token_hex(16),
            used_at=self._clock(),
        )
        self._next_id += 1
        self.logins += 1
        self._by_token[session.token] = session
        return session

    def find(self, session_id: str) -> Session | None:
        """The living session with this id."""
        return next((one for one in self.sessions if one.id == session_id), None)

    def logout(self, session: Session) -> None:
        """Close a session; its token is refused from now on."""
        self._by_token.pop(session.token, None)
        self.logouts += 1

    def forget_sessions(self) -> None:
        """Drop the whole table, as a BMC's reboot does."""
        self._by_token.clear()

    def forget_sessions_of(self, username: str) -> None:
        """Drop a user's sessions, as when the account goes."""
        self._by_token = {
            token: session
            for token, session in self._by_token.items()
            if session.username != username
        }

    def account(self, headers: Mapping[str, str]) -> Account | None:
        """Whose request with these credentials is; None where nobody's account is known."""
        session = self._by_token.get(headers.get("x-auth-token", ""))
        if session is not None:
            return self.accounts.named(session.username)
        username, _ = _decode_basic(headers.get("authorization", ""))
        return self.accounts.named(username)

    def counters(self) -> Json:
        """What tests ask about: logins, logouts, wrong tries, open sessions."""
        return {
            "logins": self.logins,
            "logouts": self.logouts,
            "wrong_logins": self.wrong_logins,
            "open_sessions": len(self.sessions),
            "locked": self.locked,
        }

    def reset_counters(self) -> None:
        """Start counting from zero; sessions and a lock-out stay."""
        self.logins = self.logouts = self.wrong_logins = 0

    def _holds(self, token: str) -> bool:
        session = self._by_token.get(token)
        now = self._clock()
        if session is None:
            return False
        if now - session.used_at > self._features.session_timeout_s:
            del self._by_token[token]
            return False
        session.used_at = now
        return True

    def _verify(self, username: str, password: str) -> Response | None:
        if self.locked:
            self.wrong_logins += 1
            return problem(
                401,
                "NoValidSession",
                "The account is locked after too many failed logins.",
                resolution="Wait for the lock-out to end.",
            )
        if self.accounts.verify(username, password):
            return None
        self._count_wrong()
        return wrong_credentials()

    def _count_wrong(self) -> None:
        now = self._clock()
        self.wrong_logins += 1
        window = self.lockout_s
        self._recent_wrong = [at for at in self._recent_wrong if now - at < window]
        self._recent_wrong.append(now)
        if self.lockout_attempts and len(self._recent_wrong) >= self.lockout_attempts:
            self._locked_until = now + window
            self._recent_wrong.clear()


def _decode_basic(authorization: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(authorization[6:].strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    username, _, password = text.partition(":")
    return username, password
