"""The HTTP of it: tags, conditions, HEAD, gzip, idempotency, ids."""

from __future__ import annotations

import asyncio
import gzip
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from fleetd.api.caller import LOCAL
from fleetd.api.errors import KeyReused
from fleetd.api.idempotency import Replays
from fleetd.api.routes import ROUTES
from fleetd.config.daemon import ApiSection
from tests.support.api_server import METRICS, TOKENS, serve_api
from tests.support.fakes import FakeFleet, fake_fleet


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "path",
    [
        "/v1/devices/dev-0001",
        "/v1/devices/dev-0001/components",
        "/v1/devices/dev-0001/raw",
        "/v1/endpoints/ep-0001",
        "/v1/enrollments/dev-0001",
        "/v1/manifest",
        "/v1/openapi.json",
    ],
)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_a_resource_that_is_as_it_was_is_not_sent_again(
    client: aiohttp.ClientSession, path: str, coding: str
) -> None:
    headers = {"Accept-Encoding": coding}
    async with client.get(path, headers=headers) as first:
        content = await first.read()
    tag = first.headers["ETag"]

    async with client.get(path, headers={**headers, "If-None-Match": f'"x", {tag}'}) as second:
        nothing = await second.read()
    async with client.get(path, headers={**headers, "If-None-Match": '"x"'}) as third:
        again = await third.read()

    assert (first.status, second.status, third.status) == (200, 304, 200)
    assert content == again
    assert nothing == b""
    assert second.headers["ETag"] == tag


@pytest.mark.asyncio
async def test_a_change_changes_the_tag(client: aiohttp.ClientSession) -> None:
    async with client.get("/v1/devices/dev-0001") as before:
        pass
    async with client.put("/v1/devices/dev-0001/maintenance", json={"reason": "fan"}):
        pass
    headers = {"If-None-Match": before.headers["ETag"]}
    async with client.get("/v1/devices/dev-0001", headers=headers) as after:
        assert (await after.json())["state_reason"] == "fan"

    assert after.headers["ETag"] != before.headers["ETag"]


@pytest.mark.asyncio
async def test_a_delete_holds_only_for_the_state_that_was_read(
    client: aiohttp.ClientSession, fleet: FakeFleet
) -> None:
    async with client.get("/v1/endpoints/ep-0001") as read:
        tag = read.headers["ETag"]

    async with client.delete("/v1/endpoints/ep-0001", headers={"If-Match": '"old"'}) as refused:
        problem = await refused.json(content_type=None)
    assert "ep-0001" in fleet.endpoints.by_id
    async with client.delete("/v1/endpoints/ep-0001", headers={"If-Match": tag}) as done:
        pass

    assert (refused.status, done.status) == (412, 204)
    assert problem["type"] == "urn:fleetd:problem:precondition-failed"
    assert "ep-0001" not in fleet.endpoints.by_id


@pytest.mark.asyncio
async def test_head_answers_as_get_without_the_body(client: aiohttp.ClientSession) -> None:
    paths = ["/v1", "/v1/devices", "/v1/devices/dev-0001", "/healthz", "/metrics"]
    for path in paths:
        async with client.get(path, headers={"Accept-Encoding": "identity"}) as full:
            length = len(await full.read())
        async with client.head(path, headers={"Accept-Encoding": "identity"}) as head:
            nothing = await head.read()

        assert (head.status, nothing) == (200, b"")
        assert int(head.headers["Content-Length"]) == length


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip", "gzip"), ("br, gzip;q=0.5", "gzip"), ("gzip;q=0", None), ("br", None), ("", None)],
)
async def test_a_large_answer_is_compressed_for_who_accepts_it(
    fleet: FakeFleet, accepted: str, coding: str | None
) -> None:
    async with (
        serve_api(fleet) as url,
        aiohttp.ClientSession(url, auto_decompress=False) as client,
        client.get("/v1/devices", headers={"Accept-Encoding": accepted}) as response,
    ):
        content = await response.read()

    assert response.headers.get("Content-Encoding") == coding
    assert response.headers["Vary"] == "Accept-Encoding"
    plain = gzip.decompress(content) if coding else content
    assert plain.startswith(b'{"items":[')


@pytest.mark.asyncio
async def test_every_kind_of_answer_has_an_id_and_is_not_stored(
    client: aiohttp.ClientSession,
) -> None:
    ids = set()
    for path in ("/v1/devices", "/v1/devices/none", "/none", "/healthz"):
        async with client.get(path) as response:
            ids.add(response.headers["X-Request-Id"])
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["Server"] == "fleetd"

    assert len(ids) == 4


@pytest.mark.asyncio
@pytest.mark.parametrize(("given", "usable"), [("job-42", 1), ("a b", 0), ("x" * 65, 0), ("é", 0)])
async def test_a_usable_request_id_of_the_client_is_kept_in_answer_and_log(
    client: aiohttp.ClientSession, given: str, usable: int
) -> None:
    with structlog.testing.capture_logs(
        processors=[structlog.contextvars.merge_contextvars]
    ) as lines:
        async with client.get("/v1/devices", headers={"X-Request-Id": given}) as response:
            answered = response.headers["X-Request-Id"]

    assert (answered == given) == bool(usable)
    assert [line["request_id"] for line in lines] == [answered]
    assert lines[0]["path"] == "/v1/devices"


@pytest.mark.asyncio
async def test_metrics_are_given_as_they_are(guarded: aiohttp.ClientSession) -> None:
    headers = {"Authorization": f"Bearer {TOKENS['rita'][1]}"}
    async with guarded.get("/metrics", headers=headers) as response:
        assert await response.read() == METRICS

    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.asyncio
async def test_the_servers_own_limit_bounds_a_page() -> None:
    async with (
        serve_api(fake_fleet(), section=ApiSection(port=0, page_limit=3)) as url,
        aiohttp.ClientSession(url) as client,
        client.get("/v1/devices", params={"limit": "1000"}) as response,
    ):
        page = await response.json()

    assert len(page["items"]) == 3
    assert page["marker"] == "dev-0003"


async def post(
    client: aiohttp.ClientSession, path: str, key: str, body: Any = None, **headers: str
) -> tuple[int, Any, dict[str, str]]:
    sent = {"Idempotency-Key": key, **headers}
    async with client.post(path, json=body, headers=sent) as response:
        return response.status, await response.json(content_type=None), dict(response.headers)


@pytest.mark.asyncio
async def test_a_repeat_with_the_same_key_gets_the_same_answer_and_starts_nothing(
    client: aiohttp.ClientSession, fleet: FakeFleet
) -> None:
    body = {"targets": ["10.0.0.0/24"]}

    first = await post(client, "/v1/discoveries", "k1", body)
    second = await post(client, "/v1/discoveries", "k1", body)
    other = await post(client, "/v1/discoveries", "k2", body)

    assert first[:2] == second[:2]
    assert first[0] == 202
    assert first[2]["Location"] == second[2]["Location"] == first[1]["links"]["self"]
    assert second[2]["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first[2]
    assert other[1]["id"] != first[1]["id"]
    assert fleet.discovery_uses.started == 2


@pytest.mark.asyncio
async def test_a_key_of_another_request_is_refused(
    client: aiohttp.ClientSession, fleet: FakeFleet
) -> None:
    await post(client, "/v1/endpoints", "k1", {"address": "10.0.0.1"})

    other_body = await post(client, "/v1/endpoints", "k1", {"address": "10.0.0.2"})
    other_path = await post(client, "/v1/discoveries", "k1", {"targets": []})

    assert other_body[0] == other_path[0] == 409
    assert other_body[1]["type"] == "urn:fleetd:problem:idempotency-key-reused"
    assert (fleet.endpoint_uses.added, fleet.discovery_uses.started) == (1, 0)


@pytest.mark.asyncio
async def test_a_key_whose_request_is_still_in_work_is_told_so(
    client: aiohttp.ClientSession, fleet: FakeFleet
) -> None:
    fleet.endpoint_uses.gate.clear()
    body = {"address": "10.0.0.1"}

    async with asyncio.TaskGroup() as group, asyncio.timeout(10):
        first = group.create_task(post(client, "/v1/endpoints", "k1", body))
        await fleet.endpoint_uses.entered.wait()
        second = await post(client, "/v1/endpoints", "k1", body)
        fleet.endpoint_uses.gate.set()

    assert second[0] == 409
    assert second[1]["type"] == "urn:fleetd:problem:idempotency-key-in-use"
    assert second[2]["Retry-After"]
    assert first.result()[0] == 201
    assert fleet.endpoint_uses.added == 1


@pytest.mark.asyncio
async def test_a_failed_request_may_be_repeated_with_its_key(
    client: aiohttp.ClientSession, fleet: FakeFleet
) -> None:
    await post(client, "/v1/endpoints", "k1", {"address": "10.0.0.1"})
    failed = await post(client, "/v1/endpoints", "k2", {"address": "10.0.0.1"})
    fleet.endpoints.by_id.clear()

    repeated = await post(client, "/v1/endpoints", "k2", {"address": "10.0.0.1"})

    assert (failed[0], repeated[0]) == (409, 201)


@pytest.mark.asyncio
async def test_a_key_is_its_callers_own(guarded: aiohttp.ClientSession, fleet: FakeFleet) -> None:
    for name in ("otto", "ada"):
        header = {"Authorization": f"Bearer {TOKENS[name][1]}"}
        status, _, _ = await post(guarded, "/v1/discoveries", "k1", {}, **header)
        assert status == 202

    assert fleet.discovery_uses.started == 2


def test_every_post_heeds_the_idempotency_key() -> None:
    assert all(route.starts_work for route in ROUTES if route.method == "POST")


class Work:
    """Counts how often it was done."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self) -> web.StreamResponse:
        self.times += 1
        return web.Response(body=b"done", status=202)


async def once(replays: Replays, work: Work, key: str, raw: bytes = b"") -> None:
    request = make_mocked_request("POST", "/x", headers={"Idempotency-Key": key})
    await replays.once(request, raw, caller=LOCAL, perform=work)


@pytest.mark.asyncio
async def test_keys_are_kept_so_long_and_so_many() -> None:
    now, work = [0.0], Work()
    replays = Replays(capacity=3, keep=timedelta(seconds=10), now=lambda: now[0])

    await once(replays, work, "a")
    await once(replays, work, "a")
    assert work.times == 1
    now[0] = 11.0
    await once(replays, work, "a")
    assert work.times == 2
    for key in "bcd":
        await once(replays, work, key)
    await once(replays, work, "d")
    assert work.times == 5
    await once(replays, work, "a", raw=b"its first request is forgotten, so this is no reuse")
    assert work.times == 6
    with pytest.raises(KeyReused):
        await once(replays, work, "a", raw=b"but this is")
