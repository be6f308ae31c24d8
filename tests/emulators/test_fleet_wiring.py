from __future__ import annotations

from collections import Counter

from fleetd_emulators import wiring
from fleetd_emulators.devices.catalogue import identity
from fleetd_emulators.hardware import Personality, Server
from fleetd_emulators.servers.catalogue import server


def servers(count: int) -> list[Server]:
    places = [wiring.place(nth) for nth in range(count)]
    return [
        server(Personality.GENERIC, nth, name=f"s{nth}", rack=rack, unit=unit)
        for nth, (rack, unit) in enumerate(places)
    ]


def test_no_two_servers_stand_in_the_same_place() -> None:
    places = [wiring.place(nth) for nth in range(40)]

    assert len(set(places)) == 40
    assert wiring.racks(40) == len({rack for rack, _ in places}) == 3


def test_a_place_takes_one_plug() -> None:
    plugged = wiring.wire(
        servers(18), [identity("switch", 0, "w")], [identity("pdu", n, f"p{n}") for n in (0, 1)]
    )

    assert max(Counter((one.switch, one.port) for one in plugged.cables).values()) == 1
    assert max(Counter((one.pdu, one.outlet) for one in plugged.cords).values()) == 1
    assert max(Counter(one.mac for one in plugged.cables).values()) == 1


def test_the_two_supplies_of_a_server_hang_on_two_pdus() -> None:
    plugged = wiring.wire(servers(12), [], [identity("pdu", n, f"p{n}") for n in (0, 1)])

    feeds = {
        one: {cord.pdu for cord in plugged.cords if cord.server == one} for one in ("s0", "s9")
    }
    assert feeds == {"s0": {0, 1}, "s9": {0, 1}}


def test_a_server_is_cabled_within_its_rack() -> None:
    fleet = servers(20)
    switches = [identity("switch", nth, f"w{nth}", f"R{nth + 1:02d}") for nth in range(2)]

    plugged = wiring.wire(fleet, switches, [])

    racks = {one.name: one.rack for one in fleet}
    assert {one.switch for one in plugged.cables} == {0, 1}
    assert all(switches[one.switch].rack == racks[one.server] for one in plugged.cables)


def test_what_finds_no_room_stays_unplugged() -> None:
    plugged = wiring.wire(servers(18), [], [identity("pdu", 0, "p")])

    assert len(plugged.cords) == wiring.OUTLETS < 36


def test_both_ends_of_a_cable_name_each_other() -> None:
    plain = servers(1)[0]
    plugged = wiring.wire([plain], [identity("switch", 0, "w")], [])

    wired = wiring.plug_in(plain, plugged)
    switch = wiring.switch(0, plugged)

    for nic in (port for adapter in wired.adapters for port in adapter.ports):
        assert nic.neighbour is not None
        port = next(one for one in switch.ports if one.name == nic.neighbour.port_id)
        assert nic.neighbour.chassis_id == switch.identity.mac
        assert port.neighbour is not None
        assert (port.neighbour.port_id, port.neighbour.system_name) == (nic.mac, "s0")
