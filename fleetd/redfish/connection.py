"""One BMC to talk to: a shared session, limits, repeats of reads, and errors of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson

from fleetd.config.redfish import RedfishSection
from fleetd.domain.device import Json
from fleetd.domain.errors import DeviceError, Unreachable
from fleetd.domain.ports import Credential
from fleetd.redfish.breaker import Breaker
from fleetd.redfish.errors import answer_error, error_class, extended_messages, retry_after_s
from fleetd.redfish.login import Login, Spawn
from fleetd.redfish.paths import local_path
from fleetd.redfish.payload import Document
from fleetd.redfish.retry import is_worth_repeating, repeat
from fleetd.redfish.traits import ConnectionTraits
from fleetd.redfish.transport import Answer, Line, RequestObserver

_SAFE: Final = frozenset({"GET", "HEAD"})


class Connection:
    """A BMC, logged in to on first use; safe to share between tasks."""

    def __init__(  # noqa: PLR0913 - what RedfishClient puts together
        self,
        line: Line,
        *,
        credential: Credential,
        traits: ConnectionTraits,
        driver: str,
        section: RedfishSection,
        in_flight: asyncio.Semaphore,
        observer: RequestObserver,
        clock: Callable[[], float],
        spawn: Spawn,
    ) -> None:
        self.address = line.address
        self.traits = traits
        self._line = line
        self._driver = driver
        self._section = section
        self._fleet = in_flight
        self._observer = observer
        self._clock = clock
        self._spawn = spawn
        limit = section.requests_per_endpoint
        self._slots = asyncio.Semaphore(min(limit, traits.requests_in_flight or limit))
        self._timeout_s = traits.request_timeout_s or section.request_timeout.total_seconds()
        self._breaker = Breaker(
            line.address,
            failures=section.breaker_failures,
            rest_s=section.breaker_rest.total_seconds(),
            clock=clock,
        )
        self._login = Login(self, credential, traits, spawn)
        self._standing = _standing_headers(traits)
        self._signed: tuple[Mapping[str, str], dict[str, str]] | None = None

    def __repr__(self) -> str:
        return f"<Connection to {self.address}>"

    @property
    def fingerprint(self) -> str | None:
        """The certificate's pinned or learned SHA-256 fingerprint."""
        return self._line.fingerprint

    async def login(self) -> None:
        """Log in now, where it isn't done yet, so that a refusal is known before anything else.

        Raises:
            Unauthorised: The BMC refused the credential, or did so before (CredentialHeld).
            DeviceError: It can't be reached, or has no session left (Busy).
        """
        await self._login.authenticate()

    async def get(self, path: str) -> Document:
        """Read one resource.

        Args:
            path: A link as the BMC gives it; fragments and small sins are taken off.

        Raises:
            DeviceError: Any of its kinds; reads were repeated where that could help.
        """
        path = local_path(path, self.address)
        try:
            answer = await self._ask("GET", path)
        except DeviceError as error:
            if not self._section.retries or not is_worth_repeating(error):
                raise
            answer = await repeat(lambda: self._ask("GET", path), error, self._section)
        return self._line.document(answer, path)

    async def request(self, method: str, path: str, json: Json = None) -> Answer:
        """Send one request, once; only its refusal for an expired session is answered again.

        Raises:
            DeviceError: Any of its kinds. After Unreachable nobody knows whether it took effect.
        """
        path = local_path(path, self.address)
        body = None if json is None else orjson.dumps(json)
        return await self._ask(method, path, body)

    async def close(self) -> None:
        """Log out; the next request logs in again. Goes on when the caller is cancelled."""
        await asyncio.shield(self._spawn(self._login.close(final=False)))

    async def end(self) -> None:
        """Log out for good."""
        await self._login.close(final=True)

    async def _ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        """One request with the session's headers, renewed once where they are refused."""
        login = self._login
        proof = login.headers
        if proof is None:
            proof = await login.authenticate()
        answer = await self._attempt(method, path, self._sign(proof), body)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            if self.traits.basic_auth:
                login.hold()
                raise self.error(answer, path)
            proof = await login.authenticate(stale=proof)
            answer = await self._attempt(method, path, self._sign(proof), body)
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise self.error(answer, path)
        return answer

    async def bare(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer:
        return await self._attempt(method, path, {**self._standing, **headers}, body)

    def document(self, answer: Answer, path: str) -> Document:
        return self._line.document(answer, path)

    def error(self, answer: Answer, path: str) -> DeviceError:
        """The error for an answer that isn't a success, in the BMC's own words."""
        document: Any = None
        if answer.body:
            try:
                document = self._line.document(answer, path)
            except DeviceError:
                document = None
        return answer_error(
            answer.status,
            extended_messages(document, self._login.secrets),
            endpoint=self.address,
            uri=path,
            retry_after=retry_after_s(answer.headers.get("Retry-After")),
        )

    async def _attempt(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        async with self._slots, self._fleet:
            self._breaker.admit()
            started = self._clock()
            outcome = "abandoned"
            try:
                answer = await self._line.exchange(
                    method, path, headers=headers, timeout_s=self._timeout_s, body=body
                )
            except DeviceError as error:
                outcome = error.code
                if isinstance(error, Unreachable):
                    self._breaker.failed()
                else:
                    self._breaker.succeeded()
                raise
            else:
                status = answer.status
                outcome = "ok" if status < HTTPStatus.BAD_REQUEST else error_class(status).code
                self._breaker.succeeded()
                return answer
            finally:
                if outcome == "abandoned":
                    self._breaker.abandoned()
                self._observer.observe(self._driver, method, outcome, self._clock() - started)

    def _sign(self, proof: Mapping[str, str]) -> Mapping[str, str]:
        signed = self._signed
        if signed is None or signed[0] is not proof:
            signed = self._signed = (proof, {**self._standing, **proof})
        return signed[1]


def _standing_headers(traits: ConnectionTraits) -> dict[str, str]:
    headers = {"Accept": "application/json", "OData-Version": "4.0"}
    if traits.identity_encoding:
        headers["Accept-Encoding"] = "identity"
    if not traits.keep_alive:
        headers["Connection"] = "close"
    return headers
