"""SSDP over real datagrams on loopback."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetd.domain.errors import InvalidInput
from fleetd.services.discovery.ssdp import parse_answer, search

ANSWER = (
    b"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\n"
    b"ST: urn:dmtf-org:service:redfish-rest:1\r\n"
    b"USN: uuid:92384634-2938-2342-8820-489239905423::urn:dmtf-org:service:redfish-rest:1\r\n"
    b"AL: https://10.0.0.7:8443/redfish/v1/\r\nEXT:\r\n\r\n"
)


class Bmc(asyncio.DatagramProtocol):
    """Answers a search as DSP0266 says, and keeps what it was asked."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.asked: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.asked.append(data)
        self.transport.sendto(self.answer, addr)
        self.transport.sendto(b"\xff\xfe nonsense", addr)


@pytest.mark.asyncio
async def test_a_service_that_answers_is_found_once() -> None:
    loop = asyncio.get_running_loop()
    transport, bmc = await loop.create_datagram_endpoint(
        lambda: Bmc(ANSWER), local_addr=("127.0.0.1", 0)
    )
    port = transport.get_extra_info("sockname")[1]

    found = await search(f"127.0.0.1:{port}", wait_seconds=0.3, interface="127.0.0.1")
    transport.close()

    assert found == ("https://10.0.0.7:8443",)
    assert b'MAN: "ssdp:discover"' in bmc.asked[0]
    assert b"ST: urn:dmtf-org:service:redfish-rest:1" in bmc.asked[0]


@pytest.mark.asyncio
async def test_nobody_answering_is_an_empty_answer() -> None:
    assert await search("127.0.0.1:9", wait_seconds=0.05) == ()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("target", "interface"), [("nowhere", None), ("127.0.0.1:9", "203.0.113.1")]
)
async def test_a_wrong_setting_is_a_clear_error(target: str, interface: str | None) -> None:
    with pytest.raises(InvalidInput, match="SSDP"):
        await search(target, wait_seconds=0.05, interface=interface)


@pytest.mark.parametrize(
    "datagram",
    [
        ANSWER.replace(b"redfish-rest", b"printer"),
        ANSWER.replace(b"200 OK", b"404 No"),
        ANSWER.replace(b"https://10.0.0.7:8443/redfish/v1/", b"javascript:alert(1)"),
        ANSWER.replace(b"https://10.0.0.7", b"https://user:secret@10.0.0.7"),
        ANSWER + b"x" * 5000,
        b"",
    ],
)
def test_what_is_no_redfish_answer_is_ignored(datagram: bytes) -> None:
    assert parse_answer(datagram) is None


@given(st.binary(max_size=2000))
def test_no_datagram_breaks_the_parser(datagram: bytes) -> None:
    assert parse_answer(datagram) is None


@given(st.binary(max_size=200))
def test_no_location_breaks_the_parser(location: bytes) -> None:
    parse_answer(ANSWER.replace(b"https://10.0.0.7:8443/redfish/v1/", location))
