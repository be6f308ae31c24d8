"""Trees made to hurt: circles, floods, broken bytes, and links that would lead fleetd away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from aiohttp import web

from fleetd.domain.device import ComponentKind, EndpointId
from fleetd.domain.inventory import Reading
from fleetd.driverkit.registry import Registry
from fleetd.redfish.client import RedfishClient
from fleetd.redfish.probe import read_root
from fleetd.services.inventory.collect import read_endpoint
from tests.support.redfish_side import Witness, connect_to, section
from tests.support.scripted_bmc import SYSTEM, ScriptedBmc, running_bmc

REGISTRY = Registry.load()
MEMORY = f"{SYSTEM}/Memory"


@asynccontextmanager
async def read_from(bmc: ScriptedBmc) -> AsyncIterator[Reading]:
    """What a sweep reads of it, at the default limits."""
    async with RedfishClient(section(), observer=Witness()) as client:
        connection = connect_to(client, bmc)
        root = read_root(await connection.get("/redfish/v1/"))
        yield await read_endpoint(
            connection, root, REGISTRY.select(root), endpoint_id=EndpointId("e")
        )


def collection(path: str, members: list[Any]) -> dict[str, Any]:
    return {"@odata.id": path, "Name": "c", "Members": members}


def link(path: str) -> dict[str, str]:
    return {"@odata.id": path}


def module(path: str) -> dict[str, Any]:
    return {**link(path), "Id": "1", "Name": "DIMM", "CapacityMiB": 1024, "Status": {}}


@pytest.mark.asyncio
async def test_links_in_a_circle_are_each_read_once() -> None:
    async with running_bmc() as bmc:
        bmc.resources[SYSTEM] = {
            **link(SYSTEM),
            "Id": "1",
            "Name": "s",
            "SerialNumber": "S1",
            "Links": {"Chassis": [link("/redfish/v1/Chassis/1")]},
            "Memory": link(SYSTEM),
            "Processors": link("/redfish/v1/Systems"),
        }
        bmc.resources["/redfish/v1/Chassis"] = collection(
            "/redfish/v1/Chassis", [link("/redfish/v1/Chassis/1"), link("/redfish/v1/Chassis")]
        )
        bmc.resources["/redfish/v1/Chassis/1"] = {
            **link("/redfish/v1/Chassis/1"),
            "Id": "1",
            "Name": "c",
            "Links": {
                "ComputerSystems": [link(SYSTEM)],
                "Contains": [link("/redfish/v1/Chassis/1")],
            },
            "PowerSubsystem": link("/redfish/v1/Chassis/1"),
        }

        async with read_from(bmc) as reading:
            asked = [name for name in bmc.requests if name.startswith(f"GET {SYSTEM}")]

    assert [item.identity.serial for item in reading.descriptions] == ["S1"]
    assert len(asked) == len(set(asked))


@pytest.mark.asyncio
@pytest.mark.parametrize("inline", [False, True], ids=["by link", "written out"])
async def test_fifty_thousand_members_are_bounded_and_told(inline: bool) -> None:  # noqa: FBT001
    async with running_bmc() as bmc:
        paths = [f"{MEMORY}/{number}" for number in range(50_000)]
        members = [module(path) if inline else link(path) for path in paths]
        bmc.resources[SYSTEM] = {
            **link(SYSTEM),
            "Id": "1",
            "Name": "s",
            "SerialNumber": "S1",
            "Memory": link(MEMORY),
        }
        bmc.resources[MEMORY] = collection(MEMORY, members)
        bmc.resources.update({path: module(path) for path in paths[:3000]})

        async with read_from(bmc) as reading:
            requests = len(bmc.requests)

    (server,) = reading.descriptions
    assert requests < 2_100
    assert len(server.components) <= 2_000
    assert ComponentKind.MEMORY in server.stale
    assert any("more than 2000 resources" in problem.message for problem in reading.problems)


@pytest.mark.asyncio
async def test_bytes_that_are_no_text_cost_nothing_but_themselves() -> None:
    name = b'"Name": "DIMM \xff\xfe"'
    good = orjson.dumps(module(f"{MEMORY}/2")).replace(b'"Name":"DIMM"', name)
    assert name in good

    async def broken(request: web.BaseRequest) -> web.StreamResponse:
        body = good if request.path.endswith("/2") else b"\xff\xfe\x00\x00{"
        return web.Response(body=body, content_type="application/json")

    async with running_bmc() as bmc:
        bmc.resources[SYSTEM] = {
            **link(SYSTEM),
            "Id": "1",
            "Name": "s",
            "SerialNumber": "S1",
            "Memory": link(MEMORY),
        }
        paths = [f"{MEMORY}/{number}" for number in (1, 2, 3)]
        bmc.resources[MEMORY] = collection(MEMORY, [link(path) for path in paths])
        bmc.resources[paths[0]] = module(paths[0])
        bmc.always.update({f"GET {path}": broken for path in paths[1:]})

        async with read_from(bmc) as reading:
            (server,) = reading.descriptions

    assert [part.attributes["capacity_bytes"] for part in server.components] == [2**30] * 2
    assert server.stale == {"memory"}
    assert [(item.uri, item.code) for item in reading.problems] == [(f"{MEMORY}/3", "malformed")]


@asynccontextmanager
async def a_trap() -> AsyncIterator[tuple[str, list[str]]]:
    """Another host: its address, and who came."""
    visitors: list[str] = []

    def visit(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visitors.append(str(writer.get_extra_info("peername")))
        writer.close()

    server = await asyncio.start_server(visit, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", visitors


@pytest.mark.asyncio
async def test_no_link_leads_off_the_endpoint_or_out_of_its_tree() -> None:
    async with a_trap() as (trap, visitors), running_bmc() as bmc:
        hostile = [
            f"http://{trap}/redfish/v1/Systems/1/Memory/1",
            f"https://{trap}/redfish/v1/Systems/1/Memory/1",
            f"//{trap}/redfish/v1/Systems/1/Memory/1",
            f"http://operator@{trap}/redfish/v1/",
            f"/redfish/v1/@{trap}/",
            "file:///etc/passwd",
            "/redfish/v1/../../etc/passwd",
            "../../../etc/passwd",
            "/redfish/v1/Systems/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
            "/redfish/v1/Systems/1 HTTP/1.1\r\nX-Evil: 1",
            "/redfish/v1/Systems/1\x00/Memory",
            "gopher://127.0.0.1/",
            "\\\\host\\share",
        ]
        bmc.resources[SYSTEM] = {
            **link(SYSTEM),
            "Id": "1",
            "Name": "s",
            "SerialNumber": "S1",
            "Memory": link(MEMORY),
            "PCIeDevices": [link(path) for path in hostile],
            "Storage": link(hostile[0]),
            "EthernetInterfaces": hostile[2],
        }
        bmc.resources[MEMORY] = {
            **collection(MEMORY, [*map(link, hostile), link(f"{MEMORY}/1")]),
            "Members@odata.nextLink": f"http://{trap}/redfish/v1/Systems/1/Memory?$skip=50",
        }
        bmc.resources[f"{MEMORY}/1"] = module(f"{MEMORY}/1")

        async with read_from(bmc) as reading:
            (server,) = reading.descriptions

        asked = [name.partition(" ")[2] for name in bmc.requests]
        sent = [f"{name} {value}" for each in bmc.headers for name, value in each.items()]

    assert visitors == []
    assert [part.kind for part in server.components] == [ComponentKind.MEMORY]
    assert all(path.startswith("/redfish/v1") and "passwd" not in path for path in asked), asked
    assert not any("Evil" in header for header in sent)


@pytest.mark.asyncio
async def test_a_redirect_to_another_host_is_not_followed() -> None:
    async with a_trap() as (trap, visitors), running_bmc() as bmc:

        async def redirect(_request: web.BaseRequest) -> web.StreamResponse:
            return web.Response(status=308, headers={"Location": f"http://{trap}{MEMORY}"})

        bmc.resources[SYSTEM] = {
            **link(SYSTEM),
            "Id": "1",
            "Name": "s",
            "SerialNumber": "S1",
            "Memory": link(MEMORY),
        }
        bmc.always[f"GET {MEMORY}"] = redirect

        async with read_from(bmc) as reading:
            (server,) = reading.descriptions

    assert visitors == []
    assert server.stale == {"memory"}
