"""Server-sent events: a run's progress until it ends, with comments to keep the line alive."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any, Final

import structlog
from aiohttp import web

from fleetd.api.errors import TooManyStreams
from fleetd.api.problems import members
from fleetd.api.representation import to_json
from fleetd.api.requestlog import request_id
from fleetd.api.schemas.discoveries import DiscoveryView
from fleetd.domain.discovery import DiscoveryRun, RunState
from fleetd.domain.errors import FleetError

MEDIA_TYPE: Final = "text/event-stream"
log = structlog.get_logger(__name__)


class Streams:
    """The event streams that are open: bounded in number, ended when the daemon stops."""

    def __init__(self, *, capacity: int = 64, heartbeat: timedelta = timedelta(seconds=15)) -> None:
        self.stopping = asyncio.Event()
        self.heartbeat_s = heartbeat.total_seconds()
        self._capacity = capacity
        self._open = 0

    @contextlib.contextmanager
    def admitted(self) -> Iterator[None]:
        """Hold a place among the open streams.

        Raises:
            TooManyStreams: There's none left.
        """
        if self._open >= self._capacity:
            raise TooManyStreams(f"{self._capacity} streams are open")
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1


STREAMS: Final = web.AppKey("streams", Streams)


async def progress(
    request: web.Request, runs: AsyncIterator[DiscoveryRun], streams: Streams
) -> web.StreamResponse:
    """Stream a run's progress until it ends, the client leaves, or the daemon stops."""
    with streams.admitted():
        # Before the first byte an error is still a problem with its own status.
        run = await anext(runs)
        response = web.StreamResponse(headers={"Content-Type": MEDIA_TYPE})
        await response.prepare(request)
        try:
            await _send(response, run)
            await _follow(request, response, runs, streams)
        except ConnectionError:
            log.debug("event_stream_left")
        finally:
            await _close(runs)
        return response


async def _follow(
    request: web.Request,
    response: web.StreamResponse,
    runs: AsyncIterator[DiscoveryRun],
    streams: Streams,
) -> None:
    upcoming = asyncio.ensure_future(_next(runs))
    stopping: asyncio.Future[bool] = asyncio.ensure_future(streams.stopping.wait())
    try:
        while not stopping.done():
            waited: set[asyncio.Future[Any]] = {upcoming, stopping}
            await asyncio.wait(
                waited,
                timeout=streams.heartbeat_s,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if not upcoming.done():
                await response.write(b": still here\n\n")
                continue
            run = upcoming.result()
            if run is None:
                return
            await _send(response, run)
            upcoming = asyncio.ensure_future(_next(runs))
    except FleetError as error:
        content = members(error, request_id=request_id(request))
        await _event(response, "error", content)
    finally:
        for task in (upcoming, stopping):
            task.cancel()
        await asyncio.gather(upcoming, stopping, return_exceptions=True)


async def _next(runs: AsyncIterator[DiscoveryRun]) -> DiscoveryRun | None:
    return await anext(runs, None)


async def _send(response: web.StreamResponse, run: DiscoveryRun) -> None:
    name = "progress" if run.state is RunState.RUNNING else "done"
    await _event(response, name, to_json(DiscoveryView.of(run)))


async def _event(response: web.StreamResponse, name: str, content: bytes) -> None:
    await response.write(b"event: " + name.encode() + b"\ndata: " + content + b"\n\n")


async def _close(runs: AsyncIterator[DiscoveryRun]) -> None:
    """Let a generator run its clean-up now; an iterator of another make has none."""
    close = getattr(runs, "aclose", None)
    if close is not None:
        await close()
