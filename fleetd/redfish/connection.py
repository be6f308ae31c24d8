"""One BMC as the rest of fleetd sees it: resources, changes, and sushy on top."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

import orjson
import sushy

from fleetd.domain.device import Json
from fleetd.domain.errors import Faulted, Malformed, Refused
from fleetd.redfish import sushy_side
from fleetd.redfish.channel import SAFE, Channel
from fleetd.redfish.login import Spawn
from fleetd.redfish.paths import local_path, with_query
from fleetd.redfish.payload import Document
from fleetd.redfish.preconditions import GUARDED, change
from fleetd.redfish.probe import expand_query
from fleetd.redfish.traits import ConnectionTraits
from fleetd.redfish.transport import Answer

T = TypeVar("T")
_EXPAND_FAILURES: Final = (Refused, Faulted, Malformed)


class Connection:
    """A BMC, logged in to on first use; safe to share between tasks.

    Its errors are ``DeviceError``s, and ``ShuttingDown`` once the client stops.
    """

    def __init__(self, channel: Channel, spawn: Spawn) -> None:
        self._channel = channel
        self._spawn = spawn
        self._expands = channel.traits.expand and channel.section.expand

    def __repr__(self) -> str:
        return f"<Connection to {self.address}>"

    @property
    def address(self) -> str:
        """The BMC's base address."""
        return self._channel.address

    @property
    def traits(self) -> ConnectionTraits:
        """How its driver wants it to be talked to."""
        return self._channel.traits

    @property
    def fingerprint(self) -> str | None:
        """The certificate's pinned or learned SHA-256 fingerprint."""
        return self._channel.line.fingerprint

    @property
    def root(self) -> Document:
        """The service root as it was read for the login; empty before."""
        return self._channel.login.root or {}

    @property
    def logged_in(self) -> bool:
        """A session stands, as far as is known."""
        return self._channel.login.headers is not None

    @property
    def left_alone(self) -> bool:
        """The circuit breaker is open."""
        return self._channel.breaker.is_open

    async def login(self) -> None:
        """Log in now, if no session stands, instead of at the first request.

        Raises:
            Unauthorised: The BMC refused the credential, now or before (CredentialHeld).
        """
        await self._channel.login.authenticate()

    async def get(self, path: str, *, expand: bool = False) -> Document:
        """Read one resource; a read is repeated where that may help.

        Args:
            path: A link as the BMC gives it; fragments and small sins are taken off.
            expand: Ask for what it refers to in the same answer, where the BMC can.

        Raises:
            Missing: The BMC has no such resource (a dangling link).
        """
        channel = self._channel
        path = local_path(path, channel.address)
        query = await self._expand_query() if expand else None
        if query is None:
            return channel.document(await channel.read(path), path)
        try:
            return await self._read(with_query(path, query))
        except _EXPAND_FAILURES:
            document = await self._read(path)
            self._give_expand_up()
            return document

    async def request(self, method: str, path: str, json: Json = None) -> Answer:
        """Send one request; what changes something is sent once, over a connection of its own.

        Only an expired session (401) or an unmet precondition (412, 428), which both say that
        nothing was done, are answered with the same request again.

        Raises:
            Unreachable: For a change: nobody knows whether it took effect.
        """
        path = local_path(path, self.address)
        body = None if json is None else orjson.dumps(json)
        headers = None if body is None else {"Content-Type": "application/json"}
        if method in SAFE:
            return await self._channel.read(path)
        if method in GUARDED:
            return await change(self._channel, method, path, body)
        return await self._channel.ask(method, path, body=body, headers=headers)

    async def sushy_call(self, work: Callable[[sushy.Sushy], T]) -> T:
        """Run sushy code against this BMC without blocking the event loop.

        Args:
            work: Gets a service root of its own; must return plain data, no sushy resources.
        """
        return await sushy_side.call(self._channel, work)

    def answered(self) -> None:
        """Note that the BMC answered somebody else, so that it's left alone no longer."""
        self._channel.breaker.succeeded()

    async def close(self) -> None:
        """Log out; the next request logs in again. Goes on when the caller is cancelled."""
        await asyncio.shield(self._spawn(self._channel.login.close(final=False)))

    async def end(self) -> None:
        """Log out for good."""
        await self._channel.login.close(final=True)

    async def _read(self, path: str) -> Document:
        return self._channel.document(await self._channel.read(path), path)

    async def _expand_query(self) -> str | None:
        if not self._expands:
            return None
        login = self._channel.login
        if login.root is None:
            await login.authenticate()
        return expand_query(self.root)

    def _give_expand_up(self) -> None:
        """Ask plainly from now on: what failed with $expand has succeeded without."""
        self._expands = False
