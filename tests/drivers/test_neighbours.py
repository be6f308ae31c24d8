"""Where a port's neighbour is written, and in what letters."""

from __future__ import annotations

import pytest

from fleetd.driverkit.behaviours.neighbours import neighbour_at
from fleetd.driverkit.documents import Resource


@pytest.mark.parametrize(
    ("said", "subtype", "known_as"),
    [
        ("45:74:68:65:72:6E:65:74:31:2F:33", "IfName", "Ethernet1/3"),
        ("Ethernet1/3", "IfName", "Ethernet1/3"),
        ("B0:7B:25:00:00:10", "MacAddr", "b0:7b:25:00:00:10"),
        ("b0:7b:25:00:00:10", "IfName", "b0:7b:25:00:00:10"),
        ("31:32", "IfName", "12"),
        ("31:32", "NetworkAddr", "31:32"),
    ],
)
def test_a_neighbours_port_is_named_as_its_switch_names_it(
    said: str, subtype: str, known_as: str
) -> None:
    received = {"ChassisId": "aa:bb:cc:00:00:01", "PortId": said, "PortIdSubtype": subtype}

    found = neighbour_at(Resource("/p", {"LLDPReceive": received}), "LLDPReceive")

    assert found is not None
    assert found.port_id == known_as
    assert found.chassis_id == "aa:bb:cc:00:00:01"
