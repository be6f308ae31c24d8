"""The side channel: what tests and the demo ask of the emulators and change in them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from fleetd_emulators.protocol.front import Front
from fleetd_emulators.protocol.problems import Json
from fleetd_emulators.weather import AnyFault

if TYPE_CHECKING:
    from fleetd_emulators.rack import Rack

FAULTS: Final[TypeAdapter[list[AnyFault]]] = TypeAdapter(list[AnyFault])


@asynccontextmanager
async def serve_admin(rack: Rack) -> AsyncIterator[str]:
    """Serve the side channel on a free loopback port; gives its URL."""
    runner = web.AppRunner(_application(rack), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def _application(rack: Rack) -> web.Application:
    desk = _Admin(rack)
    application = web.Application()
    application.add_routes(
        [
            web.get("/bmcs", desk.bmcs),
            web.post("/bmcs/{name}/reboot", desk.reboot),
            web.post("/bmcs/{name}/down", desk.down),
            web.post("/bmcs/{name}/up", desk.up),
            web.post("/bmcs/{name}/incidents/{incident}", desk.incident),
            web.get("/requests", desk.requests),
            web.get("/counters", desk.counters),
            web.post("/counters/reset", desk.reset),
            web.get("/sessions", desk.sessions),
            web.delete("/sessions", desk.forget_sessions),
            web.get("/faults", desk.faults),
            web.put("/faults", desk.change_faults),
            web.put("/light", desk.change_light),
        ]
    )
    return application


class _Admin:
    """One method a route."""

    def __init__(self, rack: Rack) -> None:
        self._rack = rack

    async def bmcs(self, request: web.Request) -> web.Response:
        return web.json_response([bmc.as_json(with_password=False) for bmc in self._rack.bmcs])

    async def reboot(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else {}
        self._front(request).start_reboot(float(body.get("down_s", 1.0)))
        return web.Response(status=204)

    async def down(self, request: web.Request) -> web.Response:
        await self._front(request).lose_power()
        return web.Response(status=204)

    async def up(self, request: web.Request) -> web.Response:
        await self._front(request).regain_power()
        return web.Response(status=204)

    async def incident(self, request: web.Request) -> web.Response:
        bmc = next((bmc for bmc in self._rack.bmcs if bmc.name == request.match_info["name"]), None)
        happen = bmc.incidents.get(request.match_info["incident"]) if bmc else None
        if happen is None:
            raise web.HTTPNotFound
        await happen()
        return web.Response(status=204)

    async def requests(self, request: web.Request) -> web.Response:
        return web.json_response(self._rack.journal.as_json(request.query.get("bmc")))

    async def counters(self, request: web.Request) -> web.Response:
        answer: Json = {
            name: {**self._rack.journal.counters(name), **front.gate.counters()}
            for name, front in self._fronts().items()
        }
        if self._rack.light is not None:
            answer["light"] = self._rack.light.counters()
        connections = self._rack.journal.all_connections
        answer["fleet"] = {
            "connections": connections.total,
            "peak_connections": connections.peak,
            "open_connections": connections.now,
        }
        return web.json_response(answer)

    async def reset(self, request: web.Request) -> web.Response:
        self._rack.journal.reset()
        for front in self._fronts().values():
            front.gate.reset_counters()
        if self._rack.light is not None:
            self._rack.light.reset_counters()
        return web.Response(status=204)

    async def sessions(self, request: web.Request) -> web.Response:
        return web.json_response(
            {
                name: [{"id": one.id, "username": one.username} for one in front.gate.sessions]
                for name, front in self._fronts().items()
            }
        )

    async def forget_sessions(self, request: web.Request) -> web.Response:
        for name, front in self._fronts().items():
            if request.query.get("bmc") in {None, name}:
                front.forget_sessions()
        return web.Response(status=204)

    async def faults(self, request: web.Request) -> web.Response:
        faults = FAULTS.dump_json(list(self._rack.weather.faults))
        return web.Response(body=faults, content_type="application/json")

    async def change_faults(self, request: web.Request) -> web.Response:
        try:
            faults = FAULTS.validate_json(await request.read())
        except ValidationError as error:
            return web.Response(status=400, text=str(error))
        self._rack.weather.change(faults)
        return web.Response(status=204)

    async def change_light(self, request: web.Request) -> web.Response:
        if self._rack.light is None:
            raise web.HTTPNotFound
        body = await request.json()
        self._rack.light.latency_s = float(body["latency_ms"]) / 1000
        return web.Response(status=204)

    def _fronts(self) -> dict[str, Front]:
        return {bmc.name: bmc.front for bmc in self._rack.bmcs if bmc.front is not None}

    def _front(self, request: web.Request) -> Front:
        front = self._fronts().get(request.match_info["name"])
        if front is None:
            raise web.HTTPNotFound
        return front
