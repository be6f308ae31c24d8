"""The cables of a fleet: which switch port hears which NIC, which outlet feeds which supply.

One table says it all, and both ends are built from it, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from fleetd_emulators.devices.pdu import Feed, Pdu
from fleetd_emulators.devices.resources import Identity
from fleetd_emulators.devices.switch import Switch, SwitchPort
from fleetd_emulators.hardware import Neighbour, Server
from fleetd_emulators.servers.catalogue import wired

SWITCH_PORTS: Final = 48
OUTLETS: Final = 24
SERVER_UNITS: Final = 2
SERVERS_A_RACK: Final = 18
PORT_SPEED_MBPS: Final = 25_000

End = TypeVar("End")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cable:
    """A network cable: a server's MAC at one end, a switch's port at the other."""

    server: str
    mac: str
    speed_mbps: int
    switch: int
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cord:
    """A power cord: a server's supply by its bay, and a PDU's outlet by its number."""

    server: str
    bay: str
    pdu: int
    outlet: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """Every cable and cord of the fleet; switches and PDUs are counted from 0."""

    cables: tuple[Cable, ...] = ()
    cords: tuple[Cord, ...] = ()
    switches: tuple[Identity, ...] = ()
    pdus: tuple[Identity, ...] = field(default=())


def place(nth: int) -> tuple[str, int]:
    """Rack and lowest unit of the fleet's nth server, from 0."""
    rack, position = divmod(nth, SERVERS_A_RACK)
    return f"R{rack + 1:02d}", position * SERVER_UNITS + 1


def port_name(port: int) -> str:
    """What a switch calls its port towards LLDP neighbours."""
    return f"Ethernet1/{port}"


def racks(servers: int) -> int:
    """How many racks so many servers fill; there is always one."""
    return max(1, -(-servers // SERVERS_A_RACK))


def wire(
    servers: Sequence[Server], switches: Sequence[Identity], pdus: Sequence[Identity]
) -> Wiring:
    """Plug in every NIC port and supply, in the server's own rack, while room lasts.

    A server whose rack has no switch or PDU is plugged into another rack's.
    """
    nics = [
        (server, port)
        for server in servers
        for adapter in server.adapters
        for port in adapter.ports
        if port.link_up
    ]
    supplies = [(server, supply) for server in servers for supply in server.power_supplies]
    return Wiring(
        cables=tuple(
            Cable(
                server=server.name,
                mac=nic.mac,
                speed_mbps=nic.speed_mbps,
                switch=switch,
                port=number,
            )
            for server, nic, switch, number in _plugged(nics, switches, SWITCH_PORTS)
        ),
        cords=tuple(
            Cord(server=server.name, bay=supply.bay, pdu=pdu, outlet=number)
            for server, supply, pdu, number in _plugged(supplies, pdus, OUTLETS)
        ),
        switches=tuple(switches),
        pdus=tuple(pdus),
    )


def _plugged(
    ends: Iterable[tuple[Server, End]], devices: Sequence[Identity], places: int
) -> Iterator[tuple[Server, End, int, int]]:
    """Each end with the device and the place it gets: the emptiest device, its next place."""
    taken = [0] * len(devices)
    for server, end in ends:
        near = [number for number, device in enumerate(devices) if device.rack == server.rack]
        free = [number for number in near or range(len(devices)) if taken[number] < places]
        if free:
            device = min(free, key=lambda number: taken[number])
            taken[device] += 1
            yield server, end, device, taken[device]


def plug_in(server: Server, wiring: Wiring) -> Server:
    """The server with its ends of the cables and cords."""
    neighbours = {
        cable.mac: Neighbour(
            chassis_id=wiring.switches[cable.switch].mac,
            port_id=port_name(cable.port),
            system_name=wiring.switches[cable.switch].name,
        )
        for cable in wiring.cables
        if cable.server == server.name
    }
    outlets = {
        cord.bay: f"{wiring.pdus[cord.pdu].name}/{cord.outlet}"
        for cord in wiring.cords
        if cord.server == server.name
    }
    return wired(server, neighbours, outlets)


def switch(number: int, wiring: Wiring) -> Switch:
    """The switch with its ends of the cables."""
    identity = wiring.switches[number]
    cables = {cable.port: cable for cable in wiring.cables if cable.switch == number}
    return Switch(
        identity=identity,
        ports=tuple(
            _switch_port(port, cables.get(port), identity) for port in range(1, SWITCH_PORTS + 1)
        ),
    )


def _switch_port(port: int, cable: Cable | None, identity: Identity) -> SwitchPort:
    neighbour = None
    if cable is not None:
        neighbour = Neighbour(chassis_id=cable.mac, port_id=cable.mac, system_name=cable.server)
    first, last = identity.mac[:-2], int(identity.mac[-2:], 16)
    return SwitchPort(
        number=port,
        name=port_name(port),
        mac=f"{first}{(last + port) % 256:02x}",
        speed_mbps=PORT_SPEED_MBPS if cable is None else cable.speed_mbps,
        neighbour=neighbour,
    )


def pdu(number: int, wiring: Wiring, feeds: dict[tuple[str, str], Feed]) -> Pdu:
    """The PDU with its ends of the cords; ``feeds`` is by server and bay."""
    return Pdu(
        identity=wiring.pdus[number],
        outlets=OUTLETS,
        feeds={
            cord.outlet: feeds[cord.server, cord.bay] for cord in wiring.cords if cord.pdu == number
        },
    )
