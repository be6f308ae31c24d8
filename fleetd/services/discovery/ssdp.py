"""SSDP search for Redfish services.

Source: DSP0266 'Discovery' (UPnP Device Architecture's M-SEARCH; the search target is
``urn:dmtf-org:service:redfish-rest:1``). Announcements (NOTIFY) are not listened to.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Final
from urllib.parse import urlsplit

from fleetd.domain.endpoint import normal_address
from fleetd.domain.errors import InvalidInput

SEARCH_TARGET: Final = "urn:dmtf-org:service:redfish-rest:1"
_MAX_DATAGRAM: Final = 4_096
_MAX_SERVICES: Final = 10_000
_TTL: Final = 2


def parse_answer(datagram: bytes) -> str | None:
    """The service's address from a search answer's AL (or Location) header; None if it's another's.

    Whatever else is in the datagram is ignored: it comes from anybody on the network.
    """
    if len(datagram) > _MAX_DATAGRAM:
        return None
    lines = datagram.decode("ascii", errors="replace").splitlines()
    if not lines or not lines[0].startswith("HTTP/1.1 200"):
        return None
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    if not headers.get("st", "").startswith("urn:dmtf-org:service:redfish-rest"):
        return None
    location = headers.get("al") or headers.get("location") or ""
    parts = urlsplit(location)
    try:
        return normal_address(f"{parts.scheme}://{parts.netloc}")
    except InvalidInput:
        return None


class _Search(asyncio.DatagramProtocol):
    """Collects the addresses that answer one search."""

    def __init__(self) -> None:
        self.found: dict[str, None] = {}

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        address = parse_answer(data)
        if address is not None and len(self.found) < _MAX_SERVICES:
            self.found[address] = None


async def search(
    target: str, *, wait_seconds: float, interface: str | None = None
) -> tuple[str, ...]:
    """Ask the network for Redfish services and collect who answers in time.

    Args:
        target: ``group:port`` to send to; a unicast address asks one device.
        wait_seconds: How long answers are collected; also the MX that is asked for.
        interface: Local address whose interface multicasts.

    Raises:
        InvalidInput: The target is no ``address:port``, or the interface isn't this host's.
    """
    host, _, port = target.rpartition(":")
    if not host or not port.isdigit():
        raise InvalidInput(f"SSDP target {target!r} is not address:port")
    loop = asyncio.get_running_loop()
    outgoing = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        outgoing.settimeout(0)  # non-blocking, as asyncio wants it
        outgoing.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _TTL)
        if interface is not None:
            outgoing.setsockopt(
                socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface)
            )
            outgoing.bind((interface, 0))
        transport, protocol = await loop.create_datagram_endpoint(_Search, sock=outgoing)
    except OSError as error:
        outgoing.close()
        raise InvalidInput(f"SSDP can't search from {interface}: {error.strerror}") from error
    message = (
        "M-SEARCH * HTTP/1.1\r\n"
        f"HOST: {target}\r\n"
        'MAN: "ssdp:discover"\r\n'
        f"MX: {max(1, min(5, int(wait_seconds)))}\r\n"
        f"ST: {SEARCH_TARGET}\r\n\r\n"
    )
    try:
        transport.sendto(message.encode("ascii"), (host, int(port)))
        await asyncio.sleep(wait_seconds)
    finally:
        transport.close()
    return tuple(protocol.found)
