"""Fetching many resources: bounded in number, and never past a dead BMC."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from fleetd.domain.device import Json
from fleetd.domain.errors import (
    CertificateRejected,
    CircuitOpen,
    CredentialHeld,
    DeviceError,
    Unreachable,
)

_WIDTH: Final = 4  # the connection bounds requests in flight; more waiting here gains nothing
_LOST_AFTER: Final = 3


class Reader(Protocol):
    """What reads resources: a connection to one BMC."""

    async def get(self, path: str, *, expand: bool = False) -> dict[str, Any]:
        """One resource; with ``expand`` what it refers to comes along, where the BMC can.

        Raises:
            DeviceError: It can't be read.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A path to fetch, and whether its members are wanted along with it."""

    path: str
    expand: bool = False


class Fetcher:
    """Fetches from one BMC for one sweep, and knows when to stop asking."""

    def __init__(self, reader: Reader) -> None:
        self.requests = 0
        self._reader = reader
        self._failures_in_a_row = 0
        self._lost: DeviceError | None = None

    async def get(self, path: str, *, expand: bool = False) -> Json:
        """One resource.

        Raises:
            DeviceError: It can't be read.
        """
        self.requests += 1
        return await self._reader.get(path, expand=expand)

    async def get_all(self, wanted: Sequence[Wanted]) -> list[Json | DeviceError]:
        """The answer, or the error in its place, for each, in their order.

        Raises:
            FleetError: What isn't the BMC's fault (the client stops, say) ends the whole.
        """
        answers: list[Json | DeviceError] = [None] * len(wanted)
        pending: Iterator[tuple[int, Wanted]] = iter(enumerate(wanted))

        async def work() -> None:
            for index, item in pending:
                answers[index] = await self._answer(item)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(_WIDTH, len(wanted))):
                    group.create_task(work(), name="read-resources")
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None  # one worker's end is the end of all
        return answers

    async def _answer(self, wanted: Wanted) -> Json | DeviceError:
        if self._lost is not None:
            return self._lost
        try:
            answer = await self.get(wanted.path, expand=wanted.expand)
        except DeviceError as error:
            self._note(error)
            return error
        self._failures_in_a_row = 0
        return answer

    def _note(self, error: DeviceError) -> None:
        """A BMC that is gone or no longer lets us in isn't asked for the rest, one by one.

        A right that is missing for some resources (a licence, say) is no reason to stop: where the
        login itself is refused, CredentialHeld follows.
        """
        unreachable = isinstance(error, Unreachable)
        self._failures_in_a_row = self._failures_in_a_row + 1 if unreachable else 0
        settled = isinstance(error, (CircuitOpen, CredentialHeld, CertificateRejected))
        if settled or self._failures_in_a_row >= _LOST_AFTER:
            self._lost = error
