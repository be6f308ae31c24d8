"""If-Match in the form that each family of BMCs accepts."""

from __future__ import annotations

import pytest
from aiohttp import web

from fleetd.domain.errors import Refused
from fleetd.redfish.client import RedfishClient
from fleetd.redfish.traits import ConnectionTraits, EtagPolicy
from tests.support.redfish_side import connect_to
from tests.support.scripted_bmc import SYSTEM, ScriptedBmc, problem

PATCH = f"PATCH {SYSTEM}"


def accept_only(bmc: ScriptedBmc, *accepted: str | None, status: int = 412) -> list[str | None]:
    """Let PATCH succeed with these If-Match values only; gives those that were seen."""
    seen: list[str | None] = []

    async def guard(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request.headers.get("If-Match"))
        if seen[-1] in accepted:
            return web.Response(status=204)
        return problem(status, "Base.1.0.PreconditionFailed", "The ETag does not match.")

    bmc.always[PATCH] = guard
    bmc.resources[SYSTEM]["@odata.etag"] = 'W/"abc-gzip"'
    return seen


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("policy", "accepted", "tried"),
    [
        (EtagPolicy.ON_DEMAND, None, [None]),
        (EtagPolicy.ON_DEMAND, 'W/"abc-gzip"', [None, 'W/"abc-gzip"']),
        (EtagPolicy.ON_DEMAND, '"abc"', [None, 'W/"abc-gzip"', '"abc"']),
        (EtagPolicy.ON_DEMAND, "*", [None, 'W/"abc-gzip"', '"abc"', "*"]),
        (EtagPolicy.READ, 'W/"abc-gzip"', ['W/"abc-gzip"']),
        (EtagPolicy.STAR, "*", ["*"]),
        (EtagPolicy.NEVER, None, [None]),
    ],
)
async def test_the_precondition_goes_down_its_ladder(
    client: RedfishClient,
    bmc: ScriptedBmc,
    policy: EtagPolicy,
    accepted: str | None,
    tried: list[str | None],
) -> None:
    seen = accept_only(bmc, accepted)
    connection = connect_to(client, bmc, traits=ConnectionTraits(etag=policy))

    answer = await connection.request("PATCH", SYSTEM, {"AssetTag": "a"})

    assert answer.status == 204
    assert seen == tried


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [412, 428])
async def test_a_precondition_that_no_form_meets_is_a_refusal(
    client: RedfishClient, bmc: ScriptedBmc, status: int
) -> None:
    accept_only(bmc, status=status)

    with pytest.raises(Refused, match=f"answered {status}"):
        await connect_to(client, bmc).request("PATCH", SYSTEM, {"AssetTag": "a"})


@pytest.mark.asyncio
async def test_an_action_carries_no_precondition(client: RedfishClient, bmc: ScriptedBmc) -> None:
    action = f"{SYSTEM}/Actions/ComputerSystem.Reset"

    async def guard(request: web.BaseRequest) -> web.StreamResponse:
        assert "If-Match" not in request.headers
        return web.Response(status=204)

    bmc.always[f"POST {action}"] = guard
    connection = connect_to(client, bmc, traits=ConnectionTraits(etag=EtagPolicy.READ))

    assert (await connection.request("POST", action, {"ResetType": "On"})).status == 204
