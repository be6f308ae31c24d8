"""Subscriptions to events, and events that arrive (DSP0266 "Eventing")."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from tests.support.emulators import Client, client_of, rack_of

SUBSCRIPTIONS = "/redfish/v1/EventService/Subscriptions"
TEST_EVENT = "/redfish/v1/EventService/Actions/EventService.SubmitTestEvent"
SYSTEM = "/redfish/v1/Systems/1"
DEADLINE_S = 10.0

Received = asyncio.Queue[tuple[dict[str, str], dict[str, Any]]]


@asynccontextmanager
async def listener() -> AsyncIterator[tuple[str, Received]]:
    """A subscriber on a free port, and what it received."""
    received: Received = asyncio.Queue()

    async def take(request: web.BaseRequest) -> web.Response:
        received.put_nowait((dict(request.headers), await request.json()))
        return web.Response(status=204)

    runner = web.ServerRunner(web.Server(take))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}/events", received
    finally:
        await runner.cleanup()


@asynccontextmanager
async def standard_bmc() -> AsyncIterator[Client]:
    async with (
        rack_of(servers=[{"personality": "generic"}]) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        yield client


async def subscribe(client: Client, destination: str, **more: Any) -> str:
    body = {"Destination": destination, "Protocol": "Redfish", "Context": "ours", **more}
    made = await client.ask("POST", SUBSCRIPTIONS, json=body)
    assert made.status == 201
    return made.headers["Location"]


@pytest.mark.asyncio
async def test_a_test_event_arrives_with_the_subscribers_context_and_headers() -> None:
    async with standard_bmc() as client, listener() as (url, received):
        await subscribe(client, url, HttpHeaders=[{"X-Key": "k-1"}])

        sent = await client.ask(
            "POST", TEST_EVENT, json={"MessageId": "Base.1.18.Success", "Message": "hello"}
        )
        headers, event = await asyncio.wait_for(received.get(), DEADLINE_S)

        assert sent.status == 204
        assert headers["X-Key"] == "k-1"
        assert event["Context"] == "ours"
        assert event["Events"][0]["Message"] == "hello"


@pytest.mark.asyncio
async def test_a_change_is_told_with_its_origin() -> None:
    async with standard_bmc() as client, listener() as (url, received):
        await subscribe(client, url)

        await client.ask("PATCH", SYSTEM, json={"AssetTag": "other"})
        _, event = await asyncio.wait_for(received.get(), DEADLINE_S)

        assert event["Events"][0]["MessageId"] == "ResourceEvent.1.3.ResourceChanged"
        assert event["Events"][0]["OriginOfCondition"] == {"@odata.id": SYSTEM}


@pytest.mark.asyncio
async def test_a_subscription_reads_without_its_headers_and_can_be_ended() -> None:
    async with standard_bmc() as client:
        path = await subscribe(
            client, "https://192.0.2.1/events", HttpHeaders=[{"Authorization": "secret"}]
        )

        document = (await client.get(path)).json
        changed = await client.ask("PATCH", path, json={"Context": "theirs"})
        ended = await client.ask("DELETE", path)

        assert document["HttpHeaders"] == []
        assert changed.json["Context"] == "theirs"
        assert ended.status == 204
        assert (await client.get(SUBSCRIPTIONS)).json["Members@odata.count"] == 0


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"Protocol": "Redfish"}, "PropertyMissing"),
        ({"Destination": "https://a/b", "Protocol": "FTP"}, "PropertyValueNotInList"),
        ({"Destination": "nowhere", "Protocol": "Redfish"}, "PropertyValueFormatError"),
        ({"Destination": "https://a/b", "Protocol": "Redfish", "Odd": 1}, "PropertyUnknown"),
        ({"Destination": "https://a/b", "Protocol": 1}, "PropertyValueTypeError"),
    ],
)
@pytest.mark.asyncio
async def test_a_subscription_that_makes_no_sense_is_refused(
    body: dict[str, Any], message: str
) -> None:
    async with standard_bmc() as client:
        answer = await client.ask("POST", SUBSCRIPTIONS, json=body)

        assert answer.status == 400
        assert message in answer.body.decode()


@pytest.mark.asyncio
async def test_a_device_without_an_event_service_takes_no_subscription() -> None:
    async with rack_of(switches=1) as rack, client_of(rack.bmcs[0]) as client:
        body = {"Destination": "https://192.0.2.1/events", "Protocol": "Redfish"}

        assert (await client.ask("POST", SUBSCRIPTIONS, json=body)).status == 404
