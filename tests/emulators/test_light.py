from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import aiohttp
import pytest

from fleetd_emulators.hardware import Personality
from fleetd_emulators.light_tree import light_server, light_tree
from tests.emulators.test_devices import links
from tests.support.emulators import Client, client_of, rack_of, worker_network

SESSIONS = "/redfish/v1/SessionService/Sessions"


def light(count: int, **options: Any) -> dict[str, Any]:
    return {"count": count, "network": worker_network(), **options}


async def inventory(client: Client) -> dict[str, Any]:
    """Every resource but the sessions."""
    found: dict[str, Any] = {}
    waiting = ["/redfish/v1"]
    while waiting:
        path = waiting.pop()
        if path not in found and path != SESSIONS:
            answer = await client.get(path)
            assert answer.status == 200, path
            found[path] = answer.json
            waiting += links(answer.json)
    return found


@pytest.mark.parametrize("personality", list(Personality))
@pytest.mark.parametrize("nth", [0, 3])
def test_a_light_tree_is_thirty_resources(personality: Personality, nth: int) -> None:
    tree = light_tree(light_server(personality, nth, "x"))

    assert len(tree) == 30
    assert all(
        link in tree or link == SESSIONS for document in tree.values() for link in links(document)
    )


@pytest.mark.asyncio
async def test_a_whole_inventory_of_a_light_bmc_is_thirty_gets() -> None:
    async with rack_of(light=light(1)) as rack, client_of(rack.bmcs[0]) as client:
        found = await inventory(client)
        kinds = [document["@odata.type"].split(".")[-1] for document in found.values()]

        assert rack.light is not None
        assert rack.light.requests == 30
        assert (kinds.count("Processor"), kinds.count("Memory"), kinds.count("Drive")) == (2, 6, 2)
        assert (kinds.count("Power"), kinds.count("Thermal")) == (1, 1)


@pytest.mark.asyncio
async def test_light_bmcs_are_different_machines() -> None:
    async with rack_of(light=light(20)) as rack:
        assert len({bmc.url for bmc in rack.bmcs}) == 20
        assert len({bmc.serial for bmc in rack.bmcs}) == 20
        assert len({mac for bmc in rack.bmcs for mac in bmc.macs}) == 40
        async with client_of(rack.bmcs[7]) as client:
            system = (await client.get("/redfish/v1/Systems/1")).json

        assert system["UUID"].lower() == rack.bmcs[7].uuid


@pytest.mark.asyncio
@pytest.mark.parametrize("tls", ["off", "self-signed"])
async def test_a_light_bmc_takes_basic_and_sessions(tls: str) -> None:
    async with rack_of(light=light(1, tls=tls)) as rack, client_of(rack.bmcs[0]) as client:
        opened = await client.login()
        token = {"X-Auth-Token": opened.headers["X-Auth-Token"]}
        statuses = [
            (await client.ask("GET", "/redfish/v1", headers={})).status,
            (await client.ask("GET", "/redfish/v1/Systems", headers={})).status,
            (await client.get("/redfish/v1/Systems")).status,
            (await client.ask("GET", "/redfish/v1/Systems", headers=token)).status,
            (await client.ask("DELETE", opened.headers["Location"], headers=token)).status,
            (await client.ask("GET", "/redfish/v1/Systems", headers=token)).status,
            (await client.get("/redfish/v1/Nowhere")).status,
            (await client.ask("PATCH", "/redfish/v1/Systems/1", json={})).status,
        ]

        assert statuses == [200, 401, 200, 200, 204, 401, 404, 405]
        assert rack.light is not None
        assert rack.light.counters()["open_sessions"] == 0


@pytest.mark.asyncio
async def test_latency_does_not_disturb_the_order_on_one_connection() -> None:
    async with rack_of(light=light(1, latency_ms=20)) as rack:
        bmc = rack.bmcs[0]
        host, port = bmc.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        auth = aiohttp.encode_basic_auth(bmc.username, bmc.password)
        for path in ("/redfish/v1/Chassis", "/redfish/v1/Nowhere"):
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {auth}\r\n\r\n".encode()
            )
        writer.write(b"GET /redfish/v1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        async with asyncio.timeout(5):
            content = await reader.read()
        writer.close()
        await writer.wait_closed()

        statuses = [part.split(b" ")[0] for part in content.split(b"HTTP/1.1 ")[1:]]
        assert statuses == [b"200", b"404", b"200"]


@pytest.mark.asyncio
async def test_a_request_without_end_is_cut_off() -> None:
    async with rack_of(light=light(1)) as rack:
        host, port = rack.bmcs[0].url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /" + b"x" * 20_000)
        with suppress(ConnectionResetError):
            async with asyncio.timeout(5):
                assert await reader.read() == b""
        writer.close()
        with suppress(ConnectionResetError):
            await writer.wait_closed()


@pytest.mark.asyncio
async def test_a_thousand_light_bmcs_answer_from_one_process() -> None:
    site = int(worker_network().split(".")[1])
    spec = {"count": 1000, "network": f"127.{64 + site}.0.0/16"}
    async with rack_of(light=spec) as rack, aiohttp.ClientSession() as http:
        gate = asyncio.Semaphore(50)

        async def root_of(url: str) -> str:
            async with gate, http.get(f"{url}/redfish/v1") as reply:
                return str((await reply.json())["UUID"])

        roots = await asyncio.gather(*(root_of(bmc.url) for bmc in rack.bmcs))

        assert len(set(roots)) == 1000
