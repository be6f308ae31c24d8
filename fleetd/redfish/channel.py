"""Requests to one BMC, as its session, limits and circuit breaker let them pass.

This is the hot path of every sweep and poll: what only failures need is kept out of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from fleetd.config.redfish import RedfishSection
from fleetd.domain.errors import DeviceError, LoginRefused, Unreachable
from fleetd.domain.ports import Credential
from fleetd.redfish.breaker import Breaker
from fleetd.redfish.errors import answer_error, error_class, extended_messages, retry_after_s
from fleetd.redfish.login import Login, Spawn
from fleetd.redfish.paths import local_path
from fleetd.redfish.payload import Document
from fleetd.redfish.retry import is_worth_repeating, repeat
from fleetd.redfish.traits import ConnectionTraits
from fleetd.redfish.transport import Answer, Line, RequestObserver

SAFE: Final = frozenset({"GET", "HEAD"})
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MAX_HOPS: Final = 3
_ABANDONED: Final = "abandoned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What all connections of one client have in common."""

    section: RedfishSection
    in_flight: asyncio.Semaphore
    observer: RequestObserver
    clock: Callable[[], float]
    spawn: Spawn


class Channel:
    """One BMC's requests; safe to share between tasks."""

    def __init__(
        self,
        line: Line,
        shared: Shared,
        *,
        credential: Credential,
        traits: ConnectionTraits,
        driver: str,
    ) -> None:
        section = shared.section
        limit = section.requests_per_endpoint
        self.address = line.address
        self.traits = traits
        self.section = section
        self.line = line
        self.login = Login(self, credential, traits, shared.spawn)
        self._driver = driver
        self._fleet = shared.in_flight
        self._observe = shared.observer.observe
        self._clock = shared.clock
        self._slots = asyncio.Semaphore(min(limit, traits.requests_in_flight or limit))
        self._timeout_s = traits.request_timeout_s or section.request_timeout.total_seconds()
        self.breaker = Breaker(
            line.address,
            failures=section.breaker_failures,
            rest_s=section.breaker_rest.total_seconds(),
            clock=shared.clock,
        )
        self._standing = _standing_headers(traits)
        self._signed: tuple[Mapping[str, str], Mapping[str, str]] | None = None

    async def read(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """GET a normalised path, repeated where that may help.

        Raises:
            DeviceError: Any of its kinds.
        """
        try:
            return await self.ask("GET", path, headers=headers)
        except DeviceError as error:
            if not self.section.retries or not is_worth_repeating(error):
                raise
            first = error
        return await repeat(lambda: self.ask("GET", path, headers=headers), first, self.section)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        tolerated: frozenset[int] = frozenset(),
    ) -> Answer:
        """Send one request with the session's headers, and again only if that is surely safe.

        Args:
            method: In upper case.
            path: Normalised by ``local_path``.
            body: JSON, encoded; with its Content-Type in ``headers``.
            headers: Sent beside, or in place of, the usual ones.
            tolerated: Statuses that are given back like a success.
        """
        proof = self.login.headers
        if proof is None:
            proof = await self.login.authenticate()
        sent = self._sign(proof)
        if headers is not None:
            sent = {**sent, **headers}
        answer = await self._attempt(method, path, sent, body)
        if answer.status < HTTPStatus.MULTIPLE_CHOICES:
            return answer
        if answer.status == HTTPStatus.UNAUTHORIZED:
            sent = {**sent, **await self._renewed(proof, answer, path)}
            answer = await self._attempt(method, path, sent, body)
        if method in SAFE:
            answer = await self._settle(method, path, sent, answer)
        status = answer.status
        if status < HTTPStatus.MULTIPLE_CHOICES or status in tolerated:
            return answer
        raise self.error(answer, path)

    async def bare(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer:
        return await self._attempt(method, path, {**self._standing, **headers}, body, kept=True)

    def document(self, answer: Answer, path: str) -> Document:
        return self.line.document(answer, path)

    def error(self, answer: Answer, path: str) -> DeviceError:
        """The error for an answer that isn't a success, in the BMC's own words."""
        document: Any = None
        if answer.body:
            try:
                document = self.line.document(answer, path)
            except DeviceError:
                document = None
        return answer_error(
            answer.status,
            extended_messages(document, self.login.secrets),
            endpoint=self.address,
            uri=path,
            retry_after=retry_after_s(answer.headers.get("Retry-After")),
        )

    async def _attempt(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        kept: bool = False,
    ) -> Answer:
        async with self._slots, self._fleet:
            self.breaker.admit()
            started = self._clock()
            outcome = _ABANDONED
            try:
                answer = await self.line.exchange(
                    method,
                    path,
                    headers=headers,
                    timeout_s=self._timeout_s,
                    body=body,
                    fresh=not kept and method not in SAFE,
                )
            except DeviceError as error:
                outcome = error.code
                self._judge(error)
                raise
            else:
                status = answer.status
                outcome = "ok" if status < HTTPStatus.BAD_REQUEST else error_class(status).code
                self.breaker.succeeded()
                return answer
            finally:
                if outcome is _ABANDONED:
                    self.breaker.abandoned()
                self._observe(self._driver, method, outcome, self._clock() - started)

    def _judge(self, error: DeviceError) -> None:
        if isinstance(error, Unreachable):
            self.breaker.failed()
        else:
            self.breaker.succeeded()

    async def _renewed(
        self, proof: Mapping[str, str], answer: Answer, path: str
    ) -> Mapping[str, str]:
        if self.traits.basic_auth:
            self.login.hold()
            reason = self.error(answer, path).reason
            raise LoginRefused(reason, endpoint=self.address, uri=path)
        return await self.login.authenticate(stale=proof)

    async def _settle(
        self, method: str, path: str, headers: Mapping[str, str], answer: Answer
    ) -> Answer:
        """Follow redirects within the host, and accept compression where nothing else is offered.

        iLO keeps registries compressed only and answers 406 to ``identity``.
        """
        for _ in range(_MAX_HOPS):
            if answer.status in REDIRECTS:
                path = local_path(answer.headers.get("Location", ""), self.address)
            elif answer.status == HTTPStatus.NOT_ACCEPTABLE:
                headers = {**headers, "Accept-Encoding": "gzip"}
            else:
                break
            answer = await self._attempt(method, path, headers, None)
        return answer

    def _sign(self, proof: Mapping[str, str]) -> Mapping[str, str]:
        signed = self._signed
        if signed is None or signed[0] is not proof:
            signed = self._signed = (proof, {**self._standing, **proof})
        return signed[1]


def _standing_headers(traits: ConnectionTraits) -> dict[str, str]:
    """What this family needs otherwise than usual, with every request."""
    headers = {}
    if not traits.identity_encoding:
        headers["Accept-Encoding"] = "gzip, deflate"
    if not traits.keep_alive:
        headers["Connection"] = "close"
    return headers
