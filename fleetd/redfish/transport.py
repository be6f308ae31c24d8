"""One HTTP exchange with a BMC: bounded in time, size and number, and with errors of ours.

It knows no session, no retry and no Redfish.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Protocol, Self

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.tracing import Trace
from yarl import URL

from fleetd.config.redfish import RedfishSection, TlsSection
from fleetd.domain.errors import Malformed
from fleetd.redfish.errors import transport_error
from fleetd.redfish.payload import Document, parse
from fleetd.redfish.trust import PinnedCertificate, Tls, TrustStore

_IDLE_S: Final = 15.0  # several BMCs drop an idle connection after 20 to 30 s
USUAL_HEADERS: Final[Mapping[str, str]] = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "OData-Version": "4.0",
}
"""Sent with every request, unless it names its own (DSP0266 'Request headers')."""
_deadline: ContextVar[asyncio.Timeout | None] = ContextVar("_deadline", default=None)


class RequestObserver(Protocol):
    """Hears how every request ended."""

    def observe(self, driver: str, method: str, outcome: str, seconds: float) -> None:
        """``outcome`` is ``ok`` or the code of the error."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole HTTP answer of any status; header names match in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class PoliteConnector(aiohttp.TCPConnector):
    """Opens a bounded number of connections at once; requests don't pay for the queue.

    Requests in flight are bounded elsewhere, so the pool itself is unbounded.
    """

    def __init__(self, opening: asyncio.Semaphore, *, force_close: bool) -> None:
        super().__init__(
            limit=0,
            force_close=force_close,
            keepalive_timeout=None if force_close else _IDLE_S,
        )
        self._opening = opening

    async def _create_connection(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's signature
    ) -> ResponseHandler:
        deadline = _deadline.get()
        if deadline is None or not self._opening.locked():
            async with self._opening:
                return await super()._create_connection(req, traces, timeout)
        # The deadline stands still in the queue, which the connect timeout of those ahead bounds.
        now = asyncio.get_running_loop().time
        left = (deadline.when() or now()) - now()
        deadline.reschedule(None)
        async with self._opening:
            deadline.reschedule(now() + left)
            return await super()._create_connection(req, traces, timeout)


class Transport:
    """The sockets of the whole fleet, and their limits."""

    def __init__(self, section: RedfishSection) -> None:
        self.section = section
        self.in_flight = asyncio.Semaphore(section.requests_total)
        self.trust = TrustStore()
        self._opening = asyncio.Semaphore(section.connections_opening)
        self._kept: aiohttp.ClientSession | None = None
        self._fresh: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._kept = self._session(force_close=False)
        self._fresh = self._session(force_close=True)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for session in (self._kept, self._fresh):
            if session is not None:
                await session.close()

    def session(self, *, fresh: bool) -> aiohttp.ClientSession:
        """The pool to use; a ``fresh`` connection serves one request.

        What must not be sent twice goes over a fresh one: on a kept connection that the BMC has
        closed meanwhile nobody can tell whether the request arrived.
        """
        session = self._fresh if fresh else self._kept
        if session is None:
            raise RuntimeError("the Redfish client is used outside its context")
        return session

    def _session(self, *, force_close: bool) -> aiohttp.ClientSession:
        session = aiohttp.ClientSession(
            connector=PoliteConnector(self._opening, force_close=force_close),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=USUAL_HEADERS,
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=self.section.connect_timeout.total_seconds()
            ),
            trust_env=False,
        )
        if force_close:
            # Else aiohttp itself sends PUT and DELETE again when a connection drops.
            session._retry_connection = False  # noqa: SLF001 - there is no public way
        return session


class Line:
    """The way to one address: the transport, and whom to trust there."""

    __slots__ = ("_fingerprint", "_max_bytes", "_section", "_tls", "_transport", "address")

    def __init__(
        self, transport: Transport, address: str, *, tls: TlsSection, fingerprint: str | None
    ) -> None:
        self.address = address
        self._transport = transport
        self._section = tls
        self._fingerprint = fingerprint
        self._tls: Tls | None = None
        self._max_bytes = transport.section.response_max_bytes

    @property
    def fingerprint(self) -> str | None:
        """The pinned or learned fingerprint, where the address is trusted by one."""
        return self._tls.hex if isinstance(self._tls, PinnedCertificate) else None

    async def exchange(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        timeout_s: float,
        body: bytes | None = None,
        fresh: bool = False,
    ) -> Answer:
        """Send one request once and read its answer whole; redirects are not followed.

        Args:
            method: In upper case.
            path: Normalised by ``local_path``.
            headers: Beside, or in place of, the usual ones.
            timeout_s: For the whole exchange, but for the queue of connections being opened.
            body: As it goes over the wire.
            fresh: Over a connection of its own.

        Raises:
            Unreachable, CertificateRejected, Malformed, NotRedfish: There is no whole answer.
        """
        tls = self._tls
        if tls is None:
            tls = await self._transport.trust.tls(self._section, self._fingerprint)
            tls = self._tls = tls if self._tls is None else self._tls
        session = self._transport.session(fresh=fresh)
        url = URL(self.address + path, encoded=True)
        try:
            async with asyncio.timeout(timeout_s) as deadline:
                _deadline.set(deadline)
                response = await session.request(
                    method, url, headers=headers, data=body, ssl=tls, allow_redirects=False
                )
                try:
                    content = await self._read(response, path)
                except BaseException:
                    response.close()
                    raise
        except aiohttp.ClientResponseError as error:
            raise transport_error(error, endpoint=self.address, uri=path) from None
        except (aiohttp.ClientError, OSError) as error:
            raise transport_error(error, endpoint=self.address, uri=path) from error
        return Answer(status=response.status, headers=response.headers, body=content)

    def document(self, answer: Answer, path: str) -> Document:
        """The JSON object in an answer, whatever its content type says.

        Raises:
            Malformed: There is none.
        """
        depth = self._transport.section.response_max_depth
        return parse(answer.body, max_depth=depth, endpoint=self.address, uri=path)

    async def _read(self, response: aiohttp.ClientResponse, path: str) -> bytes:
        declared = response.content_length
        limit = self._max_bytes
        if declared is not None and declared > limit:
            raise self._too_large(path)
        if declared is not None and "Content-Encoding" not in response.headers:
            return await response.read()
        content = bytearray()
        async for chunk in response.content.iter_any():
            content += chunk
            if len(content) > limit:
                raise self._too_large(path)
        return bytes(content)

    def _too_large(self, path: str) -> Malformed:
        return Malformed(
            f"the answer is larger than {self._max_bytes} bytes", endpoint=self.address, uri=path
        )
