"""Watches the daemon do its main job, over REST as any client would."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from fleetd.domain.errors import FleetError

_POLL_S: Final = 0.5
_INVENTORY_S: Final = 60.0
_INVENTORY_PER_BMC_S: Final = 3.0
_ENROLLMENT_S: Final = 240.0
_ENROLLMENT_PER_SERVER_S: Final = 20.0
_PAGE: Final = 500
_SETTLED: Final = frozenset({"available", "in-use"})


class DemoFailed(FleetError):
    """The demo did not reach its end."""

    code = "demo-failed"


@dataclass(slots=True, kw_only=True)
class Progress:
    """How far the main job has come."""

    expected: Counter[str]
    devices: Counter[str] = field(default_factory=Counter)
    down: dict[str, str] = field(default_factory=dict)
    standings: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    sweep_seconds: float = 0.0

    @property
    def inventoried(self) -> bool:
        """Every BMC of the fleet has shown its device, or was found to be down."""
        return self.devices.total() + len(self.down) >= self.expected.total()


class Rest:
    """The few requests that the demo makes."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session

    async def get(self, path: str, **query: str) -> Any:
        """One answer's JSON."""
        async with self._session.get(f"{self._url}{path}", params=query) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def post(self, path: str) -> Any:
        """Start something."""
        async with self._session.post(f"{self._url}{path}", json={}) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def everything(self, path: str, **query: str) -> AsyncIterator[dict[str, Any]]:
        """The members of a collection, page by page."""
        marker: dict[str, str] = {}
        while True:
            page = await self.get(path, limit=str(_PAGE), **query, **marker)
            for member in page["items"]:
                yield member
            if not page["marker"]:
                return
            marker = {"marker": page["marker"]}


async def reread(rest: Rest) -> None:
    """On kept state: have every endpoint read again, so that the run shows what is there now."""
    known = [one["id"] async for one in rest.everything("/v1/endpoints") if one["reach"] == "up"]
    running = [(await rest.post(f"/v1/endpoints/{one}/refresh"))["id"] for one in known]
    while running:
        operation = await rest.get(f"/v1/operations/{running[-1]}")
        if operation["finished_at"]:
            running.pop()
        else:
            await asyncio.sleep(_POLL_S)


async def watch_inventory(rest: Rest, progress: Progress) -> AsyncIterator[Progress]:
    """The state of the inventory, until every BMC was read or is down.

    Raises:
        DemoFailed: It takes far longer than it should.
    """
    started = time.monotonic()
    await reread(rest)
    patience = _INVENTORY_S + _INVENTORY_PER_BMC_S * progress.expected.total()
    while True:
        progress.devices = Counter([one["kind"] async for one in rest.everything("/v1/devices")])
        progress.down = {
            one["address"]: one["error"] or one["reach"]
            async for one in rest.everything("/v1/endpoints")
            if one["reach"] not in {"up", "never-tried"}
        }
        progress.sweep_seconds = time.monotonic() - started
        yield progress
        if progress.inventoried:
            return
        if progress.sweep_seconds > patience:
            raise DemoFailed(f"the fleet isn't inventoried after {patience:g} s")
        await asyncio.sleep(_POLL_S)


async def watch_enrollment(rest: Rest, progress: Progress) -> AsyncIterator[Progress]:
    """The servers' standing in Ironic, until all are available or time is up.

    A pass is asked for first, so that what is shown was looked at now and isn't remembered.
    """
    servers = progress.expected["server"]
    deadline = time.monotonic() + _ENROLLMENT_S + _ENROLLMENT_PER_SERVER_S * servers
    operation = await rest.post("/v1/enrollments/reconcile")
    while time.monotonic() < deadline:
        if not operation["finished_at"]:
            operation = await rest.get(f"/v1/operations/{operation['id']}")
        members = [one async for one in rest.everything("/v1/enrollments")]
        progress.standings = Counter(one["standing"] for one in members)
        progress.reasons = Counter(
            one["reason"] for one in members if one["reason"] and one["standing"] not in _SETTLED
        )
        yield progress
        if operation["finished_at"] and progress.standings["available"] >= servers:
            return
        await asyncio.sleep(_POLL_S)
