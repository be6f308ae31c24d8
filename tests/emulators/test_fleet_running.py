from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from fleetd_emulators.rack import Rack
from tests.emulators.test_devices import PDU, PORTS, links
from tests.support.emulators import Client, client_of, rack_of, until

FAMILIES = ("dell", "hpe", "supermicro", "lenovo", "openbmc", "generic")
SERVERS = [{"personality": family} for family in FAMILIES]


async def members(client: Client, path: str) -> list[dict[str, Any]]:
    """The documents of a collection's members."""
    collection = (await client.get(path)).json
    return [(await client.get(one["@odata.id"])).json for one in collection["Members"]]


async def tree(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = {}
    waiting = ["/redfish/v1"]
    while waiting:
        path = waiting.pop()
        if path not in found:
            answer = await client.get(path)
            assert answer.status == 200, path
            found[path] = answer.json
            waiting += [link for link in links(answer.json) if link.startswith("/")]
    return found


@pytest.mark.asyncio
async def test_every_bmc_has_an_address_and_credentials_of_its_own() -> None:
    async with rack_of(servers=SERVERS, storage=1, switches=1, pdus=1) as rack:
        assert len({bmc.url for bmc in rack.bmcs}) == len(rack.bmcs) == 9
        assert len({bmc.url.rpartition(":")[2] for bmc in rack.bmcs}) == 1
        assert len({bmc.password for bmc in rack.bmcs}) == 9
        for bmc in rack.bmcs:
            async with client_of(bmc) as client:
                assert (await client.get("/redfish/v1/Chassis")).status == 200


@pytest.mark.asyncio
async def test_the_switch_and_the_servers_hear_each_other() -> None:
    async with rack_of(servers=SERVERS, switches=1) as rack:
        switch = rack.bmc("switch-1")
        async with client_of(switch) as client:
            ports = await members(client, PORTS)
        heard = {
            port["Ethernet"]["LLDPReceive"]["PortId"].lower(): port
            for port in ports
            if "PortId" in port["Ethernet"]["LLDPReceive"]
        }
        macs = {mac: bmc for bmc in rack.of_kind("server") for mac in bmc.macs}

        assert heard.keys() == macs.keys()
        for mac, port in heard.items():
            assert port["LinkStatus"] == "LinkUp"
            assert port["Ethernet"]["LLDPReceive"]["SystemName"] == macs[mac].name
            sent = port["Ethernet"]["LLDPTransmit"]
            neighbour = neighbour_of(rack, mac)
            assert (neighbour.chassis_id, neighbour.port_id, neighbour.system_name) == (
                sent["ChassisId"],
                bytes.fromhex(sent["PortId"].replace(":", "")).decode(),
                sent["SystemName"],
            )


def neighbour_of(rack: Rack, mac: str) -> Any:
    return next(
        port.neighbour
        for server in rack.assembly.servers
        for adapter in server.adapters
        for port in adapter.ports
        if port.mac == mac
    )


@pytest.mark.asyncio
async def test_a_servers_own_port_names_the_switch_port_it_is_cabled_to() -> None:
    async with rack_of(servers=[{"personality": "openbmc"}], switches=1) as rack:
        async with client_of(rack.bmcs[0]) as client:
            documents = await tree(client)
        received = [
            document["Ethernet"]["LLDPReceive"]
            for document in documents.values()
            if document.get("Ethernet", {}).get("LLDPReceive", {}).get("PortId")
        ]

        # DSP0268 'PortId': an interface's name is written as octets.
        ports = {
            (one["SystemName"], bytes.fromhex(one["PortId"].replace(":", "")).decode())
            for one in received
        }
        assert ports == {
            ("switch-1", f"Ethernet1/{number}") for number in range(1, len(received) + 1)
        }


@pytest.mark.asyncio
async def test_the_outlet_and_the_power_supply_point_at_each_other() -> None:
    async with rack_of(servers=SERVERS, pdus=2) as rack:
        for pdu in rack.of_kind("pdu"):
            async with client_of(pdu) as client:
                outlets = [
                    one for one in await members(client, f"{PDU}/Outlets") if one["UserLabel"]
                ]
            assert len(outlets) == len(SERVERS)
            for outlet in outlets:
                server = rack.bmc(outlet["UserLabel"].split()[0])
                url = outlet["Links"]["PowerSupplies"][0]["@odata.id"]
                assert url.startswith(server.url)
                async with client_of(server) as client:
                    supply = (await client.get(url.removeprefix(server.url))).json
                assert supply["Links"]["PowerOutlets"] == [
                    {"@odata.id": pdu.url + outlet["@odata.id"]}
                ]


@pytest.mark.asyncio
async def test_the_meter_follows_the_servers_load() -> None:
    async with (
        rack_of(servers=[{"personality": "generic"}], pdus=1) as rack,
        client_of(rack.bmc("server-001")) as server,
        client_of(rack.bmc("pdu-1")) as pdu,
    ):

        async def watts() -> float:
            return float((await pdu.get(f"{PDU}/Metrics")).json["PowerWatts"]["Reading"])

        standby = await watts()
        (system,) = await members(server, "/redfish/v1/Systems")
        target = system["Actions"]["#ComputerSystem.Reset"]["target"]
        await server.ask("POST", target, json={"ResetType": "On"})

        async def draws_more() -> bool:
            return await watts() > 3 * standby

        assert standby > 0
        await until(draws_more)


@pytest.mark.asyncio
async def test_a_server_is_gone_while_both_its_outlets_are_off() -> None:
    async with (
        rack_of(servers=[{"personality": "generic", "powered_on": True}], pdus=2) as rack,
        client_of(rack.bmc("server-001")) as server,
        client_of(rack.bmc("pdu-1")) as first,
        client_of(rack.bmc("pdu-2")) as second,
    ):
        target = f"{PDU}/Outlets/1/Actions/Outlet.PowerControl"

        async def answers() -> bool:
            try:
                return (await server.get("/redfish/v1")).status == 200
            except aiohttp.ClientError:
                return False

        async def is_off(pdu: Client) -> bool:
            return bool((await pdu.get(f"{PDU}/Outlets/1")).json["PowerState"] == "Off")

        async def is_gone() -> bool:
            return not await answers()

        await first.ask("POST", target, json={"PowerState": "Off"})
        await until(lambda: is_off(first))
        assert await answers()
        await second.ask("POST", target, json={"PowerState": "Off"})
        await until(is_gone)
        await first.ask("POST", target, json={"PowerState": "On"})
        await until(answers)

        (system,) = await members(server, "/redfish/v1/Systems")
        assert system["PowerState"] == "Off"


@pytest.mark.asyncio
async def test_a_bmc_that_is_told_to_restart_answers_and_then_goes_away() -> None:
    async with (
        rack_of(servers=[{"personality": "generic"}], pace=0.4) as rack,
        client_of(rack.bmcs[0]) as client,
    ):
        (manager,) = await members(client, "/redfish/v1/Managers")
        action = manager["Actions"]["#Manager.Reset"]
        token = {"X-Auth-Token": (await client.login()).headers["X-Auth-Token"]}

        ordered = await client.ask(
            "POST", action["target"], json={"ResetType": "ForceRestart"}, headers=token
        )
        with pytest.raises(aiohttp.ClientConnectorError):
            await client.get("/redfish/v1")

        async def answers() -> bool:
            try:
                return (await client.get("/redfish/v1")).status == 200
            except aiohttp.ClientError:
                return False

        assert ordered.status in {200, 204}
        await until(answers)
        assert (await client.ask("GET", "/redfish/v1/Chassis", headers=token)).status == 401


@pytest.mark.asyncio
@pytest.mark.parametrize("family", FAMILIES)
async def test_every_link_of_a_server_leads_to_a_resource(family: str) -> None:
    async with rack_of(servers=[{"personality": family}], switches=1, pdus=1) as rack:
        async with client_of(rack.bmcs[0]) as client:
            documents = await tree(client)

        assert len(documents) > 80
        assert all(
            document["@odata.id"].rstrip("/") == path for path, document in documents.items()
        )


@pytest.mark.asyncio
async def test_certificates_are_the_same_at_the_next_start() -> None:
    async def fingerprints() -> list[str | None]:
        async with rack_of(seed=3, pdus=2, tls="self-signed") as rack:
            return [bmc.fingerprint_sha256 for bmc in rack.bmcs]

    first = await fingerprints()

    assert first == await fingerprints()
    assert len(set(first)) == 2


@pytest.mark.asyncio
async def test_the_certificate_served_is_the_one_announced() -> None:
    async with rack_of(pdus=1, tls="self-signed") as rack:
        bmc = rack.bmcs[0]
        announced = bytes.fromhex(bmc.fingerprint_sha256 or "")
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{bmc.url}/redfish/v1", ssl=aiohttp.Fingerprint(announced)) as answer,
        ):
            assert answer.status == 200
        async with aiohttp.ClientSession() as http:
            with pytest.raises(aiohttp.ServerFingerprintMismatch):
                await http.get(f"{bmc.url}/redfish/v1", ssl=aiohttp.Fingerprint(bytes(32)))


@pytest.mark.asyncio
async def test_a_tls_only_bmc_has_no_answer_for_plain_http() -> None:
    async with rack_of(pdus=1, tls="self-signed") as rack, aiohttp.ClientSession() as http:
        url = rack.bmcs[0].url.replace("https:", "http:")

        with pytest.raises(aiohttp.ClientError):
            await http.get(f"{url}/redfish/v1")


@pytest.mark.asyncio
async def test_nothing_listens_after_the_fleet_has_stopped() -> None:
    async with rack_of(pdus=1) as rack:
        host, _, port = rack.bmcs[0].url.removeprefix("http://").partition(":")

    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(host, int(port))
