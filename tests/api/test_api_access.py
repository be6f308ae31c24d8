"""Who may do what: roles by operation, and web pages kept out."""

from __future__ import annotations

import re

import aiohttp
import pytest

from fleetd.api.route import Route
from fleetd.api.routes import ROUTES
from fleetd.config.daemon import Role
from tests.support.api_server import TOKENS
from tests.support.fakes import Condition, FakeFleet

PLACES = {
    "device_id": "dev-0001",
    "endpoint_id": "ep-0001",
    "discovery_id": "none",
    "operation_id": "op-1",
    "name": "generic",
}
ORDER = list(Role)


def token(role: Role) -> dict[str, str]:
    secret = next(secret for held, secret in TOKENS.values() if held is role)
    return {"Authorization": f"Bearer {secret}"}


def path_of(route: Route) -> str:
    return re.sub(r"{(\w+)}", lambda found: PLACES[found[1]], route.path)


@pytest.mark.asyncio
@pytest.mark.parametrize("caller", [None, *Role])
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
async def test_an_operation_admits_its_role_and_those_above(
    guarded: aiohttp.ClientSession, route: Route, caller: Role | None
) -> None:
    headers = {} if caller is None else token(caller)
    if route.role is None:
        expected = "admitted"
    elif caller is None:
        expected = "unauthenticated"
    else:
        enough = ORDER.index(caller) >= ORDER.index(route.role)
        expected = "admitted" if enough else "forbidden"

    async with guarded.request(route.method, path_of(route), headers=headers) as response:
        status = response.status

    assert {401: "unauthenticated", 403: "forbidden"}.get(status, "admitted") == expected
    assert ("WWW-Authenticate" in response.headers) == (status == 401)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Bearer reader-token2",
        "Bearer reader-toke",
        "Basic cm9vdDpyb290",
        "reader-token",
        "Bearer reader-token reader-token",
    ],
)
async def test_anything_but_a_valid_token_is_refused(
    guarded: aiohttp.ClientSession, header: str
) -> None:
    async with guarded.get("/v1/devices", headers={"Authorization": header}) as response:
        text = await response.text()

    assert response.status == 401
    assert "reader-token" not in text


@pytest.mark.asyncio
async def test_the_scheme_is_taken_in_any_case(guarded: aiohttp.ClientSession) -> None:
    headers = {"Authorization": "bEARER reader-token"}
    async with guarded.get("/v1/devices", headers=headers) as response:
        assert response.status == 200


@pytest.mark.asyncio
async def test_liveness_and_readiness_are_open_and_details_need_a_token(
    guarded: aiohttp.ClientSession, fleet: FakeFleet
) -> None:
    fleet.readiness.items = (Condition("store", ok=False, detail="disk full on /srv"),)

    async with guarded.get("/healthz") as alive:
        pass
    async with guarded.get("/readyz") as stranger:
        told = await stranger.json(content_type=None)
    async with guarded.get("/readyz", headers=token(Role.READER)) as reader:
        whole = await reader.json(content_type=None)

    assert (alive.status, stranger.status, reader.status) == (200, 503, 503)
    assert told["checks"] == [{"name": "store", "ok": False, "detail": None}]
    assert whole["checks"] == [{"name": "store", "ok": False, "detail": "disk full on /srv"}]
    assert stranger.headers["Retry-After"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8650", 200),
        ("127.8.9.10", 200),
        ("localhost", 200),
        ("LOCALHOST:80", 200),
        ("[::1]:8650", 200),
        ("fleetd.example", 421),
        ("localhost.example", 421),
        ("127.0.0.1.example", 421),
        ("10.0.0.1", 421),
        ("[::1", 421),
    ],
)
async def test_without_tokens_only_a_loopback_host_is_answered(
    client: aiohttp.ClientSession, host: str, status: int
) -> None:
    async with client.get("/v1/devices", headers={"Host": host}) as response:
        assert response.status == status


@pytest.mark.asyncio
async def test_with_tokens_any_host_name_is_answered(guarded: aiohttp.ClientSession) -> None:
    headers = {"Host": "fleetd.example", **token(Role.READER)}
    async with guarded.get("/v1/devices", headers=headers) as response:
        assert response.status == 200


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 204),
        ({"Sec-Fetch-Site": "none"}, 204),
        ({"Sec-Fetch-Site": "same-origin"}, 204),
        ({"Host": "localhost:1", "Origin": "http://localhost:1"}, 204),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "localhost:1", "Origin": "http://localhost:2"}, 403),
    ],
)
async def test_another_sites_page_can_not_change_anything(
    client: aiohttp.ClientSession, fleet: FakeFleet, headers: dict[str, str], status: int
) -> None:
    async with client.delete("/v1/endpoints/ep-0001", headers=headers) as response:
        assert response.status == status

    assert ("ep-0001" in fleet.endpoints.by_id) == (status == 403)
