"""The API on a real socket over fakes, in the test's own event loop or in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import ssl
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Middleware

from fleetd.api.app import create_app
from fleetd.config.daemon import ApiSection, Role
from fleetd.telemetry.redact import Redactor
from tests.support.fakes import FakeFleet

TOKENS: Mapping[str, tuple[Role, str]] = {
    "rita": (Role.READER, "reader-token"),
    "otto": (Role.OPERATOR, "operator-token"),
    "ada": (Role.ADMIN, "admin-token"),
}
METRICS = b"# HELP fleetd_up Whether it is up.\n# TYPE fleetd_up gauge\nfleetd_up 1.0\n"


async def _metrics(_accept: str) -> tuple[bytes, str]:
    return METRICS, "text/plain; version=0.0.4; charset=utf-8"


@contextlib.asynccontextmanager
async def serve_api(
    fleet: FakeFleet, *, tokens: Mapping[str, tuple[Role, str]] | None = None, **options: Any
) -> AsyncIterator[str]:
    """Serve the API until the context ends; yields its URL.

    ``options`` go to ``create_app``, but for ``section``, ``tls`` and ``middlewares``.
    """
    section = options.pop("section", ApiSection(port=0))
    tls: ssl.SSLContext | None = options.pop("tls", None)
    middlewares: Sequence[Middleware] = options.pop("middlewares", ())
    options.setdefault("redactor", Redactor())
    options.setdefault("request_timeout", timedelta(seconds=10))
    app = create_app(section, fleet.services, tokens=tokens or {}, metrics=_metrics, **options)
    app.middlewares[:0] = middlewares
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        yield f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextlib.contextmanager
def api_in_thread(
    fleet: FakeFleet, *, tokens: Mapping[str, tuple[Role, str]] | None = None
) -> Iterator[str]:
    """Serve the API from a thread, for clients that block; yields its URL."""
    urls: queue.Queue[str] = queue.Queue()
    stops: queue.Queue[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = queue.Queue()

    async def main() -> None:
        stop = asyncio.Event()
        async with serve_api(fleet, tokens=tokens) as url:
            stops.put((asyncio.get_running_loop(), stop))
            urls.put(url)
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(main()), name="api", daemon=True)
    thread.start()
    try:
        yield urls.get(timeout=30)
    finally:
        loop, stop = stops.get(timeout=30)
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=30)
