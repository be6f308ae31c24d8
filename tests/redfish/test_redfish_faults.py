"""What goes wrong between fleetd and a BMC, each fault told apart and none fatal."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from email.utils import formatdate

import pytest
from aiohttp import web

from fleetd.domain.errors import (
    Busy,
    Faulted,
    Malformed,
    Missing,
    Refused,
    Unauthorised,
    Unreachable,
)
from fleetd.redfish.client import RedfishClient
from tests.support.redfish_side import (
    WRONG,
    Witness,
    connect_to,
    section,
)
from tests.support.scripted_bmc import (
    PASSWORD,
    SYSTEM,
    ScriptedBmc,
    breaks_within_the_body,
    drops,
    problem,
    running_bmc,
    says,
    sends,
    waits_for,
)

GET = f"GET {SYSTEM}"
RESET = f"{SYSTEM}/Actions/ComputerSystem.Reset"


async def read_once(bmc: ScriptedBmc, **settings: object) -> dict[str, object]:
    async with RedfishClient(section(**settings), observer=Witness()) as client:
        return await connect_to(client, bmc).get(SYSTEM)


@pytest.mark.asyncio
async def test_an_address_where_nobody_listens_is_unreachable() -> None:
    async with running_bmc() as bmc:
        pass

    with pytest.raises(Unreachable, match="no connection"):
        await read_once(bmc)


@pytest.mark.asyncio
async def test_a_503_is_asked_again_after_its_retry_after(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    bmc.then(GET, says(503, Retry_After="0"), says(503, Retry_After=formatdate(0, usegmt=True)))

    assert (await connect_to(client, bmc).get(SYSTEM))["Id"] == "1"
    assert bmc.count(GET) == 3


@pytest.mark.asyncio
async def test_a_long_retry_after_is_cut_at_the_ceiling_and_reported_at_the_end(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    bmc.always[GET] = says(503, Retry_After="3600")

    async with asyncio.timeout(2):
        with pytest.raises(Busy) as caught:
            await connect_to(client, bmc).get(SYSTEM)

    assert caught.value.retry_after == 3600
    assert bmc.count(GET) == 3


@pytest.mark.asyncio
async def test_a_dropped_connection_is_read_again(client: RedfishClient, bmc: ScriptedBmc) -> None:
    bmc.then(GET, drops, breaks_within_the_body)

    assert (await connect_to(client, bmc).get(SYSTEM))["Id"] == "1"


@pytest.mark.asyncio
@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
async def test_a_change_whose_answer_is_lost_is_sent_once(
    client: RedfishClient, bmc: ScriptedBmc, method: str
) -> None:
    connection = connect_to(client, bmc)
    await connection.get(SYSTEM)
    bmc.always[f"{method} {RESET}"] = drops

    with pytest.raises(Unreachable):
        await connection.request(method, RESET, {"ResetType": "On"})

    assert bmc.count(f"{method} {RESET}") == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_change_that_fails_inside_is_sent_once(
    client: RedfishClient, bmc: ScriptedBmc, status: int
) -> None:
    bmc.always[f"POST {RESET}"] = says(status)

    with pytest.raises((Faulted, Busy)):
        await connect_to(client, bmc).request("POST", RESET, {"ResetType": "On"})

    assert bmc.count(f"POST {RESET}") == 1


@pytest.mark.asyncio
async def test_a_bmc_that_does_not_answer_in_time_is_unreachable(bmc: ScriptedBmc) -> None:
    bmc.always[GET] = waits_for(asyncio.Event())

    with pytest.raises(Unreachable, match="within the time"):
        await read_once(bmc, request_timeout=timedelta(milliseconds=100), retries=0)


@pytest.mark.asyncio
async def test_a_body_that_drips_is_cut_off_at_the_deadline(bmc: ScriptedBmc) -> None:
    async def drips(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.01)

    bmc.always[GET] = drips

    with pytest.raises(Unreachable, match="within the time"):
        await read_once(bmc, request_timeout=timedelta(milliseconds=200), retries=0)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"Id": "1", "Na', "no JSON"),
        (b"<html>busy</html>", "no JSON"),
        (b"", "nothing"),
        (b"[1, 2]", "not a JSON object"),
        (b'{"a":' * 80 + b"1" + b"}" * 80, "deeper than 64"),
        (b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "no JSON"),
    ],
    ids=["truncated", "html", "empty", "array", "deep", "very deep"],
)
async def test_what_is_no_sound_json_is_malformed_and_not_asked_again(
    client: RedfishClient, bmc: ScriptedBmc, body: bytes, reason: str
) -> None:
    bmc.always[GET] = sends(body)

    with pytest.raises(Malformed, match=reason):
        await connect_to(client, bmc).get(SYSTEM)

    assert bmc.count(GET) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("told", [True, False], ids=["with its length", "chunked"])
async def test_an_answer_beyond_the_limit_is_not_read(bmc: ScriptedBmc, *, told: bool) -> None:
    sent = 0

    async def pours(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Length": str(2**30)} if told else {})
        await response.prepare(request)
        while True:
            await response.write(b" " * 65_536)
            sent += 65_536

    bmc.always[GET] = pours

    with pytest.raises(Malformed, match="larger than 65536 bytes"):
        await read_once(bmc, response_max_bytes=65_536)

    assert sent < 64 * 2**20


@pytest.mark.asyncio
async def test_small_sins_in_json_are_forgiven(client: RedfishClient, bmc: ScriptedBmc) -> None:
    bmc.always[GET] = sends(
        b'\xef\xbb\xbf{"Id": "0", "Id": "1", "Name": "tab\there\xff", "Reading": NaN}',
        content_type="text/plain",
    )

    document = await connect_to(client, bmc).get(SYSTEM)

    assert document == {"Id": "1", "Name": "tab\there\N{REPLACEMENT CHARACTER}", "Reading": None}


@pytest.mark.asyncio
async def test_brackets_in_strings_are_no_depth(client: RedfishClient, bmc: ScriptedBmc) -> None:
    bmc.always[GET] = sends(json.dumps({"Name": "[{" * 100}).encode())

    assert (await connect_to(client, bmc).get(SYSTEM))["Name"].startswith("[{")


@pytest.mark.asyncio
async def test_a_dangling_link_is_missing(client: RedfishClient, bmc: ScriptedBmc) -> None:
    with pytest.raises(Missing):
        await connect_to(client, bmc).get("/redfish/v1/Systems/2")

    assert bmc.count("GET /redfish/v1/Systems/2") == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "link", ["https://elsewhere.example/redfish/v1/", "ftp://127.0.0.1/x", "http://127.0.0.1:1/"]
)
async def test_a_link_to_another_host_is_not_followed(
    client: RedfishClient, bmc: ScriptedBmc, link: str
) -> None:
    with pytest.raises(Refused, match="another host"):
        await connect_to(client, bmc).get(link)


@pytest.mark.asyncio
async def test_a_redirect_is_followed_on_its_host_only(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    connection = connect_to(client, bmc)
    bmc.always["GET /redfish/v1/Systems/alias"] = says(308, Location=f"{bmc.address}{SYSTEM}")
    bmc.always["GET /redfish/v1/Systems/evil"] = says(307, Location="http://127.0.0.1:1/x")

    assert (await connection.get("/redfish/v1/Systems/alias"))["Id"] == "1"
    with pytest.raises(Refused, match="another host"):
        await connection.get("/redfish/v1/Systems/evil")


@pytest.mark.asyncio
async def test_compression_is_accepted_where_nothing_else_is_offered(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    async def compressed_only(request: web.BaseRequest) -> web.StreamResponse:
        if request.headers["Accept-Encoding"] == "identity":
            return problem(406, "Base.1.0.NotAcceptable", "It is stored compressed.")
        response = web.json_response({"Id": "registry"})
        response.enable_compression()
        return response

    bmc.always["GET /redfish/v1/Registries/Base"] = compressed_only

    document = await connect_to(client, bmc).get("/redfish/v1/Registries/Base")

    assert document == {"Id": "registry"}


@pytest.mark.asyncio
async def test_a_refusal_carries_the_services_own_words(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    bmc.always[f"POST {RESET}"] = says(400, "Base.1.0.ActionParameterUnknown")

    with pytest.raises(Refused) as caught:
        await connect_to(client, bmc).request("POST", RESET, {"ResetType": "Fly"})

    assert caught.value.messages == ("Base.1.0.ActionParameterUnknown: It does not work now.",)


@pytest.mark.asyncio
async def test_no_error_and_no_representation_tells_a_secret(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    wrong = connect_to(client, bmc, credential=WRONG)
    with pytest.raises(Unauthorised) as login:
        await wrong.get(SYSTEM)
    right = connect_to(client, bmc)
    await right.get(SYSTEM)
    token = next(iter(bmc.sessions))
    text = f"{PASSWORD} and {token} are not valid"

    async def echoes(_: web.BaseRequest) -> web.StreamResponse:
        return problem(400, "Base.1.0.PropertyValueError", text)

    async def speaks_nonsense(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.write(b"nonsense\r\n\r\n")
        request.transport.close()
        return web.Response()

    bmc.then(f"POST {RESET}", echoes, speaks_nonsense)
    with pytest.raises(Refused) as refused:
        await right.request("POST", RESET, {"Password": PASSWORD})
    with pytest.raises(Malformed) as nonsense:
        await right.request("POST", RESET, {"Password": PASSWORD})

    assert "***" in refused.value.messages[0]
    shown = [repr(right), repr(client), repr(right.__dict__)]
    for error in (login.value, refused.value, nonsense.value):
        shown += [str(error), repr(error), repr(error.__cause__), repr(error.args)]
    for secret in (PASSWORD, WRONG.password, token):
        assert secret not in " ".join(shown)
