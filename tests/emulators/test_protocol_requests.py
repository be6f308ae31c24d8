from __future__ import annotations

import pytest

from tests.support.emulators import client_of, rack_of

PORTS = "/redfish/v1/Fabrics/Ethernet/Switches/1/Ports"
PORT = f"{PORTS}/1"


@pytest.mark.asyncio
async def test_every_answer_names_the_protocol_version() -> None:
    async with rack_of(switches=1) as rack, client_of(rack.bmcs[0]) as client:
        for path in ("/redfish/v1", PORT, "/redfish/v1/Nowhere"):
            assert (await client.get(path)).headers["OData-Version"] == "4.0"


@pytest.mark.asyncio
async def test_what_does_not_exist_is_404_and_what_cannot_be_done_405() -> None:
    async with rack_of(switches=1) as rack, client_of(rack.bmcs[0]) as client:
        missing = await client.get("/redfish/v1/Nowhere")
        refused = await client.ask("DELETE", PORT)

        assert missing.status == 404
        assert "ResourceMissingAtURI" in missing.body.decode()
        assert refused.status == 405
        assert refused.headers["Allow"] == "GET, HEAD, PATCH"


@pytest.mark.asyncio
async def test_head_answers_as_get_without_a_body() -> None:
    async with rack_of(switches=1) as rack, client_of(rack.bmcs[0]) as client:
        whole = await client.get(PORT)
        head = await client.ask("HEAD", PORT)

        assert head.status == 200
        assert head.body == b""
        assert head.headers["ETag"] == whole.headers["ETag"]


@pytest.mark.asyncio
async def test_an_unchanged_resource_is_not_sent_again() -> None:
    async with rack_of(switches=1) as rack, client_of(rack.bmcs[0]) as client:
        tag = (await client.get(PORT)).headers["ETag"]

        same = await client.get(PORT, If_None_Match=tag)
        await client.ask("PATCH", PORT, json={"InterfaceEnabled": False})
        changed = await client.get(PORT, If_None_Match=tag)

        assert (same.status, same.body) == (304, b"")
        assert changed.status == 200


@pytest.mark.asyncio
async def test_a_change_on_an_old_state_is_refused() -> None:
    async with rack_of(switches=1) as rack, client_of(rack.bmcs[0]) as client:
        tag = (await client.get(PORT)).headers["ETag"]
        conditional = {**client.basic, "If-Match": tag}
        body = {"InterfaceEnabled": False}

        first = await client.ask("PATCH", PORT, json=body, headers=conditional)
        second = await client.ask("PATCH", PORT, json=body, headers=conditional)

        assert (first.status, second.status) == (200, 412)


@pytest.mark.asyncio
async def test_a_collection_expands_into_its_members() -> None:
    async with rack_of(switches=1) as rack, client_of(rack.bmcs[0]) as client:
        members = (await client.get(f"{PORTS}?$expand=.($levels=1)")).json["Members"]

        assert len(members) == 48
        assert members[0] == (await client.get(PORT)).json


@pytest.mark.asyncio
async def test_expanding_links_leaves_the_rest_alone() -> None:
    path = "/redfish/v1/Fabrics/Ethernet/Switches/1?$expand=~"
    async with rack_of(switches=1) as rack, client_of(rack.bmcs[0]) as client:
        switch = (await client.get(path)).json

        assert switch["Links"]["Chassis"]["ChassisType"] == "RackMount"
        assert switch["Ports"] == {"@odata.id": PORTS}


@pytest.mark.asyncio
async def test_select_top_and_skip_cut_the_answer() -> None:
    async with rack_of(switches=1) as rack, client_of(rack.bmcs[0]) as client:
        chosen = (await client.get(f"{PORT}?$select=LinkStatus")).json
        window = (await client.get(f"{PORTS}?$skip=46&$top=5")).json

        assert chosen.keys() == {"@odata.id", "@odata.type", "LinkStatus"}
        assert [one["@odata.id"] for one in window["Members"]] == [f"{PORTS}/47", f"{PORTS}/48"]
        assert window["Members@odata.count"] == 48


@pytest.mark.asyncio
async def test_a_paged_collection_leads_on_to_every_member() -> None:
    protocol = [{"page": 20}]
    async with rack_of(switches=1, protocol=protocol) as rack, client_of(rack.bmcs[0]) as client:
        seen, path, pages = [], PORTS, 0
        while path:
            page = (await client.get(path)).json
            seen += [one["@odata.id"] for one in page["Members"]]
            path = page.get("Members@odata.nextLink", "")
            pages += 1

        assert pages == 3
        assert seen == [f"{PORTS}/{number}" for number in range(1, 49)]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("query", "status"),
    [("$filter=Id%20eq%20'1'", 501), ("$expand=all", 400), ("$top=x", 400), ("other=1", 200)],
)
async def test_queries_that_cannot_be_answered_are_refused(query: str, status: int) -> None:
    async with rack_of(switches=1) as rack, client_of(rack.bmcs[0]) as client:
        assert (await client.get(f"{PORTS}?{query}")).status == status


@pytest.mark.asyncio
async def test_the_root_promises_what_the_front_does() -> None:
    protocol = [{"expand": "none"}]
    async with rack_of(switches=1, protocol=protocol) as rack, client_of(rack.bmcs[0]) as client:
        promised = (await client.get("/redfish/v1")).json["ProtocolFeaturesSupported"]

        assert promised["ExpandQuery"]["NoLinks"] is False
        assert (await client.get(f"{PORTS}?$expand=.")).status == 501
