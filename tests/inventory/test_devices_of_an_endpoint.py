"""What stands at an endpoint: which resources are devices, and which are parts of one."""

from __future__ import annotations

from typing import Any

import pytest

from fleetd.domain.device import Component, ComponentKind, Description, Health, PowerState
from fleetd.driverkit.registry import Registry
from tests.support.trees import TreeReader, read

ROOT = "/redfish/v1"
Tree = dict[str, dict[str, Any]]


def ref(path: str) -> dict[str, str]:
    return {"@odata.id": f"{ROOT}/{path}"}


def service(**resources: dict[str, Any]) -> Tree:
    """A tree from resources by path (``__`` for slashes); their collections come by themselves."""
    tree: Tree = {ROOT: {"RedfishVersion": "1.15.0"}}
    for name, body in resources.items():
        path = name.replace("__", "/")
        tree[f"{ROOT}/{path}"] = {"@odata.id": f"{ROOT}/{path}", **body}
        holder, _, _ = path.rpartition("/")
        if holder and len(path.split("/")) % 2 == 0:
            members = tree.setdefault(f"{ROOT}/{holder}", {"Members": []})
            members.setdefault("Members", []).append(ref(path))
        if len(path.split("/")) == 2:
            tree[ROOT][holder] = ref(holder)
    return tree


async def devices(registry: Registry, **resources: dict[str, Any]) -> tuple[Description, ...]:
    return (await read(TreeReader(service(**resources)), registry)).descriptions


def kinds(found: tuple[Description, ...]) -> list[tuple[str, str | None]]:
    return [(str(item.kind), item.identity.serial) for item in found]


def parts(device: Description, kind: ComponentKind) -> list[Component]:
    return [part for part in device.components if part.kind is kind]


def system(serial: str | None = None, *chassis: str, **more: Any) -> dict[str, Any]:
    return {
        "SerialNumber": serial,
        "Boot": {"BootSourceOverrideTarget": "None"},
        "Links": {"Chassis": [ref(f"Chassis/{name}") for name in chassis]},
        **more,
    }


def frame(kind: str, serial: str | None = None, **more: Any) -> dict[str, Any]:
    return {"ChassisType": kind, "SerialNumber": serial, **more}


@pytest.mark.asyncio
async def test_a_server_s_own_chassis_is_a_part_of_it(registry: Registry) -> None:
    (server,) = await devices(
        registry,
        Systems__1=system(None, "1"),
        Chassis__1=frame("RackMount", "SN1", Model="R1", AssetTag="A7"),
    )

    assert (server.identity.serial, server.identity.model, server.asset_tag) == ("SN1", "R1", "A7")
    assert server.name == "SN1"


@pytest.mark.asyncio
async def test_blades_and_their_enclosure_are_devices_of_their_own(registry: Registry) -> None:
    found = await devices(
        registry,
        Systems__1=system("B1", "Blade1"),
        Systems__2=system("B2", "Blade2"),
        Chassis__Blade1=frame("Blade", "B1", Links={"ContainedBy": ref("Chassis/Encl")}),
        Chassis__Blade2=frame("Blade", "B2", Links={"ContainedBy": ref("Chassis/Encl")}),
        Chassis__Encl=frame("Enclosure", "E1"),
    )

    assert kinds(found) == [("server", "B1"), ("server", "B2"), ("chassis", "E1")]


@pytest.mark.asyncio
@pytest.mark.parametrize("serial", [None, "B1"])
async def test_an_enclosure_without_a_serial_of_its_own_is_a_part_of_the_one_server_in_it(
    serial: str | None, registry: Registry
) -> None:
    found = await devices(
        registry,
        Systems__1=system("B1", "Blade1"),
        Chassis__Blade1=frame("Blade", "B1", Links={"ContainedBy": ref("Chassis/Encl")}),
        Chassis__Encl=frame("Enclosure", serial),
    )

    assert kinds(found) == [("server", "B1")]


@pytest.mark.asyncio
async def test_an_enclosure_with_one_blade_left_stays_a_device(registry: Registry) -> None:
    found = await devices(
        registry,
        Systems__1=system("B1", "Blade1"),
        Chassis__Blade1=frame("Blade", "B1", Links={"ContainedBy": ref("Chassis/Encl")}),
        Chassis__Encl=frame("Enclosure", "E1"),
    )

    assert kinds(found) == [("server", "B1"), ("chassis", "E1")]


@pytest.mark.asyncio
async def test_an_expansion_box_beside_a_server_is_a_device(registry: Registry) -> None:
    found = await devices(
        registry,
        Systems__1=system("S1", "1"),
        Chassis__1=frame("RackMount", "S1"),
        Chassis__Jbod=frame("Enclosure", "J1", Model="J"),
    )

    assert kinds(found) == [("server", "S1"), ("chassis", "J1")]


@pytest.mark.asyncio
async def test_the_only_server_takes_the_boards_that_nobody_links(registry: Registry) -> None:
    (server,) = await devices(
        registry,
        Systems__1=system("S1"),
        Chassis__Riser=frame("Card", "C1", Power=ref("Chassis/Riser/Power")),
        Chassis__Riser__Power={"PowerSupplies": [{"Model": "P1"}]},
    )

    assert server.identity.serial == "S1"
    assert [part.model for part in parts(server, ComponentKind.PSU)] == ["P1"]


@pytest.mark.asyncio
async def test_a_serial_or_uuid_that_two_nodes_share_tells_neither(registry: Registry) -> None:
    uuid = "11111111-2222-4333-8444-555555555555"

    found = await devices(
        registry,
        Systems__Node0=system("BLADE7", UUID=uuid),
        Systems__Node1=system("BLADE7", UUID=uuid),
        Chassis__Node0=frame("Module"),
        Chassis__Node1=frame("Module"),
    )

    assert [item.identity.serial for item in found] == [None, None]
    assert [item.identity.uuid for item in found] == [None, None]
    assert [item.name for item in found] == ["BLADE7 Node0", "BLADE7 Node1"]


@pytest.mark.asyncio
async def test_a_baseboard_of_accelerators_is_a_part_of_the_host(registry: Registry) -> None:
    (server,) = await devices(
        registry,
        Systems__Host=system("S1", Processors=ref("Systems/Host/Processors")),
        Systems__Host__Processors__0={"ProcessorType": "CPU", "Model": "Xeon"},
        Systems__Board={"SerialNumber": "X", "Processors": ref("Systems/Board/Processors")},
        Systems__Board__Processors__0={"ProcessorType": "CPU", "Model": "Xeon"},
        Systems__Board__Processors__1={"ProcessorType": "GPU", "Model": "H1"},
    )

    assert server.identity.serial == "S1"
    assert len(parts(server, ComponentKind.PROCESSOR)) == 1
    assert [part.model for part in parts(server, ComponentKind.GPU)] == ["H1"]
    assert server.architecture == "x86_64"


@pytest.mark.asyncio
async def test_a_system_without_processors_beside_switches_is_the_switch(
    registry: Registry,
) -> None:
    (switch,) = await devices(
        registry,
        Systems__1=system(
            "SW1", ProcessorSummary={"Count": 0}, MemorySummary={"TotalSystemMemoryGiB": 0}
        ),
        Fabrics__1={"Switches": ref("Fabrics/1/Switches")},
        Fabrics__1__Switches__1={
            "SwitchType": "NVLink",
            "Ports": ref("Fabrics/1/Switches/1/Ports"),
        },
        Fabrics__1__Switches__1__Ports__7={"PortId": "7", "LinkStatus": "LinkUp"},
    )

    assert (str(switch.kind), switch.identity.serial) == ("switch", "SW1")
    (port,) = parts(switch, ComponentKind.PORT)
    assert port.attributes == {"number": "7", "link_up": True, "switch": "Fabrics/1/Switches/1"}


@pytest.mark.asyncio
async def test_switches_inside_a_server_are_not_devices(registry: Registry) -> None:
    found = await devices(
        registry,
        Systems__1=system("S1"),
        Fabrics__1={"Switches": ref("Fabrics/1/Switches")},
        Fabrics__1__Switches__1={"SwitchType": "PCIe", "SerialNumber": "P1"},
        Fabrics__1__Switches__2={"SwitchType": "MultiProtocol", "Model": "Backplane"},
    )

    assert kinds(found) == [("server", "S1")]


@pytest.mark.asyncio
async def test_a_chassis_with_network_adapters_and_no_system_is_a_switch(
    registry: Registry,
) -> None:
    adapters = "Chassis/1/NetworkAdapters"

    (switch,) = await devices(
        registry,
        Chassis__1=frame("RackMount", "SW1", NetworkAdapters=ref(adapters)),
        Chassis__1__NetworkAdapters__1={"Ports": ref(f"{adapters}/1/Ports")},
        Chassis__1__NetworkAdapters__1__Ports__1={"PortId": "1", "CurrentSpeedGbps": 25},
    )

    assert (str(switch.kind), switch.identity.serial) == ("switch", "SW1")
    assert [part.attributes["speed_mbps"] for part in parts(switch, ComponentKind.PORT)] == [25000]


@pytest.mark.asyncio
async def test_a_power_shelf_and_a_cooling_unit_are_devices(registry: Registry) -> None:
    shelf, unit = "PowerEquipment/PowerShelves", "ThermalEquipment/CDUs"
    tree = service(Chassis__Rack=frame("Rack"))
    tree[ROOT] |= {
        "PowerEquipment": ref("PowerEquipment"),
        "ThermalEquipment": ref("ThermalEquipment"),
    }
    bodies: Tree = {
        "PowerEquipment": {"PowerShelves": ref(shelf)},
        shelf: {"Members": [ref(f"{shelf}/1")]},
        f"{shelf}/1": {"SerialNumber": "PS1", "PowerSupplies": ref(f"{shelf}/1/PowerSupplies")},
        f"{shelf}/1/PowerSupplies": {"Members": [ref(f"{shelf}/1/PowerSupplies/1")]},
        f"{shelf}/1/PowerSupplies/1": {"Model": "P3000", "PowerCapacityWatts": "3000"},
        "ThermalEquipment": {"CDUs": ref(unit)},
        unit: {"Members": [ref(f"{unit}/1")]},
        f"{unit}/1": {"SerialNumber": "C1", "Status": {"Health": "Warning"}},
    }
    tree |= {f"{ROOT}/{path}": body for path, body in bodies.items()}

    found = (await read(TreeReader(tree), registry)).descriptions

    assert kinds(found) == [("pdu", "PS1"), ("cooling", "C1")]
    (supply,) = parts(found[0], ComponentKind.PSU)
    assert supply.attributes["capacity_watts"] == 3000
    assert found[1].health is Health.WARNING


@pytest.mark.asyncio
async def test_storage_in_one_enclosure_is_one_array(registry: Registry) -> None:
    enclosure = {"Links": {"Enclosures": [ref("Chassis/1")]}}

    (array,) = await devices(
        registry,
        Storage__A={**enclosure, "Controllers": ref("Storage/A/Controllers")},
        Storage__A__Controllers__1={"Model": "Ctl", "SerialNumber": "CA"},
        Storage__B=enclosure,
        StorageServices__1={},
        Chassis__1=frame("StorageEnclosure", "AR1", PowerState="On"),
    )

    assert (str(array.kind), array.identity.serial) == ("storage", "AR1")
    assert array.power_state is PowerState.ON
    assert [part.serial for part in parts(array, ComponentKind.STORAGE_CONTROLLER)] == ["CA"]


@pytest.mark.asyncio
async def test_storage_that_a_system_owns_is_no_array(registry: Registry) -> None:
    found = await devices(
        registry,
        Systems__1=system("S1", Storage=ref("Storage")),
        Storage__1={"StorageControllers": {"Model": "Ctl"}},
    )

    assert kinds(found) == [("server", "S1")]
    assert [part.model for part in parts(found[0], ComponentKind.STORAGE_CONTROLLER)] == ["Ctl"]


@pytest.mark.asyncio
async def test_simple_storage_is_read_where_there_is_no_other(registry: Registry) -> None:
    (server,) = await devices(
        registry,
        Systems__1=system("S1", SimpleStorage=ref("Systems/1/SimpleStorage")),
        Systems__1__SimpleStorage__1={
            "Name": "SATA",
            "Devices": [
                {"Name": "Disk 0", "Model": "D1", "CapacityBytes": 10},
                {"Name": "Disk 1", "Status": {"State": "Absent"}},
            ],
        },
    )

    assert [part.model for part in parts(server, ComponentKind.DRIVE)] == ["D1"]


@pytest.mark.asyncio
async def test_the_bmc_s_own_interfaces_are_no_ports_of_the_host(registry: Registry) -> None:
    (server,) = await devices(
        registry,
        Systems__1=system("S1", EthernetInterfaces=ref("Systems/1/EthernetInterfaces")),
        Systems__1__EthernetInterfaces__1={"MACAddress": "AA-BB-CC-00-00-01"},
        Systems__1__EthernetInterfaces__2={"MACAddress": "aa:bb:cc:00:00:ff"},
        Managers__1={
            "FirmwareVersion": "1.0",
            "UUID": "ignored",
            "EthernetInterfaces": ref("Managers/1/EthernetInterfaces"),
        },
        Managers__1__EthernetInterfaces__1={"MACAddress": "AA:BB:CC:00:00:FF", "HostName": "bmc"},
    )

    assert server.identity.macs == ("aa:bb:cc:00:00:01",)
    (bmc,) = parts(server, ComponentKind.BMC)
    assert bmc.attributes["macs"] == ["aa:bb:cc:00:00:ff"]
    assert bmc.attributes["hostname"] == "bmc"


@pytest.mark.asyncio
async def test_partitions_of_a_port_are_ports_with_their_own_macs(registry: Registry) -> None:
    card = "Chassis/1/NetworkAdapters/1"
    port = {"Links": {"PhysicalPortAssignment": ref(f"{card}/Ports/1")}}

    (server,) = await devices(
        registry,
        Systems__1=system("S1", "1"),
        Chassis__1=frame("RackMount", NetworkAdapters=ref("Chassis/1/NetworkAdapters")),
        Chassis__1__NetworkAdapters__1={
            "Ports": ref(f"{card}/Ports"),
            "NetworkDeviceFunctions": ref(f"{card}/NetworkDeviceFunctions"),
        },
        Chassis__1__NetworkAdapters__1__Ports__1={"PortId": "1"},
        Chassis__1__NetworkAdapters__1__NetworkDeviceFunctions__1={
            **port,
            "Ethernet": {"MACAddress": "02:00:00:00:00:01"},
            "BootMode": "PXE",
        },
        Chassis__1__NetworkAdapters__1__NetworkDeviceFunctions__2={
            **port,
            "Ethernet": {"MACAddress": "02:00:00:00:00:02"},
        },
    )

    ports = parts(server, ComponentKind.PORT)
    assert [item.attributes["mac"] for item in ports] == ["02:00:00:00:00:01", "02:00:00:00:00:02"]
    assert [item.attributes.get("number") for item in ports] == ["1", "1"]
    assert ports[0].attributes["pxe_enabled"] is True


@pytest.mark.asyncio
async def test_firmware_of_another_machine_at_the_endpoint_is_not_this_one_s(
    registry: Registry,
) -> None:
    tree = service(Systems__0=system("S0"), Systems__1=system("S1"))
    tree[ROOT]["UpdateService"] = ref("UpdateService")
    inventory = "UpdateService/FirmwareInventory"
    bodies: Tree = {
        "UpdateService": {"FirmwareInventory": ref(inventory)},
        inventory: {"Members": [ref(f"{inventory}/A"), ref(f"{inventory}/B")]},
        f"{inventory}/A": {"Version": "1", "RelatedItem": [ref("Systems/0/Bios")]},
        f"{inventory}/B": {"Version": "2"},
    }
    tree |= {f"{ROOT}/{path}": body for path, body in bodies.items()}

    first, second = (await read(TreeReader(tree), registry)).descriptions

    versions = [
        [part.firmware_version for part in parts(item, ComponentKind.FIRMWARE)]
        for item in (first, second)
    ]
    assert versions == [["1", "2"], ["2"]]


@pytest.mark.asyncio
async def test_two_images_of_one_part_are_both_kept(registry: Registry) -> None:
    tree = service(Systems__0=system("S0"))
    tree[ROOT]["UpdateService"] = ref("UpdateService")
    inventory = "UpdateService/FirmwareInventory"
    bodies: Tree = {
        "UpdateService": {"FirmwareInventory": ref(inventory)},
        inventory: {"Members": [ref(f"{inventory}/SSD-1.5"), ref(f"{inventory}/SSD-1.6")]},
        f"{inventory}/SSD-1.5": {"Version": "1.5"},
        f"{inventory}/SSD-1.6": {"Version": "1.6"},
    }
    tree |= {f"{ROOT}/{path}": body for path, body in bodies.items()}

    (server,) = (await read(TreeReader(tree), registry)).descriptions

    assert [part.key for part in parts(server, ComponentKind.FIRMWARE)] == [
        f"{inventory}/SSD-1.5",
        f"{inventory}/SSD-1.6",
    ]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("serials", "supplies"), [(("P1", "P2"), 2), (("P1", "P1"), 4)], ids=["own", "copied"]
)
async def test_supplies_that_two_chassis_list_are_known_by_serials_of_their_own(
    serials: tuple[str, str], supplies: int, registry: Registry
) -> None:
    listed = {
        "PowerSupplies": [
            {"Name": f"Bay {bay}", "Model": "P", "SerialNumber": serial}
            for bay, serial in enumerate(serials)
        ]
    }
    links = {"ComputerSystems": [ref("Systems/1")]}

    (server,) = await devices(
        registry,
        Systems__1=system("S1"),
        Chassis__A=frame("Tray", "A", Power=ref("Chassis/A/Power"), Links=links),
        Chassis__A__Power=listed,
        Chassis__B=frame("Tray", "B", Power=ref("Chassis/B/Power"), Links=links),
        Chassis__B__Power=listed,
    )

    assert len(parts(server, ComponentKind.PSU)) == supplies
