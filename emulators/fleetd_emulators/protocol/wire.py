"""An answer on its way to the client: the protocol's own headers, and what faults do to it."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from fleetd_emulators.protocol.exchange import Response
from fleetd_emulators.weather import AnyFault, Drop, SlowBody

# A trickling body is written this many times a second.
TRICKLES_PER_S: Final = 10


async def deliver(
    raw: web.BaseRequest, response: Response, faults: tuple[AnyFault, ...] = ()
) -> web.StreamResponse:
    """Put the answer on the wire, as the faults allow."""
    headers = with_protocol(response.headers)
    for fault in faults:
        if isinstance(fault, Drop):
            return await _cut(raw, response, headers, fault)
        if isinstance(fault, SlowBody):
            return await _trickle(raw, response, headers, fault.bytes_per_s)
    return web.Response(status=response.status, headers=headers, body=response.body)


def with_protocol(headers: dict[str, str]) -> dict[str, str]:
    """The headers that every answer carries (DSP0266 "Response headers")."""
    return {**headers, "odata-version": "4.0", "cache-control": "no-cache"}


async def _cut(
    raw: web.BaseRequest, response: Response, headers: dict[str, str], fault: Drop
) -> web.StreamResponse:
    reply = web.StreamResponse(status=response.status, headers=headers)
    if fault.when == "in_headers" and raw.transport is not None:
        raw.transport.write(f"HTTP/1.1 {response.status} OK\r\nContent-Type: appl".encode())
    if fault.when == "in_body":
        reply.content_length = len(response.body)
        await reply.prepare(raw)
        await reply.write(response.body[: len(response.body) // 2])
    if raw.transport is not None:
        raw.transport.close()
    return reply


async def _trickle(
    raw: web.BaseRequest, response: Response, headers: dict[str, str], bytes_per_s: float
) -> web.StreamResponse:
    reply = web.StreamResponse(status=response.status, headers=headers)
    reply.content_length = len(response.body)
    await reply.prepare(raw)
    step = max(1, int(bytes_per_s / TRICKLES_PER_S))
    for start in range(0, len(response.body), step):
        await asyncio.sleep(step / bytes_per_s)
        await reply.write(response.body[start : start + step])
    await reply.write_eof()
    return reply
