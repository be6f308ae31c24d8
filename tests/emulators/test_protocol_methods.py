"""Methods, headers and odd requests, as DSP0266 wants them answered."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.emulators import client_of, rack_of

PORTS = "/redfish/v1/Fabrics/Ethernet/Switches/1/Ports"
SESSIONS = "/redfish/v1/SessionService/Sessions"
SYSTEM = "/redfish/v1/Systems/1"


@pytest.mark.asyncio
async def test_a_reading_names_the_methods_and_the_schema_of_its_resource() -> None:
    async with rack_of(switches=1) as rack, client_of(rack.bmcs[0]) as client:
        port = await client.get(f"{PORTS}/1")
        head = await client.ask("HEAD", "/redfish/v1")

        assert port.headers["Allow"] == "GET, HEAD, PATCH"
        kind = port.json["@odata.type"].removeprefix("#").rpartition(".")[0]
        assert port.headers["Link"] == (
            f"<http://redfish.dmtf.org/schemas/v1/{kind}.json>; rel=describedby"
        )
        assert head.headers["Allow"] == "GET, HEAD"


@pytest.mark.asyncio
async def test_a_method_that_nobody_knows_is_not_implemented() -> None:
    async with rack_of(switches=1) as rack:
        host, _, port = rack.bmcs[0].url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"NONESUCH /redfish/v1/ HTTP/1.1\r\nHost: bmc\r\n\r\n")

        answer = await asyncio.wait_for(reader.read(), 10)

        writer.close()
        await writer.wait_closed()
        assert answer.split(b" ")[1] == b"501"
        assert b"odata-version: 4.0" in answer.lower()


@pytest.mark.asyncio
async def test_a_change_of_annotations_only_is_no_operation() -> None:
    async with (
        rack_of(servers=[{"personality": "generic"}]) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        for path in (SYSTEM, "/redfish/v1/AccountService/Accounts/1"):
            answer = await client.ask("PATCH", path, json={"@odata.id": path})

            assert answer.status == 400
            assert "Base.1.18.NoOperation" in answer.body.decode()


@pytest.mark.asyncio
async def test_a_post_to_the_members_is_a_post_to_the_collection() -> None:
    async with rack_of(switches=1) as rack, client_of(rack.bmcs[0]) as client:
        bmc = rack.bmcs[0]
        body = {"UserName": bmc.username, "Password": bmc.password}

        made = await client.ask("POST", f"{SESSIONS}/Members", json=body, headers={})

        assert made.status == 201
        assert made.headers["Location"].startswith(f"{SESSIONS}/")


@pytest.mark.parametrize(
    ("path", "status"), [(f"{PORTS}?only=1", 400), ("/redfish/v1/SessionService?only", 400)]
)
@pytest.mark.asyncio
async def test_only_takes_no_value_and_asks_collections_alone(path: str, status: int) -> None:
    async with rack_of(switches=1) as rack, client_of(rack.bmcs[0]) as client:
        assert (await client.get(path)).status == status


@pytest.mark.asyncio
async def test_of_writers_with_the_same_etag_one_is_heard() -> None:
    async with (
        rack_of(servers=[{"personality": "generic"}]) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        tag = (await client.get(SYSTEM)).headers["ETag"]
        held = {**client.basic, "If-Match": tag}

        answers = await asyncio.gather(
            *(
                client.ask("PATCH", SYSTEM, json={"AssetTag": f"tag-{n}"}, headers=held)
                for n in range(4)
            )
        )

        assert sorted(answer.status for answer in answers) == [204, 412, 412, 412]


@pytest.mark.asyncio
async def test_elements_of_an_array_are_kept_replaced_and_removed_by_their_places() -> None:
    """DSP0266 "PATCH on array properties"."""
    async with (
        rack_of(servers=[{"personality": "generic"}]) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        path = "/redfish/v1/Managers/BMC/NetworkProtocol"
        orders: tuple[list[Any], ...] = (["one", "two", "three"], [{}, "second", None])
        for servers in orders:
            answer = await client.ask("PATCH", path, json={"NTP": {"NTPServers": servers}})
            assert answer.status < 300

        assert (await client.get(path)).json["NTP"]["NTPServers"] == ["one", "second"]
