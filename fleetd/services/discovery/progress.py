"""Discoveries under way: their latest state, for those who watch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fleetd.domain.discovery import DiscoveryRun, RunState
from fleetd.domain.errors import NotFound
from fleetd.domain.ports import DiscoveryStore, Page


class Progress:
    """Keeps the running discoveries in memory and writes their start and end to the store.

    It is a ``DiscoveryStore`` itself, whose running discoveries are as they are now.
    """

    def __init__(self, runs: DiscoveryStore) -> None:
        self._runs = runs
        self._live: dict[str, DiscoveryRun] = {}
        self._changed = asyncio.Condition()

    @property
    def running(self) -> int:
        """How many are under way."""
        return len(self._live)

    async def begin(self, run: DiscoveryRun) -> None:
        """A discovery starts."""
        await self._runs.save_run(run)
        self._live[run.id] = run

    async def update(self, run: DiscoveryRun) -> None:
        """A discovery has come further, or has ended."""
        if run.state is not RunState.RUNNING:
            await self._runs.save_run(run)
        async with self._changed:
            if run.state is RunState.RUNNING:
                self._live[run.id] = run
            else:
                self._live.pop(run.id, None)
            self._changed.notify_all()

    async def save_run(self, run: DiscoveryRun) -> None:
        await self._runs.save_run(run)

    async def run(self, run_id: str) -> DiscoveryRun | None:
        return self._live.get(run_id) or await self._runs.run(run_id)

    async def runs(self, *, limit: int, marker: str | None = None) -> Page[DiscoveryRun]:
        page = await self._runs.runs(limit=limit, marker=marker)
        items = tuple(self._live.get(run.id, run) for run in page.items)
        return Page(items=items, marker=page.marker)

    async def get(self, run_id: str) -> DiscoveryRun:
        """The discovery as it is now.

        Raises:
            NotFound: No discovery has this id.
        """
        run = await self.run(run_id)
        if run is None:
            raise NotFound(f"no discovery has the id {run_id}")
        return run

    async def watch(self, run_id: str) -> AsyncIterator[DiscoveryRun]:
        """The discovery now and at each change; a slow reader misses the ones between.

        Raises:
            NotFound: No discovery has this id.
        """
        run = await self.get(run_id)
        yield run
        while run.state is RunState.RUNNING:
            seen = run
            async with self._changed:
                await self._changed.wait_for(lambda: self._live.get(run_id) is not seen)  # noqa: B023
            run = await self.get(run_id)
            yield run
