"""Switches that are devices and switches inside of them, with their ports."""

from __future__ import annotations

from typing import Any

import pytest

from fleetd.domain.device import Component, ComponentKind, Description
from fleetd.driverkit.registry import Registry
from tests.support.trees import TreeReader, captured, captures, read

ROOT = "/redfish/v1"


def ref(path: str) -> dict[str, str]:
    return {"@odata.id": f"{ROOT}/{path}"}


def fabric(hosts: int, *, port: dict[str, Any] | None = None, **switch: Any) -> dict[str, Any]:
    """So many hosts, each in a chassis of its own, beside one switch with one port."""
    ports = "Fabrics/1/Switches/1/Ports"
    names = [f"N{number}" for number in range(hosts)]
    tree: dict[str, Any] = {
        "": {"Systems": ref("Systems"), "Chassis": ref("Chassis"), "Fabrics": ref("Fabrics")},
        "Systems": {"Members": [ref(f"Systems/{name}") for name in names]},
        "Chassis": {"Members": [ref(f"Chassis/{name}") for name in names]},
        "Fabrics": {"Members": [ref("Fabrics/1")]},
        "Fabrics/1": {"Switches": ref("Fabrics/1/Switches")},
        "Fabrics/1/Switches": {"Members": [ref("Fabrics/1/Switches/1")]},
        "Fabrics/1/Switches/1": {"Ports": ref(ports), **switch},
        ports: {"Members": [ref(f"{ports}/1")]},
        f"{ports}/1": {"PortId": "1", **(port or {})},
    }
    for name in names:
        tree[f"Systems/{name}"] = {
            "SerialNumber": name,
            "Boot": {"BootSourceOverrideTarget": "None"},
            "Links": {"Chassis": [ref(f"Chassis/{name}")]},
        }
        tree[f"Chassis/{name}"] = {"ChassisType": "RackMount"}
    return {f"{ROOT}/{path}".rstrip("/"): body for path, body in tree.items()}


async def devices(tree: dict[str, Any], registry: Registry) -> tuple[Description, ...]:
    return (await read(TreeReader(tree), registry)).descriptions


def parts(device: Description, kind: ComponentKind) -> list[Component]:
    return [part for part in device.components if part.kind is kind]


def kinds(found: tuple[Description, ...]) -> list[str]:
    return [str(device.kind) for device in found]


@pytest.mark.asyncio
async def test_the_chips_inside_a_server_are_parts_of_it_with_their_ports(
    registry: Registry,
) -> None:
    chip = {"SwitchType": "NVLink", "Model": "NVSwitch", "FirmwareVersion": "96.1"}

    (server,) = await devices(
        fabric(1, port={"PortProtocol": "NVLink", "ActiveWidth": 2}, **chip), registry
    )

    (switch,) = parts(server, ComponentKind.SWITCH)
    assert (switch.model, switch.firmware_version) == ("NVSwitch", "96.1")
    assert switch.attributes == {"switch_type": "NVLink", "port_count": 1}
    (port,) = parts(server, ComponentKind.PORT)
    assert port.attributes == {
        "number": "1",
        "switch": switch.key,
        "protocol": "NVLink",
        "lanes": 2,
    }
    assert server.identity.macs == ()


@pytest.mark.asyncio
async def test_the_only_server_has_the_chips_though_it_does_not_say_how_it_starts(
    registry: Registry,
) -> None:
    tree = fabric(1, SwitchType="CXL")
    del tree[f"{ROOT}/Systems/N0"]["Boot"]

    (server,) = await devices(tree, registry)

    assert len(parts(server, ComponentKind.PORT)) == 1


@pytest.mark.asyncio
async def test_a_chip_in_the_chassis_of_one_of_several_servers_is_that_one_s(
    registry: Registry,
) -> None:
    chip: dict[str, Any] = {
        "SwitchType": "PCIe",
        "SerialNumber": "X",
        "Links": {"Chassis": ref("Chassis/N1")},
    }

    found = await devices(fabric(2, **chip), registry)

    assert kinds(found) == ["server", "server"]
    assert [len(parts(device, ComponentKind.SWITCH)) for device in found] == [0, 1]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "switch", [{"SwitchType": "SAS", "SerialNumber": "S1"}, {"SwitchType": "CXL"}]
)
async def test_what_several_servers_share_is_a_switch_of_its_own(
    switch: dict[str, Any], registry: Registry
) -> None:
    found = await devices(fabric(2, **switch), registry)

    assert kinds(found) == ["server", "server", "switch"]
    assert len(parts(found[2], ComponentKind.PORT)) == 1


@pytest.mark.asyncio
async def test_a_port_tells_its_link_its_module_and_its_neighbour(registry: Registry) -> None:
    port = {
        "PortProtocol": "Ethernet",
        "PortType": "BidirectionalPort",
        "Width": 4,
        "FirstLane": 0,
        "LinkState": "Disabled",
        "MaxFrameSize": 9216,
        "SFP": {"Type": "QSFP28", "Manufacturer": "M", "PartNumber": "P", "SerialNumber": "T1"},
        "Ethernet": {
            "LLDPReceive": {
                "ChassisId": "02-00-00-00-00-01",
                "ChassisIdSubtype": "MacAddr",
                "PortId": "Eth1",
                "PortIdSubtype": "IfName",
                "SystemName": "spine-1",
                "SystemDescription": "Network OS 4",
            }
        },
    }

    (switch,) = await devices(
        fabric(0, port=port, SwitchType="Ethernet", SerialNumber="S1"), registry
    )

    (found,) = parts(switch, ComponentKind.PORT)
    assert found.attributes == {
        "number": "1",
        "protocol": "Ethernet",
        "port_type": "BidirectionalPort",
        "lanes": 4,
        "first_lane": 0,
        "enabled": False,
        "mtu_bytes": 9216,
        "transceiver_type": "QSFP28",
        "transceiver_manufacturer": "M",
        "transceiver_part_number": "P",
        "transceiver_serial": "T1",
        "neighbour_chassis_id": "02:00:00:00:00:01",
        "neighbour_port_id": "Eth1",
        "neighbour_system_name": "spine-1",
        "neighbour_system_description": "Network OS 4",
    }


@pytest.mark.asyncio
async def test_an_empty_cage_has_no_transceiver(registry: Registry) -> None:
    port = {"SFP": {"Type": "QSFP28", "Status": {"State": "Absent"}}}

    (switch,) = await devices(fabric(0, port=port, SerialNumber="S1"), registry)

    assert parts(switch, ComponentKind.PORT)[0].attributes == {"number": "1"}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("name", "switches", "ports"),
    [
        ("nvidia-dgxh100-ami-23.11.20-libredfish", 13, 165),
        ("cisco-cimc-4.1.3d-c240m5sx-iserver", 1, 26),
        ("nvidia-nvlinkswitch-n5110ld-88.0002-libredfish", 2, 0),
    ],
)
async def test_the_chips_of_a_captured_machine_are_all_found(
    name: str, switches: int, ports: int, registry: Registry
) -> None:
    if name not in captures():
        pytest.skip("this tree isn't here")

    (device, *_) = (await read(TreeReader(captured(name)), registry)).descriptions

    inner = [one for one in parts(device, ComponentKind.PORT) if "switch" in one.attributes]
    assert len(parts(device, ComponentKind.SWITCH)) == switches
    assert len(inner) == ports
