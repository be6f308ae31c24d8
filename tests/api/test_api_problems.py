"""Whatever goes wrong, the answer is an RFC 9457 problem that tells what is needed and no more."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
import structlog
from yarl import URL

from fleetd.config.daemon import ApiSection
from fleetd.domain.errors import (
    Busy,
    InvalidInput,
    ShuttingDown,
    StoreBusy,
    StoreUnavailable,
    Unreachable,
)
from tests.support.api_server import serve_api
from tests.support.fakes import FakeFleet

JSON = {"Content-Type": "application/json"}


async def problem_of(response: aiohttp.ClientResponse) -> dict[str, Any]:
    assert response.content_type == "application/problem+json"
    content: dict[str, Any] = await response.json(content_type=None)
    assert content["type"].startswith("urn:fleetd:problem:")
    assert content["status"] == response.status
    assert content["request_id"] == response.headers["X-Request-Id"]
    assert response.headers["Cache-Control"] == "no-store"
    assert content["title"]
    assert content["detail"]
    return content


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "no-such-route"),
        ("GET", "/v1/devices/", 404, "no-such-route"),
        ("GET", "/v1/devices/dev-9999", 404, "not-found"),
        ("GET", "/v1/devices/..%2F..%2Fetc", 404, "not-found"),
        ("GET", "/v1/devices/dev%00", 404, "not-found"),
        ("GET", "/v1/endpoints/none", 404, "not-found"),
        ("GET", "/v1/discoveries/none", 404, "not-found"),
        ("GET", "/v1/discoveries/none/events", 404, "not-found"),
        ("GET", "/v1/enrollments/none", 404, "not-found"),
        ("GET", "/v1/operations/none", 404, "not-found"),
        ("GET", "/v1/devices?colour=red", 400, "invalid-query"),
        ("GET", "/v1/devices?kind=toaster", 400, "invalid-query"),
        ("GET", "/v1/devices?kind=server&kind=pdu", 400, "invalid-query"),
        ("GET", "/v1/devices?limit=0", 400, "invalid-query"),
        ("GET", "/v1/devices?limit=1_0", 400, "invalid-query"),
        ("GET", "/v1/devices?q=%00", 400, "invalid-query"),
        ("GET", "/healthz?verbose=1", 400, "invalid-query"),
        ("POST", "/v1/devices/dev-0001/retire?force=1", 400, "invalid-query"),
    ],
)
async def test_a_wrong_path_or_query_is_told_as_a_problem(
    client: aiohttp.ClientSession, method: str, path: str, status: int, code: str
) -> None:
    url = URL(f"{client._base_url}".rstrip("/") + path, encoded=True)
    async with aiohttp.ClientSession() as plain, plain.request(method, url) as response:
        problem = await problem_of(response)

    assert (response.status, problem["type"]) == (status, f"urn:fleetd:problem:{code}")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/devices", {"GET", "HEAD"}),
        ("/v1/endpoints", {"GET", "HEAD", "POST"}),
        ("/v1/endpoints/ep-0001", {"GET", "HEAD", "DELETE"}),
        ("/v1/enrollments/reconcile", {"POST"}),
        ("/healthz", {"GET", "HEAD"}),
    ],
)
async def test_an_unknown_method_is_answered_with_those_that_are_allowed(
    client: aiohttp.ClientSession, path: str, allowed: set[str]
) -> None:
    async with client.patch(path) as response:
        problem = await problem_of(response)

    assert problem["type"] == "urn:fleetd:problem:method-not-allowed"
    assert set(response.headers["Allow"].replace(" ", "").split(",")) == allowed


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/address"}),
        ({"address": "10.0.0.1", "colour": "red"}, {"/colour"}),
        ({"address": 7, "site": ["x"]}, {"/address", "/site"}),
        ({"address": "https://root:hunter2@10.0.0.1"}, {"/address"}),
        ({"address": "ftp://10.0.0.1"}, {"/address"}),
        ({"address": "http://[::1]*"}, {"/address"}),
        ({"address": "10.0.0.1", "labels": {"a/b~c": "x"}}, {"/labels/a~1b~0c/[key]"}),
        ({"address": "10.0.0.1", "fingerprint": "AB"}, {"/fingerprint"}),
        ([], {""}),
    ],
)
async def test_each_fault_of_a_body_has_its_json_pointer(
    client: aiohttp.ClientSession, body: Any, pointers: set[str]
) -> None:
    async with client.post("/v1/endpoints", json=body) as response:
        problem = await problem_of(response)
        text = await response.text()

    assert (response.status, problem["type"]) == (422, "urn:fleetd:problem:invalid-body")
    assert {fault["pointer"] for fault in problem["errors"]} == pointers
    assert "hunter2" not in text


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("target", "asked"),
    [
        ("10.0.0.7/24", "10.0.0.0/24"),
        ("http://10.0.0.0/24:8000", "http://10.0.0.0/24:8000"),
        ("fd00::/120", "fd00::/120"),
        ("BMC-1.example:443", "https://bmc-1.example"),
        ("[FD00::1]:8443", "https://[fd00::1]:8443"),
        ("10.0.0.0/33", None),
        ("10.0.0.0/24:99999", None),
        ("10.0.0.0/24:0", None),
        ("10.0.0.0/24/x", None),
        ("ssh://10.0.0.0/24", None),
    ],
)
async def test_a_target_is_an_address_or_a_network_with_scheme_and_port(
    client: aiohttp.ClientSession, target: str, asked: str | None
) -> None:
    async with client.post("/v1/discoveries", json={"targets": [target]}) as response:
        answer = await response.json(content_type=None)

    assert response.status == (422 if asked is None else 202)
    assert answer.get("targets") == (None if asked is None else [asked])


@pytest.mark.asyncio
@pytest.mark.parametrize("text", ["{", "", "[1,", "nul", "\x00", '{"address": "a"} x', "[" * 5_000])
async def test_a_body_that_is_no_json_is_told_so(client: aiohttp.ClientSession, text: str) -> None:
    async with client.post("/v1/endpoints", data=text, headers=JSON) as response:
        problem = await problem_of(response)

    assert (response.status, problem["type"]) == (400, "urn:fleetd:problem:malformed-body")


@pytest.mark.asyncio
@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded"])
async def test_a_body_of_another_media_type_is_refused(
    client: aiohttp.ClientSession, media_type: str
) -> None:
    headers = {"Content-Type": media_type}
    async with client.post("/v1/endpoints", data="{}", headers=headers) as response:
        problem = await problem_of(response)

    assert (response.status, problem["type"]) == (415, "urn:fleetd:problem:wrong-media-type")


@pytest.mark.asyncio
async def test_a_body_above_the_limit_is_refused(fleet: FakeFleet) -> None:
    section = ApiSection(port=0, body_max_bytes=1_024)
    async with (
        serve_api(fleet, section=section) as url,
        aiohttp.ClientSession(url) as client,
        client.post("/v1/endpoints", data="x" * 2_000, headers=JSON) as response,
    ):
        problem = await problem_of(response)

    assert (response.status, problem["type"]) == (413, "urn:fleetd:problem:body-too-large")


@pytest.mark.asyncio
async def test_an_expectation_that_is_not_offered_is_refused(client: aiohttp.ClientSession) -> None:
    async with client.get("/v1/devices", headers={"Expect": "teapot"}) as response:
        problem = await problem_of(response)

    assert (response.status, problem["type"]) == (417, "urn:fleetd:problem:expectation-refused")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("failure", "status", "wait"),
    [
        (StoreBusy("the database is locked"), 503, "5"),
        (StoreUnavailable("the database is read-only"), 503, None),
        (Busy("later", endpoint="https://bmc", retry_after=7.2), 503, "8"),
        (Unreachable("refused", endpoint="https://root:hunter2@bmc"), 504, "5"),
    ],
)
async def test_an_error_below_is_told_with_when_to_come_back(
    client: aiohttp.ClientSession,
    fleet: FakeFleet,
    failure: Exception,
    status: int,
    wait: str | None,
) -> None:
    fleet.devices.failure = failure

    async with client.get("/v1/devices") as response:
        problem = await problem_of(response)

    assert response.status == status
    assert response.headers.get("Retry-After") == wait
    assert "hunter2" not in problem["detail"]


@pytest.mark.asyncio
async def test_a_marker_that_the_store_does_not_know_is_a_fault_of_the_query(
    client: aiohttp.ClientSession, fleet: FakeFleet
) -> None:
    fleet.devices.failure = InvalidInput("the marker isn't one of a page of this listing")

    async with client.get("/v1/devices", params={"marker": "x"}) as response:
        problem = await problem_of(response)

    assert (response.status, problem["type"]) == (400, "urn:fleetd:problem:invalid-query")
    assert [fault["parameter"] for fault in problem["errors"]] == ["marker"]


@pytest.mark.asyncio
async def test_work_is_refused_while_the_daemon_stops(
    client: aiohttp.ClientSession, fleet: FakeFleet
) -> None:
    fleet.endpoint_uses.failure = ShuttingDown("fleetd is stopping")

    async with client.post("/v1/endpoints/ep-0001/refresh") as response:
        problem = await problem_of(response)

    assert (response.status, problem["next"]) == (503, "later")


@pytest.mark.asyncio
async def test_an_unexpected_exception_is_logged_once_and_tells_nothing(
    client: aiohttp.ClientSession, fleet: FakeFleet
) -> None:
    fleet.devices.failure = RuntimeError("password hunter2 at /etc/fleetd")

    with structlog.testing.capture_logs() as lines:
        async with client.get("/v1/devices", headers={"X-Request-Id": "mine-1"}) as response:
            problem = await problem_of(response)

    assert (response.status, problem["type"]) == (500, "urn:fleetd:problem:internal-error")
    assert problem["request_id"] == "mine-1"
    assert "hunter2" not in str(problem)
    assert "/etc" not in str(problem)
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["request_failed"]


@pytest.mark.asyncio
async def test_a_request_that_takes_too_long_is_given_up(fleet: FakeFleet) -> None:
    fleet.endpoint_uses.gate.clear()
    async with (
        serve_api(fleet, request_timeout=timedelta(milliseconds=50)) as url,
        aiohttp.ClientSession(url) as client,
        asyncio.timeout(5),
        client.post("/v1/endpoints", json={"address": "10.0.0.1"}) as response,
    ):
        problem = await problem_of(response)

    assert (response.status, problem["type"]) == (503, "urn:fleetd:problem:timed-out")
    assert response.headers["Retry-After"]


@pytest.mark.asyncio
async def test_a_change_that_the_lifecycle_forbids_is_a_conflict(
    client: aiohttp.ClientSession,
) -> None:
    async with client.post("/v1/devices/dev-0001/retire", json={"reason": "broken"}) as response:
        retired = await response.json()
    async with client.put("/v1/devices/dev-0001/maintenance", json={"reason": "x"}) as response:
        problem = await problem_of(response)

    assert (retired["state"], retired["state_reason"]) == ("retired", "broken")
    assert (response.status, problem["type"]) == (409, "urn:fleetd:problem:invalid-transition")
