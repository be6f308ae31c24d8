"""The independent count: what is there, by the rules that count.py states."""

from __future__ import annotations

from fleetd.daemon.corpus.complete import gaps
from fleetd.daemon.corpus.count import count
from fleetd.daemon.corpus.item import Item
from fleetd.daemon.corpus.tree import Captured, find_places
from fleetd.daemon.corpus.walk import Reached, walk
from tests.corpus.conftest import ENABLED, ROOT, Bodies, Write, collection, link, resource


def opened(write: Write, bodies: Bodies) -> tuple[Captured, Reached]:
    tree = Captured(find_places(write("one", bodies))[0])
    return tree, walk(tree)


def counted(write: Write, bodies: Bodies) -> dict[str, list[Item]]:
    return count(opened(write, bodies)[1])


def paths(items: list[Item]) -> list[str]:
    return [item.path.removeprefix(f"{ROOT}/") for item in items if not item.optional]


def test_each_thing_that_is_there_counts_once(write: Write, bodies: Bodies) -> None:
    found = counted(write, bodies)

    assert {kind: len(items) for kind, items in found.items() if items} == {
        "processors": 1,
        "memory": 1,
        "drives": 1,
        "psus": 1,
        "fans": 2,
        "managers": 1,
        "firmware": 1,
        "ports": 1,
    }


def test_an_empty_slot_holds_nothing(write: Write, bodies: Bodies) -> None:
    assert paths(counted(write, bodies)["memory"]) == ["Systems/1/Memory/DIMM0"]


def test_one_drive_in_two_places_is_one(write: Write, bodies: Bodies) -> None:
    bodies[f"{ROOT}/Chassis/1"]["Drives"] = link("Chassis/1/Drives")
    bodies |= collection("Chassis/1/Drives", "A")
    bodies |= resource("Chassis/1/Drives/A", "Drive", SerialNumber="D1", Status=ENABLED)

    (drive,) = counted(write, bodies)["drives"]

    assert {f"path:{drive.key}", *drive.names} == {
        "path:/redfish/v1/chassis/1/drives/a",
        "path:/redfish/v1/systems/1/storage/r0/drives/0",
        "serial:D1",
    }


def test_a_serial_that_one_list_gives_twice_identifies_nothing(
    write: Write, bodies: Bodies
) -> None:
    supplies = bodies[f"{ROOT}/Chassis/1/Power"]["PowerSupplies"]
    supplies[1] = {"Name": "PSU 2", "SerialNumber": "P1", "Status": ENABLED}

    assert len(counted(write, bodies)["psus"]) == 2


def test_the_newer_resources_go_before_the_older_list(write: Write, bodies: Bodies) -> None:
    bodies[f"{ROOT}/Chassis/1"]["ThermalSubsystem"] = link("Chassis/1/ThermalSubsystem")
    bodies |= resource(
        "Chassis/1/ThermalSubsystem",
        "ThermalSubsystem",
        Fans=link("Chassis/1/ThermalSubsystem/Fans"),
    )
    bodies |= collection("Chassis/1/ThermalSubsystem/Fans", "F1")
    bodies |= resource("Chassis/1/ThermalSubsystem/Fans/F1", "Fan", Status=ENABLED)

    assert paths(counted(write, bodies)["fans"]) == ["Chassis/1/ThermalSubsystem/Fans/F1"]


def test_the_bmcs_own_interface_is_no_port_of_the_host(write: Write, bodies: Bodies) -> None:
    bodies[f"{ROOT}/Managers/bmc"]["EthernetInterfaces"] = link("Managers/bmc/EthernetInterfaces")
    bodies |= collection("Managers/bmc/EthernetInterfaces", "eth0")
    bodies |= resource(
        "Managers/bmc/EthernetInterfaces/eth0", "EthernetInterface", MACAddress="02:00:00:00:00:99"
    )

    assert paths(counted(write, bodies)["ports"]) == ["Systems/1/EthernetInterfaces/1"]


def test_a_port_counts_where_no_function_is_on_it(write: Write, bodies: Bodies) -> None:
    adapter = "Chassis/1/NetworkAdapters/N"
    bodies[f"{ROOT}/Chassis/1"]["NetworkAdapters"] = link("Chassis/1/NetworkAdapters")
    bodies |= collection("Chassis/1/NetworkAdapters", "N")
    bodies |= resource(
        adapter,
        "NetworkAdapter",
        Ports=link(f"{adapter}/Ports"),
        NetworkDeviceFunctions=link(f"{adapter}/NetworkDeviceFunctions"),
    )
    bodies |= collection(f"{adapter}/Ports", "1", "2")
    for number in ("1", "2"):
        macs = {"AssociatedMACAddresses": [f"02:00:00:00:01:0{number}"]}
        bodies |= resource(f"{adapter}/Ports/{number}", "Port", Ethernet=macs)
    bodies |= collection(f"{adapter}/NetworkDeviceFunctions", "1")
    bodies |= resource(
        f"{adapter}/NetworkDeviceFunctions/1",
        "NetworkDeviceFunction",
        Ethernet={"MACAddress": "02:00:00:00:02:01"},
        Links={"PhysicalNetworkPortAssignment": link(f"{adapter}/Ports/1")},
    )

    assert sorted(paths(counted(write, bodies)["ports"])) == [
        f"{adapter}/NetworkDeviceFunctions/1",
        f"{adapter}/Ports/2",
        "Systems/1/EthernetInterfaces/1",
    ]


def test_memory_of_a_gpu_is_no_module(write: Write, bodies: Bodies) -> None:
    bodies |= collection("Systems/1/Processors", "CPU0", "GPU0")
    bodies |= resource("Systems/1/Processors/GPU0", "Processor", ProcessorType="GPU")
    bodies |= collection("Systems/1/Memory", "DIMM0", "HBM0")
    bodies |= resource(
        "Systems/1/Memory/HBM0",
        "Memory",
        CapacityMiB=81920,
        Links={"Processors": [link("Systems/1/Processors/GPU0")]},
    )

    found = counted(write, bodies)

    assert paths(found["memory"]) == ["Systems/1/Memory/DIMM0"]
    assert paths(found["gpus"]) == ["Systems/1/Processors/GPU0"]


def test_a_part_whose_machine_is_not_captured_need_not_be_found(
    write: Write, bodies: Bodies
) -> None:
    del bodies[f"{ROOT}/Chassis/1"]
    bodies[f"{ROOT}/Systems/1"]["Links"]["Oem"] = [link("Chassis/1/Thermal")]

    found = counted(write, bodies)

    assert [item.optional for item in found["fans"]] == [True, True]


def test_what_is_only_related_to_something_need_not_be_found(write: Write, bodies: Bodies) -> None:
    bodies[f"{ROOT}/Systems/1/Storage/R0/Drives/0"]["Links"] = {"Volumes": [link("Elsewhere/V")]}
    bodies |= resource("Elsewhere/V", "Volume", CapacityBytes=1, Status=ENABLED)

    assert [item.optional for item in counted(write, bodies)["volumes"]] == [True]


def test_what_can_be_begun_with_is_complete(write: Write, bodies: Bodies) -> None:
    tree, reached = opened(write, bodies)

    assert gaps(tree, reached) == ()


def test_a_tree_without_what_its_root_links_says_what_is_missing(
    write: Write, bodies: Bodies
) -> None:
    del bodies[f"{ROOT}/Chassis"]
    tree, reached = opened(write, bodies)

    assert gaps(tree, reached) == ("/redfish/v1/Chassis is missing (/redfish/v1 links to it)",)


def test_a_tree_without_a_root_says_so(write: Write, bodies: Bodies) -> None:
    del bodies[ROOT]
    tree, reached = opened(write, bodies)

    assert gaps(tree, reached) == ("there is no readable service root",)


def test_what_is_on_a_later_page_is_a_member_too(write: Write, bodies: Bodies) -> None:
    listed = f"{ROOT}/UpdateService/FirmwareInventory"
    bodies[listed]["Members@odata.nextLink"] = f"{listed}/Rest"
    bodies |= collection("UpdateService/FirmwareInventory/Rest")
    bodies[f"{listed}/Rest"]["Members"] = [{"@odata.id": f"{listed}/NIC"}]
    bodies |= resource("UpdateService/FirmwareInventory/NIC", "SoftwareInventory", Version="7.1")

    assert paths(counted(write, bodies)["firmware"]) == [
        "UpdateService/FirmwareInventory/BMC",
        "UpdateService/FirmwareInventory/NIC",
    ]


def test_a_link_of_an_expanded_member_is_its_own(write: Write, bodies: Bodies) -> None:
    bodies[ROOT]["Fabrics"] = link("Fabrics")
    bodies |= collection("Fabrics", "F") | collection("Fabrics/F/Switches", "S")
    bodies |= resource("Fabrics/F", "Fabric", Switches=link("Fabrics/F/Switches"))
    bodies |= resource("Fabrics/F/Switches/S", "Switch", Ports=link("Fabrics/F/Switches/S/Ports"))
    bodies |= collection("Fabrics/F/Switches/S/Ports", "1")
    far = resource("Chassis/1/Ports/far", "Port", Status=ENABLED)
    (whole,) = resource(
        "Fabrics/F/Switches/S/Ports/1",
        "Port",
        Status=ENABLED,
        Links={"ConnectedPorts": [link("Chassis/1/Ports/far")]},
    ).values()
    bodies[f"{ROOT}/Fabrics/F/Switches/S/Ports"]["Members"] = [whole]

    assert paths(counted(write, bodies | far)["switch_ports"]) == ["Fabrics/F/Switches/S/Ports/1"]


def test_a_body_without_a_type_is_known_by_its_place(write: Write, bodies: Bodies) -> None:
    whole = counted(write, bodies)
    for body in bodies.values():
        body.pop("@odata.type")

    assert {kind: paths(items) for kind, items in counted(write, bodies).items()} == {
        kind: paths(items) for kind, items in whole.items()
    }


def test_drives_with_one_copied_serial_in_chassis_of_their_own_are_several(
    write: Write, bodies: Bodies
) -> None:
    bodies |= collection("Chassis", "1", "A", "B")
    for name in ("A", "B"):
        bodies |= resource(f"Chassis/{name}", "Chassis", Drives=link(f"Chassis/{name}/Drives"))
        bodies |= collection(f"Chassis/{name}/Drives", name)
        bodies |= resource(f"Chassis/{name}/Drives/{name}", "Drive", SerialNumber="COPY")

    assert len(counted(write, bodies)["drives"]) == 3
