"""Captured trees on the network: one listener a tree."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from fleetd_emulators.mockups.desk import MockupDesk
from fleetd_emulators.mockups.tree import Tree
from fleetd_emulators.protocol.exchange import Request
from fleetd_emulators.protocol.features import Features
from fleetd_emulators.protocol.front import GRACE_S, listening_socket
from fleetd_emulators.protocol.gate import Gate
from fleetd_emulators.protocol.problems import Json
from fleetd_emulators.protocol.tls import Certificate, self_signed
from fleetd_emulators.protocol.wire import deliver
from fleetd_emulators.rack import raise_file_limit

_BODY_LIMIT: Final = 65_536
_SEED: Final = "mockups"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may read; ``basic`` and ``sessions`` say in which ways the account may be shown."""

    username: str
    password: str = field(repr=False)
    basic: bool = True
    sessions: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How trees are to be served; port 0 takes a free one a tree, another the following ones."""

    address: str = "127.0.0.1"
    port: int = 0
    tls: bool = False
    access: Access | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mockup:
    """A tree that is being served."""

    name: str
    directory: str
    url: str
    resources: int
    fingerprint_sha256: str | None

    def as_json(self) -> Json:
        """For the ready file."""
        return {
            "name": self.name,
            "directory": self.directory,
            "url": self.url,
            "resources": self.resources,
            "fingerprint_sha256": self.fingerprint_sha256,
        }


@asynccontextmanager
async def running_mockups(trees: Sequence[Tree], wish: Wish) -> AsyncIterator[tuple[Mockup, ...]]:
    """Serve the trees, in their order, until the context ends.

    Raises:
        OSError: The address isn't ours or a port is taken.
    """
    raise_file_limit()
    certificate = self_signed(_SEED, _SEED, (wish.address,)) if wish.tls else None
    async with AsyncExitStack() as stack:
        served = []
        for nth, tree in enumerate(trees):
            port = wish.port + nth if wish.port else 0
            listener = _listener(wish.address, port)
            stack.callback(listener.close)
            await stack.enter_async_context(_listening(tree, wish.access, listener, certificate))
            scheme = "https" if certificate else "http"
            served.append(
                Mockup(
                    name=tree.name,
                    directory=str(tree.directory),
                    url=f"{scheme}://{wish.address}:{listener.getsockname()[1]}",
                    resources=len(tree.files),
                    fingerprint_sha256=certificate.fingerprint_sha256 if certificate else None,
                )
            )
        yield tuple(served)


def _listener(address: str, port: int) -> socket.socket:
    try:
        return listening_socket(address, port)
    except OSError as error:
        raise OSError(f"can't listen on {address}:{port}: {error.strerror}") from error


@asynccontextmanager
async def _listening(
    tree: Tree, access: Access | None, listener: socket.socket, certificate: Certificate | None
) -> AsyncIterator[None]:
    desk = _desk(tree, access)

    async def visit(raw: web.BaseRequest) -> web.StreamResponse:
        path, _, query = raw.raw_path.partition("?")
        request = Request(
            method=raw.method,
            path=path,
            query=query,
            headers={name.lower(): value for name, value in raw.headers.items()},
            body=await raw.read() if raw.can_read_body else b"",
        )
        return await deliver(raw, await desk.answer(request))

    http = web.Server(visit, request_factory=_request, access_log=None)
    server = await asyncio.get_running_loop().create_server(
        http, sock=listener, ssl=certificate.context if certificate else None
    )
    try:
        yield
    finally:
        server.close()
        await http.shutdown(GRACE_S)


def _desk(tree: Tree, access: Access | None) -> MockupDesk:
    if access is None:
        return MockupDesk(tree, None, Features())
    features = Features(basic=access.basic)
    gate = Gate({access.username: access.password}, features)
    return MockupDesk(tree, gate, features, sessions=access.sessions)


def _request(*args: Any) -> web.BaseRequest:
    message, payload, protocol, writer, task = args
    loop = asyncio.get_running_loop()
    return web.BaseRequest(
        message, payload, protocol, writer, task, loop, client_max_size=_BODY_LIMIT
    )
