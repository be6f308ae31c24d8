from __future__ import annotations

import asyncio
import socket

import pytest

from tests.support.emulators import rack_of

SERVICE = "urn:dmtf-org:service:redfish-rest:1"


def search(target: str) -> bytes:
    return f'M-SEARCH * HTTP/1.1\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: {target}\r\n\r\n'.encode()


async def heard(responder: str, datagrams: list[bytes], wanted: int) -> list[str]:
    """The first answers to what is sent."""
    loop = asyncio.get_running_loop()
    host, _, port = responder.partition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0)
        asking.bind(("127.0.0.1", 0))
        for datagram in datagrams:
            await loop.sock_sendto(asking, datagram, (host, int(port)))
        async with asyncio.timeout(5):
            return [(await loop.sock_recv(asking, 4096)).decode() for _ in range(wanted)]


@pytest.mark.asyncio
async def test_a_search_finds_every_bmc_that_is_on_the_network() -> None:
    async with rack_of(pdus=3, ssdp=True) as rack:
        assert rack.bmcs[0].front is not None
        await rack.bmcs[0].front.lose_power()

        found = await heard(rack.ssdp or "", [search(SERVICE)], wanted=2)

        assert {bmc.url for bmc in rack.bmcs[1:]} == {
            line.removeprefix("AL: ").removesuffix("/redfish/v1/")
            for answer in found
            for line in answer.split("\r\n")
            if line.startswith("AL: ")
        }
        assert all(f"ST: {SERVICE}" in answer for answer in found)


@pytest.mark.asyncio
async def test_a_search_for_something_else_is_not_answered() -> None:
    others = [search("upnp:rootdevice"), b"\xff\x00 nonsense", search(SERVICE)]
    async with rack_of(pdus=1, ssdp=True) as rack:
        (only,) = await heard(rack.ssdp or "", others, wanted=1)

        assert rack.bmcs[0].uuid in only
