"""Collections over pages, with and without $expand, and as sloppy as captured ones."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from fleetd.domain.errors import Malformed, Missing
from fleetd.redfish.client import RedfishClient
from fleetd.redfish.traits import ConnectionTraits
from tests.support.redfish_side import connect_to
from tests.support.scripted_bmc import ScriptedBmc, problem

SENSORS = "/redfish/v1/Chassis/1/Sensors"


def refs(*names: str) -> list[dict[str, str]]:
    return [{"@odata.id": f"{SENSORS}/{name}"} for name in names]


def paths(*names: str) -> list[str]:
    return [f"{SENSORS}/{name}" for name in names]


def offer_expand(bmc: ScriptedBmc) -> None:
    features = {"ExpandQuery": {"NoLinks": True, "Levels": True, "MaxLevels": 1}}
    bmc.resources["/redfish/v1/"]["ProtocolFeaturesSupported"] = features


@pytest.mark.asyncio
async def test_members_of_all_pages_are_given_once_and_in_order(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    async def pages(request: web.BaseRequest) -> web.StreamResponse:
        skip = int(request.query.get("$skip", "0"))
        names = [("a", "b"), ("b", "c"), ("d",)][skip]
        document: dict[str, Any] = {"Members": refs(*names)}
        if skip < 2:
            document["Members@odata.nextLink"] = f"{SENSORS}?$skip={skip + 1}"
        return web.json_response(document)

    bmc.always[f"GET {SENSORS}"] = pages

    assert await connect_to(client, bmc).get_collection(SENSORS) == paths("a", "b", "c", "d")


@pytest.mark.asyncio
async def test_pages_that_lead_in_a_circle_end(client: RedfishClient, bmc: ScriptedBmc) -> None:
    bmc.resources[SENSORS] = {"Members": refs("a"), "Members@odata.nextLink": SENSORS}

    assert await connect_to(client, bmc).get_collection(SENSORS) == paths("a")


@pytest.mark.asyncio
async def test_pages_without_end_are_malformed(client: RedfishClient, bmc: ScriptedBmc) -> None:
    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        skip = int(request.query.get("$skip", "0"))
        following = f"{SENSORS}?$skip={skip + 1}"
        return web.json_response({"Members": [], "Members@odata.nextLink": following})

    bmc.always[f"GET {SENSORS}"] = endless

    with pytest.raises(Malformed, match="no end"):
        await connect_to(client, bmc).get_collection(SENSORS)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("document", "members"),
    [
        ({"Members": None}, []),
        ({}, []),
        ({"Members": {}}, []),
        ({"Members": refs("a")[0]}, paths("a")),
        ({"Members": [None, {}, {"@odata.id": ""}, f"{SENSORS}/a"]}, paths("a")),
        ({"Members": [{"@odata.id": f"{SENSORS}/a/"}, *refs("a")]}, [f"{SENSORS}/a/"]),
    ],
    ids=["null", "none", "empty object", "object", "holes and a bare string", "doubled by a slash"],
)
async def test_sloppy_members_are_taken_for_what_they_are(
    client: RedfishClient, bmc: ScriptedBmc, document: object, members: list[str]
) -> None:
    bmc.resources[SENSORS] = document

    assert await connect_to(client, bmc).get_collection(SENSORS) == members


@pytest.mark.asyncio
async def test_members_are_expanded_where_the_service_offers_it(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    offer_expand(bmc)
    whole = {"@odata.id": f"{SENSORS}/a", "Reading": 21}

    async def expands(request: web.BaseRequest) -> web.StreamResponse:
        asked = request.query.get("$expand") == ".($levels=1)"
        return web.json_response({"Members": [whole] if asked else refs("a")})

    bmc.always[f"GET {SENSORS}"] = expands

    assert await connect_to(client, bmc).get_collection(SENSORS) == [whole]


@pytest.mark.asyncio
async def test_expand_is_not_asked_for_where_the_driver_forbids_it(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    offer_expand(bmc)

    async def forbids(request: web.BaseRequest) -> web.StreamResponse:
        assert not request.query_string
        return web.json_response({"Members": refs("a")})

    bmc.always[f"GET {SENSORS}"] = forbids
    connection = connect_to(client, bmc, traits=ConnectionTraits(expand=False))

    assert await connection.get_collection(SENSORS) == paths("a")


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [400, 500, 501])
async def test_a_service_that_fails_at_expand_is_asked_plainly_from_then_on(
    client: RedfishClient, bmc: ScriptedBmc, status: int
) -> None:
    offer_expand(bmc)
    queries: list[str] = []

    async def fails(request: web.BaseRequest) -> web.StreamResponse:
        queries.append(request.query_string)
        if "$expand" in request.query:
            return problem(status, "Base.1.0.QueryNotSupportedOnResource", "No.")
        return web.json_response({"Members": refs("a")})

    bmc.always[f"GET {SENSORS}"] = fails
    connection = connect_to(client, bmc)

    for _ in range(2):
        assert await connection.get_collection(SENSORS) == paths("a")

    assert queries[-2:] == ["", ""]
    assert (await connection.get(SENSORS, expand=True))["Members"] == refs("a")
    assert queries[-1] == ""


@pytest.mark.asyncio
async def test_a_missing_collection_says_nothing_against_expand(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    offer_expand(bmc)
    connection = connect_to(client, bmc)
    with pytest.raises(Missing):
        await connection.get_collection("/redfish/v1/Nothing")
    bmc.resources[SENSORS] = {"Members": []}

    await connection.get_collection(SENSORS)

    assert bmc.count(f"GET {SENSORS}") == 1
