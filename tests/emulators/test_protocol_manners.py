"""ETags that a BMC demands, or refuses, before it changes anything."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulators import client_of, rack_of

SYSTEM = "/redfish/v1/Systems/1"
LIT = {"LocationIndicatorActive": True}


@pytest.mark.asyncio
async def test_xcc_wants_if_match_on_a_change_but_not_of_pending_bios_settings() -> None:
    """Quirks LEN-021 and LEN-013."""
    async with (
        rack_of(servers=[{"personality": "lenovo"}]) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        without = await client.ask("PATCH", SYSTEM, json=LIT, headers=client.basic)
        tag = (await client.get(SYSTEM)).headers["ETag"]
        given = {**client.basic, "If-Match": tag}
        first = await client.ask("PATCH", SYSTEM, json=LIT, headers=given)
        stale = await client.ask("PATCH", SYSTEM, json=LIT, headers=given)
        pending = await client.ask(
            "PATCH", f"{SYSTEM}/Bios/Pending", json={"Attributes": {}}, headers=client.basic
        )

        assert (without.status, first.status, stale.status) == (412, 204, 412)
        assert pending.status < 300


@pytest.mark.parametrize("status", [412, 428])
@pytest.mark.asyncio
async def test_any_bmc_may_demand_an_etag_with_either_status(status: int) -> None:
    protocol = [{"if_match": "demanded", "if_match_status": status}]
    async with (
        rack_of(servers=[{"personality": "generic"}], protocol=protocol) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        without = await client.ask("PATCH", SYSTEM, json=LIT, headers=client.basic)
        any_tag = {**client.basic, "If-Match": "*"}

        assert without.status == status
        assert (await client.ask("PATCH", SYSTEM, json=LIT, headers=any_tag)).status == 204


@pytest.mark.asyncio
async def test_idrac10_refuses_an_etag_with_an_action() -> None:
    """Quirk DEL-093."""
    rules: list[dict[str, Any]] = [{"actions_refuse_if_match": True}]
    async with (
        rack_of(servers=[{"personality": "generic"}], protocol=rules) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        target = f"{SYSTEM}/Actions/ComputerSystem.Reset"
        tagged = {**client.basic, "If-Match": "*"}

        refused = await client.ask("POST", target, json={"ResetType": "On"}, headers=tagged)
        plain = await client.ask("POST", target, json={"ResetType": "On"}, headers=client.basic)

        assert (refused.status, plain.status) == (412, 204)
