"""The door to all BMCs: probes addresses, and keeps one connection to each endpoint."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from fleetd.config.redfish import RedfishSection, TlsSection
from fleetd.domain.ports import Credential
from fleetd.redfish import sushy_side
from fleetd.redfish.channel import Channel, Shared
from fleetd.redfish.connection import Connection
from fleetd.redfish.probe import Probed, probe
from fleetd.redfish.traits import ConnectionTraits
from fleetd.redfish.transport import Line, RequestObserver, Transport

_LOGOUT_S: Final = 10.0  # half of what the daemon has for its whole stop


@dataclass(frozen=True, slots=True)
class _Terms:
    """On what terms a connection was made; on others a new one is needed."""

    credential: Credential
    tls: TlsSection
    fingerprint: str | None
    traits: ConnectionTraits
    driver: str


class RedfishClient:
    """The Redfish side of fleetd: ``async with`` it, and every session is closed at its end."""

    def __init__(
        self,
        section: RedfishSection,
        *,
        observer: RequestObserver,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = Transport(section)
        self._shared = Shared(
            section=section,
            in_flight=self._transport.in_flight,
            observer=observer,
            clock=clock,
            spawn=self._spawn,
        )
        self._connections: dict[str, tuple[_Terms, Connection]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(sushy_side.prepare)  # later it would hold up a loop full of work
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        stopping = asyncio.create_task(self._stop(), name="redfish-logout")
        try:
            await asyncio.shield(stopping)
        except asyncio.CancelledError:
            await stopping
            raise

    async def probe(
        self,
        address: str,
        *,
        tls: TlsSection,
        fingerprint: str | None,
        timeout: float,  # noqa: ASYNC109 - it bounds one exchange, queueing aside
    ) -> Probed:
        """Look at an address without a login; see ``fleetd.redfish.probe``.

        Args:
            address: As ``normal_address`` makes it.
            tls: Whom to trust there.
            fingerprint: The pinned SHA-256, if one is known.
            timeout: In seconds; waiting for a place among the connections being opened is free.
        """
        line = Line(self._transport, address, tls=tls, fingerprint=fingerprint)
        async with self._transport.in_flight:
            found = await probe(line, timeout)
        known = self._connections.get(address)
        if known is not None:
            known[1].answered()
        return found

    def connect(
        self,
        address: str,
        *,
        credential: Credential,
        tls: TlsSection,
        fingerprint: str | None,
        traits: ConnectionTraits,
        driver: str,
    ) -> Connection:
        """The connection to an endpoint, kept from call to call; no I/O happens here.

        On other terms than before (a new password, say) the old one is closed.
        """
        terms = _Terms(credential, tls, fingerprint, traits, driver)
        known = self._connections.get(address)
        if known is not None and known[0] == terms:
            return known[1]
        if known is not None:
            self._spawn(known[1].end())
        line = Line(self._transport, address, tls=tls, fingerprint=fingerprint)
        channel = Channel(line, self._shared, credential=credential, traits=traits, driver=driver)
        connection = Connection(channel, self._spawn)
        self._connections[address] = (terms, connection)
        return connection

    @property
    def sessions_open(self) -> int:
        """How many BMCs it is logged in to now."""
        return sum(connection.logged_in for _, connection in self._connections.values())

    @property
    def breakers_open(self) -> int:
        """How many endpoints are being left alone."""
        return sum(connection.left_alone for _, connection in self._connections.values())

    async def forget(self, address: str) -> None:
        """Log out of an endpoint that is gone from the configuration."""
        known = self._connections.pop(address, None)
        if known is not None:
            await asyncio.shield(self._spawn(known[1].end()))

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run work that outlives a cancelled caller; the client waits for it when it stops."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _stop(self) -> None:
        for _, connection in self._connections.values():
            self._spawn(connection.end())
        self._connections.clear()
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=_LOGOUT_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._transport.__aexit__(None, None, None)
