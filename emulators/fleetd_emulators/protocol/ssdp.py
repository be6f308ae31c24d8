"""Answers SSDP searches for all BMCs of a fleet, by unicast on one loopback port.

Real BMCs listen to multicast on port 1900; an emulated fleet takes a free port, so that many
fleets run on one machine, and a search is sent there directly.
Source: DSP0266 "Discovery".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

SERVICE: Final = "urn:dmtf-org:service:redfish-rest:1"
TARGETS: Final = frozenset({"ssdp:all", "urn:dmtf-org:service:redfish-rest", SERVICE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """One Redfish service that a search finds."""

    url: str
    uuid: str


def answers(datagram: bytes, services: Iterable[Announced]) -> list[bytes]:
    """One answer a service to a search for Redfish services; none to anything else."""
    lines = datagram.decode("latin-1").split("\r\n")
    headers = {
        name.strip().upper(): value.strip()
        for name, _, value in (line.partition(":") for line in lines[1:])
    }
    if lines[0] != "M-SEARCH * HTTP/1.1" or headers.get("MAN") != '"ssdp:discover"':
        return []
    if headers.get("ST") not in TARGETS:
        return []
    return [_answer(service) for service in services]


def _answer(service: Announced) -> bytes:
    return (
        "HTTP/1.1 200 OK\r\n"
        "CACHE-CONTROL: max-age=1800\r\n"
        f"ST: {SERVICE}:18\r\n"
        f"USN: uuid:{service.uuid}::{SERVICE}:18\r\n"
        f"AL: {service.url}/redfish/v1/\r\n"
        "EXT:\r\n\r\n"
    ).encode("ascii")


class _Responder(asyncio.DatagramProtocol):
    def __init__(self, services: Callable[[], Iterable[Announced]]) -> None:
        self._services = services
        self.transport: asyncio.DatagramTransport | None = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.transport is not None:
            for answer in answers(data, self._services()):
                self.transport.sendto(answer, addr)


@asynccontextmanager
async def serve_ssdp(services: Callable[[], Iterable[Announced]]) -> AsyncIterator[str]:
    """Answer searches on a free loopback port; gives it as ``address:port``."""
    loop = asyncio.get_running_loop()
    transport, responder = await loop.create_datagram_endpoint(
        lambda: _Responder(services), local_addr=("127.0.0.1", 0)
    )
    responder.transport = transport
    try:
        address, port = transport.get_extra_info("sockname")
        yield f"{address}:{port}"
    finally:
        transport.close()
