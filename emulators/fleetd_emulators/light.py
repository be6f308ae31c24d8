"""Light-weight BMCs for load: a thousand in one process, each 30 resources at its own address.

They speak just enough HTTP/1.1 for a Redfish client that reads: GET with Basic or session
authentication, login and logout. No faults, queries, changes or behaviour; ``Front`` has those.
The server is an asyncio protocol of its own: 28 µs of CPU a GET where aiohttp's server takes 73,
and benchmarks put client and server on the same two cores.
"""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import orjson

from fleetd_emulators.hardware import Personality, Server
from fleetd_emulators.light_tree import FEATURES, light_server, light_tree
from fleetd_emulators.protocol.exchange import Request, Response
from fleetd_emulators.protocol.features import Features
from fleetd_emulators.protocol.gate import Gate, wrong_credentials
from fleetd_emulators.protocol.journal import Journal
from fleetd_emulators.protocol.problems import Json, not_allowed, not_found
from fleetd_emulators.protocol.services import (
    ROOT,
    SESSIONS,
    FrontServices,
)

# The name under which the journal counts all of them.
LIGHT: Final = "light"
HEAD_LIMIT: Final = 16_384
BODY_LIMIT: Final = 65_536
OPEN_PATHS: Final = frozenset({b"/redfish/v1", b"/redfish"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LightBmc:
    """One light-weight BMC: what it is, where it listens, and its encoded answers by path."""

    name: str
    address: str
    server: Server
    username: str
    password: str
    answers: dict[bytes, bytes]


def light_bmcs(
    personality: Personality, places: Sequence[tuple[str, str]], credentials: tuple[str, str]
) -> tuple[LightBmc, ...]:
    """Build the BMCs at these (name, address) places; equal answers are kept once for all."""
    shared: dict[bytes, bytes] = {}
    username, password = credentials
    bmcs = []
    for nth, (name, address) in enumerate(places):
        server = light_server(personality, nth, name)
        answers = {}
        for path, document in light_tree(server).items():
            encoded = _encode(200, orjson.dumps(document))
            answers[path.encode()] = shared.setdefault(encoded, encoded)
        bmcs.append(
            LightBmc(
                name=name,
                address=address,
                server=server,
                username=username,
                password=password,
                answers=answers,
            )
        )
    return tuple(bmcs)


def _encode(status: int, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", "OData-Version: 4.0"]
    if body:
        lines.append("Content-Type: application/json; charset=utf-8")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if status != HTTPStatus.NO_CONTENT:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def _encoded(response: Response) -> bytes:
    headers = {name: value for name, value in response.headers.items() if name != "content-type"}
    return _encode(response.status, response.body, headers)


class LightFleet:
    """Serves light-weight BMCs on one port of their addresses."""

    def __init__(
        self,
        bmcs: Sequence[LightBmc],
        *,
        journal: Journal,
        latency_s: float = 0.0,
    ) -> None:
        self.bmcs = tuple(bmcs)
        self.requests = 0
        self.latency_s = latency_s
        self._journal = journal
        self._desks = [_LightDesk(bmc, FEATURES) for bmc in self.bmcs]
        self._servers: list[asyncio.Server] = []
        self._connections: set[_Connection] = set()

    async def start(
        self, listeners: Sequence[socket.socket], context: ssl.SSLContext | None = None
    ) -> None:
        """Serve the BMCs on these sockets, one each in their order."""
        loop = asyncio.get_running_loop()
        for listener, desk in zip(listeners, self._desks, strict=True):
            server = await loop.create_server(
                lambda desk=desk: _Connection(self, desk),
                sock=listener,
                ssl=context,
            )
            self._servers.append(server)

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        for server in self._servers:
            server.close()
        self._servers.clear()
        for connection in tuple(self._connections):
            connection.abort()

    def open_sessions(self) -> int:
        """How many sessions clients have left open, over all BMCs."""
        return sum(len(desk.gate.sessions) for desk in self._desks)

    def counters(self) -> Json:
        """What tests ask about, over all BMCs."""
        return {
            **self._journal.counters(LIGHT),
            "requests": self.requests,
            "logins": sum(desk.gate.logins for desk in self._desks),
            "logouts": sum(desk.gate.logouts for desk in self._desks),
            "wrong_logins": sum(desk.gate.wrong_logins for desk in self._desks),
            "open_sessions": self.open_sessions(),
        }

    def reset_counters(self) -> None:
        """Start counting from zero."""
        self.requests = 0
        for desk in self._desks:
            desk.gate.reset_counters()

    def opened(self, connection: _Connection) -> None:
        """A client has connected."""
        self._connections.add(connection)
        self._journal.connected(LIGHT)

    def closed(self, connection: _Connection) -> None:
        """A client has gone."""
        self._connections.discard(connection)
        self._journal.disconnected(LIGHT)


class _LightDesk:
    """Answers for one light-weight BMC."""

    def __init__(self, bmc: LightBmc, features: Features) -> None:
        self.gate = Gate({bmc.username: bmc.password}, features)
        self._answers = bmc.answers
        self._services = FrontServices(self.gate, features)
        basic = base64.b64encode(f"{bmc.username}:{bmc.password}".encode())
        self._basic = b"Basic " + basic

    def answer(self, method: bytes, path: bytes, head: bytes, body: bytes) -> bytes:
        if method == b"GET":
            return self._get(path, head)
        request = Request(method=method.decode("latin-1"), path=path.decode("latin-1"), body=body)
        if method == b"POST" and request.path == SESSIONS:
            return _encoded(self._services.login(request))
        refusal = self._refusal(head)
        if refusal is not None:
            return _encoded(refusal)
        own = self._services.handle(request)
        if own is None:
            known = path in self._answers
            own = (
                not_allowed(request.method, request.path, "GET")
                if known
                else not_found(request.path)
            )
        return _encoded(own)

    def _get(self, path: bytes, head: bytes) -> bytes:
        if path not in OPEN_PATHS:
            refusal = self._refusal(head)
            if refusal is not None:
                return _encoded(refusal)
        answer = self._answers.get(path)
        if answer is not None:
            return answer
        text = path.decode("latin-1")
        if text == "/redfish":
            return _encode(200, orjson.dumps({"v1": f"{ROOT}/"}))
        own = self._services.handle(Request(method="GET", path=text))
        return _encoded(own or not_found(text))

    def _refusal(self, head: bytes) -> Response | None:
        authorization = _header(head, b"\r\nauthorization:")
        # The only credentials that can be right are known as bytes; all else goes the long way.
        if authorization == self._basic and not self.gate.locked:
            return None
        token = _header(head, b"\r\nx-auth-token:")
        headers = {}
        if token is not None:
            headers["x-auth-token"] = token.decode("latin-1")
        elif authorization is not None:
            headers["authorization"] = authorization.decode("latin-1")
        else:
            return wrong_credentials()
        return self.gate.check(headers)


def _header(head: bytes, name: bytes) -> bytes | None:
    """A header's value; ``name`` is lower case between a line break and a colon."""
    start = head.lower().find(name)
    if start < 0:
        return None
    start += len(name)
    end = head.find(b"\r\n", start)
    return head[start : end if end >= 0 else None].strip()


class _Connection(asyncio.Protocol):
    """One client's connection: requests one after another, kept alive."""

    def __init__(self, fleet: LightFleet, desk: _LightDesk) -> None:
        self._fleet = fleet
        self._desk = desk
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 (a server's always is)
        self._transport = transport
        self._fleet.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._fleet.closed(self)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._transport is not None:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > HEAD_LIMIT:
                    self.abort()
                return
            head = self._buffer[:end]
            length = _header(head, b"\r\ncontent-length:") if head[:3] != b"GET" else None
            size = int(length) if length is not None and length.isdigit() else 0
            if size > BODY_LIMIT:
                self.abort()
                return
            whole = end + 4 + size
            if len(self._buffer) < whole:
                return
            body = self._buffer[end + 4 : whole]
            self._buffer = self._buffer[whole:]
            self._serve(head, body)

    def _serve(self, head: bytes, body: bytes) -> None:
        line = head[: head.find(b"\r\n")] if b"\r\n" in head else head
        self._fleet.requests += 1
        method, _, rest = line.partition(b" ")
        path = rest.partition(b" ")[0].partition(b"?")[0].rstrip(b"/")
        self._send(self._desk.answer(method, path, head, body))
        if b"\r\nconnection: close" in head.lower() and self._transport is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(self._fleet.latency_s, self._transport.close)

    def _send(self, answer: bytes) -> None:
        if self._fleet.latency_s > 0:
            # The same delay for all keeps the answers of one connection in order.
            loop = asyncio.get_running_loop()
            loop.call_later(self._fleet.latency_s, self._write, answer)
        else:
            self._write(answer)

    def _write(self, answer: bytes) -> None:
        if self._transport is not None:
            self._transport.write(answer)
