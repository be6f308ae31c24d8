"""One BMC on the network: it listens, speaks HTTP, suffers the weather, reboots and loses power."""

from __future__ import annotations

import asyncio
import random
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import BadHttpMethod

from fleetd_emulators.protocol.desk import Desk
from fleetd_emulators.protocol.exchange import (
    Backend,
    MayBeAway,
    MayChangeCertificate,
    Request,
    Response,
)
from fleetd_emulators.protocol.features import Features
from fleetd_emulators.protocol.gate import Gate
from fleetd_emulators.protocol.journal import Entry, Journal
from fleetd_emulators.protocol.problems import problem
from fleetd_emulators.protocol.tls import load_chain
from fleetd_emulators.protocol.wire import deliver, with_protocol
from fleetd_emulators.weather import AnyFault, Drop, Weather

BODY_LIMIT = 64 * 2**20
BACKLOG = 64
# How often a front looks whether its backend's BMC is back.
AWAY_LOOK_S = 0.02
# How long a request under way may go on at the end; aiohttp takes 0 as no limit at all.
GRACE_S = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a BMC listens; without a context it speaks plain HTTP."""

    name: str
    address: str
    port: int
    context: ssl.SSLContext | None = None


def listening_socket(address: str, port: int) -> socket.socket:
    """A bound, listening socket, usable again at once after it is closed."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    listener.settimeout(0)
    return listener


class Front:
    """Serves one backend at one place.

    ``listener`` is the socket to begin with; after a reboot the front binds the same place anew.
    """

    def __init__(
        self,
        place: Place,
        backend: Backend,
        gate: Gate,
        *,
        features: Features,
        weather: Weather,
        journal: Journal,
    ) -> None:
        self.name = place.name
        self.gate = gate
        self._place = place
        self._backend = backend
        self._weather = weather
        self._journal = journal
        self._desk = Desk(backend, gate, features)
        self._http: web.Server | None = None
        self._server: asyncio.Server | None = None
        self._reboot: asyncio.Task[None] | None = None
        self._powered = True
        self._certificate: bytes | None = None

    @property
    def dice(self) -> random.Random:
        """The weather's source of chance."""
        return self._weather.dice

    @property
    def is_up(self) -> bool:
        """Whether it takes connections now."""
        return self._server is not None

    async def start(self, listener: socket.socket | None = None) -> None:
        """Begin to listen; on ``listener`` where it is given already bound."""
        loop = asyncio.get_running_loop()
        self._http = _Http(self._visit, self._journal, self.name)
        self._server = await loop.create_server(
            self._http,
            sock=listener or listening_socket(self._place.address, self._place.port),
            ssl=self._place.context,
        )

    async def stop(self) -> None:
        """Stop listening, cut what is open, and close the backend."""
        if self._reboot is not None:
            self._reboot.cancel()
            with suppress(asyncio.CancelledError):
                await self._reboot
        await _wind_up(self._cut_off())
        await self._desk.close()
        await self._backend.close()

    def forget_sessions(self) -> None:
        """Lose the session table; tokens in use get 401 from now on."""
        self.gate.forget_sessions()

    def start_reboot(self, down_s: float) -> None:
        """Go away at once and come back after ``down_s``; a reboot under way goes on."""
        self._go_away(asyncio.sleep(down_s))

    async def lose_power(self) -> None:
        """Go dark until ``regain_power``."""
        self._powered = False
        await _wind_up(self._cut_off())

    async def regain_power(self) -> None:
        """Come back after ``lose_power``; the BMC starts without sessions."""
        self._powered = True
        if self._server is None and (self._reboot is None or self._reboot.done()):
            await self.start()

    def _go_away(self, back: Coroutine[None, None, None]) -> None:
        """Go off the network until ``back`` returns, unless a reboot is under way."""
        if self._reboot is not None and not self._reboot.done():
            back.close()
            return
        http = self._cut_off()
        self._reboot = asyncio.create_task(
            self._rebooting(http, back), name=f"reboot of {self.name}"
        )

    async def _rebooting(self, http: web.Server | None, back: Coroutine[None, None, None]) -> None:
        await _wind_up(http)
        await back
        self._take_certificate()
        if self._powered:
            await self.start()

    def _cut_off(self) -> web.Server | None:
        """Refuse and cut connections and forget sessions, all at once; gives what to wind up."""
        self.gate.forget_sessions()
        server, http = self._server, self._http
        self._server = self._http = None
        if server is not None:
            server.close()
        for connection in http.connections if http is not None else ():
            if connection.transport is not None:
                connection.transport.abort()
        return http

    async def _visit(self, raw: web.BaseRequest) -> web.StreamResponse:
        started = time.perf_counter()
        request = Request(
            method=raw.method,
            path=raw.rel_url.path.rstrip("/") or "/",
            query=raw.rel_url.raw_query_string,
            headers={name.lower(): value for name, value in raw.headers.items()},
            body=await raw.read() if raw.can_read_body else b"",
        )
        faults = self._weather.over(self.name, request)
        with self._journal.in_flight[self.name].held():
            response = await self._answer(request, faults)
        self._journal.record(
            Entry(
                bmc=self.name,
                method=request.method,
                path=request.path,
                query=request.query,
                status=0 if any(isinstance(fault, Drop) for fault in faults) else response.status,
                duration_ms=(time.perf_counter() - started) * 1000,
            )
        )
        self._take_certificate()
        reply = await deliver(raw, response, faults)
        if self._is_away():
            # What ordered the restart gets its answer first; aiohttp would send it too late.
            if response.status != HTTPStatus.SERVICE_UNAVAILABLE and not reply.prepared:
                await reply.prepare(raw)
                await reply.write_eof()
            self._go_away(self._backend_is_back())
        return reply

    def _take_certificate(self) -> None:
        """Serve another certificate from the next connection on, where the backend has one."""
        if not isinstance(self._backend, MayChangeCertificate):
            return
        chain = self._backend.certificate
        if chain is None or chain is self._certificate or self._place.context is None:
            return
        load_chain(self._place.context, chain)
        self._certificate = chain

    def _is_away(self) -> bool:
        return isinstance(self._backend, MayBeAway) and not self._backend.available

    async def _backend_is_back(self) -> None:
        while self._is_away():  # noqa: ASYNC110 (emulated time passes only when somebody looks)
            await asyncio.sleep(AWAY_LOOK_S)

    async def _answer(self, request: Request, faults: tuple[AnyFault, ...]) -> Response:
        for fault in faults:
            early = await fault.before(self, request)
            if early is not None:
                return early
        response = await self._desk.answer(request)
        for fault in faults:
            response = fault.distort(response)
        return response


class _Connection(web.RequestHandler):
    """aiohttp's connection, which answers methods that nobody knows as DSP0266 wants it."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if not isinstance(exc, BadHttpMethod):
            return super().handle_error(request, status, exc, message)
        refusal = problem(501, "OperationNotAllowed", "The HTTP method is not supported.")
        reply = web.Response(
            status=refusal.status, headers=with_protocol(refusal.headers), body=refusal.body
        )
        reply.force_close()
        return reply


class _Http(web.Server):
    """aiohttp's server, with its connections counted."""

    def __init__(
        self,
        visit: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        journal: Journal,
        name: str,
    ) -> None:
        super().__init__(visit, request_factory=_request, access_log=None)
        self._journal = journal
        self._name = name

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=asyncio.get_running_loop(), **self._kwargs)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._journal.connected(self._name)

    def connection_lost(
        self, handler: web.RequestHandler, exc: BaseException | None = None
    ) -> None:
        super().connection_lost(handler, exc)
        self._journal.disconnected(self._name)


async def _wind_up(http: web.Server | None) -> None:
    if http is not None:
        await http.shutdown(GRACE_S)


def _request(*args: Any) -> web.BaseRequest:
    message, payload, protocol, writer, task = args
    loop = asyncio.get_running_loop()
    return web.BaseRequest(
        message, payload, protocol, writer, task, loop, client_max_size=BODY_LIMIT
    )
