"""No answer of any operation shows a secret that the parts below hold."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from fleetd.api.redaction import scrub, scrub_text
from fleetd.api.route import Route
from fleetd.api.routes import ROUTES
from fleetd.domain.device import DeviceId
from fleetd.telemetry.redact import Redactor
from tests.support.api_server import serve_api
from tests.support.fakes import RAW_DOCUMENT, SECRETS, FakeFleet, fake_fleet

READS = [route for route in ROUTES if route.method == "GET"]


async def every_answer(client: aiohttp.ClientSession, route: Route, fleet: FakeFleet) -> str:
    path = route.path.replace("{discovery_id}", "run-1").replace("{operation_id}", "op-1")
    path = path.replace("{name}", "generic")
    texts = []
    for number in range(1, 13):
        place = path.replace("{device_id}", f"dev-{number:04d}")
        async with client.get(place.replace("{endpoint_id}", f"ep-{number:04d}")) as response:
            assert response.status == 200, place
            texts.append(await response.text())
    return "\n".join(texts)


@pytest.mark.asyncio
@pytest.mark.parametrize("route", READS, ids=lambda route: route.name)
async def test_no_read_shows_a_secret(
    client: aiohttp.ClientSession, fleet: FakeFleet, route: Route
) -> None:
    async with client.post("/v1/discoveries", json={}) as started:
        assert started.status == 202

    text = await every_answer(client, route, fleet)

    assert not [secret for secret in SECRETS if secret in text]


def test_the_fakes_do_hold_the_secrets_that_are_looked_for() -> None:
    fleet = fake_fleet()
    digest = fleet.enrollment_uses.by_id[DeviceId("dev-0001")].password
    held = f"{RAW_DOCUMENT} {fleet.endpoints.by_id} {digest and digest.digest.decode()}"

    assert [secret for secret in SECRETS if secret in held] == list(SECRETS)


@pytest.mark.asyncio
async def test_a_secret_that_was_read_is_masked_in_raw_documents_wherever_it_stands() -> None:
    secret = 'cal"vin'
    fleet, redactor = fake_fleet(), Redactor()
    redactor.learn(secret)
    odd = {"Id": "1", "Note": f"first login: root/{secret}", "Lines": [secret, 7]}
    fleet.devices.documents[DeviceId("dev-0001")] = {"/redfish/v1/Systems/1": odd}

    async with (
        serve_api(fleet, redactor=redactor) as url,
        aiohttp.ClientSession() as client,
        client.get(f"{url}/v1/devices/dev-0001/raw") as response,
    ):
        shown = (await response.json())["documents"]["/redfish/v1/Systems/1"]

    assert shown == {"Id": "1", "Note": "first login: root/***", "Lines": ["***", 7]}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"Password": "x"}, {"Password": "***"}),
        ({"Password": None, "PasswordSet": True}, {"Password": None, "PasswordSet": True}),
        ({"MinPasswordLength": 8}, {"MinPasswordLength": 8}),
        ({"Secrets": {"Value": "x", "Count": 1}}, {"Secrets": {"Value": "***", "Count": 1}}),
        ({"Credentials": {"@odata.id": "/a"}}, {"Credentials": {"@odata.id": "/a"}}),
        ({"X-Auth-Token": ["x", "y"]}, {"X-Auth-Token": ["***", "***"]}),
        ({"snmp_community": "public"}, {"snmp_community": "***"}),
        ({"Url": "https://u:p@h/x"}, {"Url": "https://***@h/x"}),
        ({"Name": "Keyboard", "TokenCount": 3}, {"Name": "Keyboard", "TokenCount": 3}),
        ({"Password": ""}, {"Password": ""}),
        ({"Note": "Authorization: Basic cm9vdA=="}, {"Note": "Authorization: Basic ***"}),
    ],
)
def test_text_under_a_telling_key_is_masked_and_nothing_else(value: Any, shown: Any) -> None:
    assert scrub(value) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://root:p%40ss@10.0.0.1 refused", "https://***@10.0.0.1 refused"),
        ("login with password=hunter2 failed", "login with password=*** failed"),
        ("no answer within 5 s", "no answer within 5 s"),
        (None, None),
    ],
)
def test_secrets_in_what_people_read_are_masked(text: str | None, shown: str | None) -> None:
    assert scrub_text(text) == shown
