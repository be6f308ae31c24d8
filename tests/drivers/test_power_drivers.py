"""Power shelves, rack switches and Cray's controllers, as their makers let them answer."""

from __future__ import annotations

from typing import Any

import pytest

from fleetd.domain.device import Component, ComponentKind, Description
from fleetd.driverkit.registry import Registry
from fleetd_drivers.accton import port_of_switch_port
from tests.support.trees import TreeReader, captured, captures, read

ROOT = "/redfish/v1"
Tree = dict[str, dict[str, Any]]


def ref(path: str) -> dict[str, str]:
    return {"@odata.id": f"{ROOT}/{path}"}


def members(*paths: str) -> dict[str, Any]:
    return {"Members": [ref(path) for path in paths]}


async def devices(tree: Tree, registry: Registry) -> tuple[str, tuple[Description, ...]]:
    found = {f"{ROOT}/{path}".rstrip("/"): body for path, body in tree.items()}
    reading = await read(TreeReader(found), registry)
    return reading.driver, reading.descriptions


def parts(device: Description, kind: ComponentKind) -> list[Component]:
    return [part for part in device.components if part.kind is kind]


def shelf(*, manufacturer: str, name: str, kind: str, supply: dict[str, Any]) -> Tree:
    """A shelf as both makers show it: a chassis with one supply, and no PowerEquipment."""
    plate = {"Manufacturer": manufacturer, "Model": "M1", "SerialNumber": "SH1", "PowerState": "On"}
    chassis = f"Chassis/{name}"
    supplies = f"{chassis}/PowerSubsystem/PowerSupplies"
    return {
        "": {"RedfishVersion": "1.9.0", "Chassis": ref("Chassis")},
        "Chassis": members(chassis),
        chassis: {
            **plate,
            "ChassisType": kind,
            "Status": {"State": "Standby", "Health": "OK"},
            "PowerSubsystem": ref(f"{chassis}/PowerSubsystem"),
        },
        f"{chassis}/PowerSubsystem": {"PowerSupplies": ref(supplies)},
        supplies: {"Members": [{**ref(f"{supplies}/0"), **supply}]},
    }


@pytest.mark.asyncio
async def test_a_lite_on_shelf_is_one_device_with_its_supplies(registry: Registry) -> None:
    tree = shelf(
        manufacturer="LITE-ON TECHNOLOGY CORP.",
        name="powershelf",
        kind="Shelf",
        supply={
            "Model": "SP-1",
            "SerialNumber": "PS0",
            "CapacityWatts": "5500",
            "Location": {"ServiceLabel": "PSU 0", "LocationType": "Bay"},
            "Status": {"State": "Standby", "Health": "OK"},
        },
    )
    twin = {**tree["Chassis/powershelf"], "PowerSubsystem": ref("Chassis/PowerShelf_0/Power")}
    tree["Chassis/PowerShelf_0"] = twin
    tree["Chassis"] = members("Chassis/PowerShelf_0", "Chassis/powershelf")

    driver, (device,) = await devices(tree, registry)

    assert (driver, str(device.kind), device.identity.serial) == ("liteon.powershelf", "pdu", "SH1")
    (supply,) = parts(device, ComponentKind.PSU)
    assert (supply.serial, supply.location) == ("PS0", "PSU 0")
    assert supply.attributes["capacity_watts"] == 5500


@pytest.mark.asyncio
async def test_a_delta_shelf_takes_alternating_current(registry: Registry) -> None:
    tree = shelf(
        manufacturer="DELTA",
        name="PowerShelf_0",
        kind="RackMount",
        supply={
            "Model": "ECD1",
            "SerialNumber": "PS1",
            "PowerCapacityWatts": 5504,
            "PowerSupplyType": "DC",
            "InputNominalVoltageType": "AC200To240V",
        },
    )

    driver, (device,) = await devices(tree, registry)

    assert (driver, str(device.kind)) == ("delta.powershelf", "pdu")
    (supply,) = parts(device, ComponentKind.PSU)
    assert supply.attributes["input_type"] == "AC"


def rack_scale_switch(**port: Any) -> Tree:
    links = {"Chassis": [ref("Chassis/1")]}
    return {
        "": {
            "Systems": ref("Systems"),
            "Chassis": ref("Chassis"),
            "Managers": ref("Managers"),
            "Oem": {"Intel_RackScale": {"EthernetSwitches": ref("EthernetSwitches")}},
        },
        "Systems": members("Systems/1"),
        "Systems/1": {"Boot": {"BootSourceOverrideTarget": "None"}, "Links": links},
        "Chassis": members("Chassis/1"),
        "Chassis/1": {"ChassisType": "Drawer", "SerialNumber": "OLT1"},
        "Managers": members("Managers/1"),
        "Managers/1": {
            "FirmwareVersion": "2.1.3.59.22",
            "Links": {
                "Oem": {"Intel_RackScale": {"ManagerForSwitches": [ref("EthernetSwitches/1")]}}
            },
        },
        "EthernetSwitches": members("EthernetSwitches/1"),
        "EthernetSwitches/1": {
            "Links": {"Chassis": ref("Chassis/1")},
            "Ports": ref("EthernetSwitches/1/Ports"),
        },
        "EthernetSwitches/1/Ports": members("EthernetSwitches/1/Ports/65"),
        "EthernetSwitches/1/Ports/65": {
            "Id": "65",
            "PortId": "Port ID",
            "AdministrativeState": None,
            "TransceiverStatistics": {
                "Serial Number": "APF1",
                "Part Number": "NDAAFF",
                "SFP Vendor Name": "Amphenol",
            },
            **port,
        },
    }


@pytest.mark.asyncio
async def test_a_rack_scale_switch_is_found_with_its_ports(registry: Registry) -> None:
    driver, (device,) = await devices(rack_scale_switch(), registry)

    assert (driver, str(device.kind), device.identity.serial) == ("accton.rsd", "switch", "OLT1")
    (port,) = parts(device, ComponentKind.PORT)
    assert port.attributes == {
        "number": "65",
        "switch": "EthernetSwitches/1",
        "transceiver_manufacturer": "Amphenol",
        "transceiver_part_number": "NDAAFF",
        "transceiver_serial": "APF1",
    }


@pytest.mark.asyncio
async def test_a_rack_scale_port_is_read_in_its_own_words(registry: Registry) -> None:
    tree = rack_scale_switch(
        AdministrativeState="Up",
        OperationalState="Down",
        LinkSpeedMbps=10000,
        NeighborInfo={"SwitchId": "02:00:00:00:00:01", "PortId": "Eth7"},
    )

    _, (device,) = await devices(tree, registry)

    (port,) = parts(device, ComponentKind.PORT)
    assert port.attributes["enabled"] is True
    assert port.attributes["link_up"] is False
    assert port.attributes["speed_mbps"] == 10000
    assert port.attributes["neighbour_chassis_id"] == "02:00:00:00:00:01"
    assert port.attributes["neighbour_port_id"] == "Eth7"


def test_a_port_in_the_standard_s_words_is_left_alone() -> None:
    port = {"LinkState": "Enabled", "LinkStatus": "LinkUp"}

    assert port_of_switch_port(port) is port


def router(**more: Any) -> Tree:
    return {
        "": {"Chassis": ref("Chassis")},
        "Chassis": members("Chassis/Enclosure"),
        "Chassis/Enclosure": {
            "ChassisType": "Enclosure",
            "Manufacturer": "Cray Inc",
            "SerialNumber": "R1",
            "PowerState": "On",
            "Status": {"State": "Absent"},
            **more,
        },
    }


@pytest.mark.asyncio
async def test_a_cray_router_that_runs_is_there(registry: Registry) -> None:
    driver, (device,) = await devices(router(), registry)

    assert (driver, device.identity.serial) == ("cray.controller", "R1")


@pytest.mark.asyncio
async def test_a_cray_enclosure_that_is_off_and_absent_is_not(registry: Registry) -> None:
    _, found = await devices(router(PowerState="Off"), registry)

    assert found == ()


@pytest.mark.asyncio
async def test_a_cray_router_with_adapters_is_a_switch(registry: Registry) -> None:
    adapters = "Chassis/Enclosure/NetworkAdapters"
    tree = router(NetworkAdapters=ref(adapters))
    tree |= {
        adapters: members(f"{adapters}/HPCNet0"),
        f"{adapters}/HPCNet0": {"Model": "Rosetta", "Ports": ref(f"{adapters}/HPCNet0/Ports")},
        f"{adapters}/HPCNet0/Ports": members(f"{adapters}/HPCNet0/Ports/1"),
        f"{adapters}/HPCNet0/Ports/1": {"PortId": "j1", "LinkStatus": "LinkUp"},
    }

    _, (device,) = await devices(tree, registry)

    assert str(device.kind) == "switch"
    assert [port.attributes["number"] for port in parts(device, ComponentKind.PORT)] == ["j1"]


@pytest.mark.asyncio
async def test_rectifiers_are_the_supplies_of_a_cray_chassis(registry: Registry) -> None:
    def supply(number: int) -> dict[str, Any]:
        place = f"{ROOT}/Chassis/Enclosure/Power#/PowerSupplies/{number}"
        return {"@odata.id": place, "Model": "CC1", "SerialNumber": f"S{number}"}

    tree = router(Power=ref("Chassis/Enclosure/Power"))
    tree["Chassis/Enclosure/Power"] = {"PowerSupplies": [supply(400), supply(200), supply(300)]}

    _, (device,) = await devices(tree, registry)

    serials = {part.key[-1]: part.serial for part in parts(device, ComponentKind.PSU)}
    assert serials == {"0": "S200", "1": "S300", "2": "S400"}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("name", "driver", "kinds", "counted", "number"),
    [
        ("accton-asgvolt64-rsd-mockup", "accton.rsd", ["switch"], ComponentKind.PORT, 4),
        ("accton-asgvolt64-rsd-sick", "accton.rsd", ["switch"], ComponentKind.PORT, 4),
        ("liteon-powershelf-pf1333-lambda", "liteon.powershelf", ["pdu"], ComponentKind.PSU, 6),
        ("delta-powershelf-ahe50v-lambda", "delta.powershelf", ["pdu"], ComponentKind.PSU, 6),
        ("hpecray-cmm-csm", "cray.controller", ["chassis"], ComponentKind.PSU, 4),
    ],
)
async def test_a_captured_one_is_known_exactly(
    name: str,
    driver: str,
    kinds: list[str],
    counted: ComponentKind,
    number: int,
    registry: Registry,
) -> None:
    if name not in captures():
        pytest.skip("this tree isn't here")

    reading = await read(TreeReader(captured(name)), registry)

    assert (reading.driver, [str(item.kind) for item in reading.descriptions]) == (driver, kinds)
    assert len(parts(reading.descriptions[0], counted)) == number
