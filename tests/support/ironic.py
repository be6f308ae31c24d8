"""A real Ironic for tests, one a worker process, and a proxy before it that counts and disturbs."""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from fleetd_emulators.lab import IronicEndpoint, is_installed, running_ironic

LAB = Path(os.environ.get("FLEETD_LAB", Path(__file__).parents[2] / ".lab"))


def ironic_session(root: Path) -> Iterator[IronicEndpoint]:
    """For a session-scoped fixture: an Ironic for as long as the worker's tests run.

    ``make test`` installs it; without, tests that need it are skipped, but never in CI.
    """
    if not is_installed(LAB):
        reason = f"Ironic is not installed below {LAB}: run fleetd-lab install"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with running_ironic(LAB, root / "ironic") as endpoint:
        yield endpoint


@dataclass(slots=True)
class Disturbance:
    """What happens, the next few times, to requests that fit: an answer of ours, or silence."""

    method: str
    part: str
    times: int
    status: int = 503
    message: str = "disturbed"
    silent_s: float = 0.0
    after: bool = False
    """Ironic does what was asked first; only its answer is lost."""
    slow_s: float = 0.0
    """Ironic is asked, and its own answer is passed on, this much later."""


@dataclass(slots=True)
class IronicProxy:
    """Stands before a real Ironic."""

    url: str
    requests: Counter[str] = field(default_factory=Counter)
    paths: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    disturbances: list[Disturbance] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """Requests that were not reads."""
        return sum(number for method, number in self.requests.items() if method != "GET")

    def forget(self) -> None:
        """Count anew."""
        self.requests.clear()
        self.paths.clear()
        self.bodies.clear()

    def disturb(self, method: str, part: str, *, times: int = 1, **how: float | str | bool) -> None:
        """Disturb the next requests of this method whose path holds ``part``."""
        self.disturbances.append(Disturbance(method, part, times, **how))  # type: ignore[arg-type]

    def due(self, method: str, path: str) -> Disturbance | None:
        """The disturbance that this request meets."""
        for one in self.disturbances:
            if one.times > 0 and one.method in {method, "*"} and one.part in path:
                one.times -= 1
                return one
        return None


@asynccontextmanager
async def ironic_proxy(ironic: IronicEndpoint) -> AsyncIterator[IronicProxy]:
    """A proxy before ``ironic`` on a free port."""
    proxy = IronicProxy(url="")
    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def pass_on(request: web.Request) -> web.StreamResponse:
            proxy.requests[request.method] += 1
            proxy.paths.append(f"{request.method} {request.path_qs}")
            met = proxy.due(request.method, request.path)
            body = await request.read()
            proxy.bodies.append(body)
            if met is not None and met.slow_s:
                await asyncio.sleep(met.slow_s)
                met = None
            if met is not None and not met.after:
                return await _answer(met)
            async with session.request(
                request.method,
                f"{ironic.url}{request.path_qs}",
                headers=request.headers,
                data=body or None,
            ) as answer:
                headers = {
                    name: value
                    for name, value in answer.headers.items()
                    if name.lower() not in {"transfer-encoding", "connection", "content-length"}
                }
                content = await answer.read()
                if met is not None:
                    return await _answer(met)
                return web.Response(status=answer.status, headers=headers, body=content)

        application = web.Application()
        application.router.add_route("*", "/{path:.*}", pass_on)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            host, port = runner.addresses[0][:2]
            proxy.url = f"http://{host}:{port}"
            yield proxy
        finally:
            await runner.cleanup()


async def _answer(met: Disturbance) -> web.Response:
    if met.silent_s:
        await asyncio.sleep(met.silent_s)
    fault = json.dumps({"faultcode": "Client", "faultstring": met.message, "debuginfo": None})
    return web.json_response({"error_message": fault}, status=met.status)
