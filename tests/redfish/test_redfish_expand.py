"""Members along with their collection: $expand, where the service offers it and can."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from fleetd.domain.errors import Missing
from fleetd.redfish.client import RedfishClient
from fleetd.redfish.connection import Connection
from fleetd.redfish.traits import ConnectionTraits
from tests.support.redfish_side import connect_to
from tests.support.scripted_bmc import ScriptedBmc, problem

SENSORS = "/redfish/v1/Chassis/1/Sensors"


def refs(*names: str) -> list[dict[str, str]]:
    return [{"@odata.id": f"{SENSORS}/{name}"} for name in names]


async def members(connection: Connection) -> Any:
    return (await connection.get(SENSORS, expand=True))["Members"]


def offer_expand(bmc: ScriptedBmc) -> None:
    features = {"ExpandQuery": {"NoLinks": True, "Levels": True, "MaxLevels": 1}}
    bmc.resources["/redfish/v1/"]["ProtocolFeaturesSupported"] = features


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

    assert await members(connect_to(client, bmc)) == [whole]


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

    assert await members(connection) == refs("a")


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
        assert await members(connection) == refs("a")

    assert queries[-2:] == ["", ""]


@pytest.mark.asyncio
async def test_a_missing_collection_says_nothing_against_expand(
    client: RedfishClient, bmc: ScriptedBmc
) -> None:
    offer_expand(bmc)
    connection = connect_to(client, bmc)
    with pytest.raises(Missing):
        await connection.get("/redfish/v1/Nothing", expand=True)
    bmc.resources[SENSORS] = {"Members": []}

    await members(connection)

    assert bmc.count(f"GET {SENSORS}") == 1
