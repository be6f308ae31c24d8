"""Server-sent events: progress until the end, signs of life, and a clean leave."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from tests.support.api_server import serve_api
from tests.support.fakes import FakeFleet

EVENTS = "/v1/discoveries/run-1/events"


async def start(client: aiohttp.ClientSession) -> None:
    async with client.post("/v1/discoveries", json={}) as response:
        assert response.status == 202


def parsed(text: str) -> list[tuple[str, Any]]:
    events = []
    for block in text.strip().split("\n\n"):
        if block.startswith(":"):
            continue
        name, data = block.split("\n")
        events.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return events


@pytest.mark.asyncio
async def test_progress_is_followed_to_the_end(client: aiohttp.ClientSession) -> None:
    await start(client)

    async with client.get(EVENTS) as response:
        events = parsed(await response.text())

    assert response.content_type == "text/event-stream"
    assert [name for name, _ in events] == ["progress", "progress", "progress", "done"]
    assert [run["probed"] for _, run in events] == [0, 2, 5, 8]
    assert events[-1][1]["state"] == "succeeded"


@pytest.mark.asyncio
async def test_a_discovery_that_has_ended_is_told_at_once(client: aiohttp.ClientSession) -> None:
    await start(client)
    async with client.delete("/v1/discoveries/run-1") as cancelled:
        assert (await cancelled.json())["state"] == "cancelled"

    async with client.get(EVENTS) as response:
        events = parsed(await response.text())

    assert [(name, run["state"]) for name, run in events] == [("done", "cancelled")]


@pytest.mark.asyncio
async def test_a_quiet_stream_gives_signs_of_life(fleet: FakeFleet) -> None:
    fleet.discovery_uses.gate.clear()
    async with (
        serve_api(fleet, heartbeat=timedelta(milliseconds=20)) as url,
        aiohttp.ClientSession(url) as client,
        asyncio.timeout(10),
    ):
        await start(client)
        async with client.get(EVENTS) as response:
            async for line in response.content:
                if line.startswith(b":"):
                    break
            fleet.discovery_uses.gate.set()
            rest = await response.text()

    assert "event: done" in rest


@pytest.mark.asyncio
async def test_a_client_that_leaves_is_noticed_and_nobody_watches_any_more(
    fleet: FakeFleet,
) -> None:
    fleet.discovery_uses.gate.clear()
    async with (
        serve_api(fleet, heartbeat=timedelta(milliseconds=10)) as url,
        aiohttp.ClientSession(url) as client,
        asyncio.timeout(10),
    ):
        await start(client)
        async with client.get(EVENTS) as response:
            await response.content.readline()
            await fleet.discovery_uses.watched.wait()

        await fleet.discovery_uses.left.wait()

    assert fleet.discoveries.by_id["run-1"].state == "running"


@pytest.mark.asyncio
async def test_a_stopping_server_ends_its_streams(fleet: FakeFleet) -> None:
    fleet.discovery_uses.gate.clear()
    async with aiohttp.ClientSession() as client, asyncio.timeout(10):
        async with serve_api(fleet) as url:
            async with client.post(f"{url}/v1/discoveries", json={}):
                pass
            response = await client.get(url + EVENTS)
            await response.content.readline()
            await fleet.discovery_uses.watched.wait()
        rest = await response.read()

    assert b"done" not in rest
    assert fleet.discovery_uses.left.is_set()
