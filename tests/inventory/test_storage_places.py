"""Storage is found wherever a service tells of it, and belongs to one device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from fleetd.domain.device import Description
from fleetd.driverkit.registry import Registry
from tests.support.trees import TreeReader, read

ROOT = "/redfish/v1"
Tree = dict[str, dict[str, Any]]


def ref(path: str) -> dict[str, str]:
    return {"@odata.id": f"{ROOT}/{path}"}


def members(*paths: str) -> dict[str, Any]:
    return {"Members": [ref(path) for path in paths]}


def drive(serial: str, **more: Any) -> dict[str, Any]:
    return {"SerialNumber": serial, "Model": "D", "CapacityBytes": 10**12, **more}


def reader(tree: Mapping[str, Any]) -> TreeReader:
    return TreeReader({f"{ROOT}/{path}".rstrip("/"): body for path, body in tree.items()})


async def devices(tree: Mapping[str, Any], registry: Registry) -> dict[str, Description]:
    """The devices of a tree, by kind."""
    reading = await read(reader(tree), registry)
    return {str(item.kind): item for item in reading.descriptions}


def keys(device: Description, kind: str) -> list[str]:
    return [item.key for item in device.components if item.kind == kind]


def server_with_enclosure() -> Tree:
    """A server whose controller drives the one half of a JBOD's disks."""
    return {
        "": {"RedfishVersion": "1.9.0", "Systems": ref("Systems"), "Chassis": ref("Chassis")},
        "Systems": members("Systems/1"),
        "Systems/1": {
            "SerialNumber": "HOST1",
            "Processors": ref("Systems/1/Processors"),
            "Boot": {"BootSourceOverrideTarget": "None"},
            "Storage": ref("Systems/1/Storage"),
            "Links": {"Chassis": [ref("Chassis/1")]},
        },
        "Systems/1/Processors": members(),
        "Systems/1/Storage": members("Systems/1/Storage/HBA"),
        "Systems/1/Storage/HBA": {"Drives": [ref("Chassis/JBOD/Drives/0")]},
        "Chassis": members("Chassis/1", "Chassis/JBOD"),
        "Chassis/1": {"ChassisType": "RackMount", "Links": {"ComputerSystems": [ref("Systems/1")]}},
        "Chassis/JBOD": {
            "ChassisType": "StorageEnclosure",
            "SerialNumber": "JBOD1",
            "Links": {
                "Drives": [ref("Chassis/JBOD/Drives/0"), ref("Chassis/JBOD/Drives/1")],
                "Storage": [ref("Systems/1/Storage/HBA")],
            },
        },
        "Chassis/JBOD/Drives/0": drive("D0"),
        "Chassis/JBOD/Drives/1": drive("D1"),
    }


@pytest.mark.asyncio
async def test_a_drive_in_an_enclosure_is_the_servers_that_has_it_else_the_enclosures(
    registry: Registry,
) -> None:
    found = await devices(server_with_enclosure(), registry)

    assert keys(found["server"], "drive") == ["Chassis/JBOD/Drives/0"]
    assert keys(found["chassis"], "drive") == ["Chassis/JBOD/Drives/1"]
    assert keys(found["chassis"], "storage_controller") == []


@pytest.mark.asyncio
async def test_a_hosted_service_is_its_servers(registry: Registry) -> None:
    tree = server_with_enclosure()
    tree["Systems/1"]["HostedServices"] = {"StorageServices": ref("Systems/1/StorageServices")}
    tree["Systems/1/StorageServices"] = members("Systems/1/StorageServices/1")
    tree["Systems/1/StorageServices/1"] = {"FileSystems": ref("Systems/1/StorageServices/1/FS")}
    tree["Systems/1/StorageServices/1/FS"] = members("Systems/1/StorageServices/1/FS/home")
    tree["Systems/1/StorageServices/1/FS/home"] = {
        "Name": "home",
        "Capacity": {"Data": {"AllocatedBytes": 10**12, "ConsumedBytes": 10**9}},
    }

    found = await devices(tree, registry)

    assert sorted(found) == ["chassis", "server"]
    assert keys(found["server"], "file_system") == ["Systems/1/StorageServices/1/FS/home"]


@pytest.mark.asyncio
async def test_storage_below_a_system_is_its_own_though_only_a_chassis_links_it(
    registry: Registry,
) -> None:
    tree = server_with_enclosure()
    tree["Chassis/JBOD"]["Links"]["Storage"] = [ref("Systems/1/Storage/NVMe")]
    tree["Systems/1/Storage/NVMe"] = {"Drives": [ref("Chassis/JBOD/Drives/1")]}

    found = await devices(tree, registry)

    assert sorted(found) == ["chassis", "server"]
    assert "Systems/1/Storage/NVMe" in keys(found["server"], "storage_controller")
    assert keys(found["chassis"], "drive") == []


@pytest.mark.asyncio
async def test_drives_that_wait_to_be_composed_are_the_enclosures(registry: Registry) -> None:
    tree = server_with_enclosure()
    block = "CompositionService/ResourceBlocks/B1"
    tree[""]["CompositionService"] = ref("CompositionService")
    tree["CompositionService"] = {"ResourceBlocks": ref("CompositionService/ResourceBlocks")}
    tree["CompositionService/ResourceBlocks"] = members(block)
    tree[block] = {
        "Storage": [ref(f"{block}/Storage/1")],
        "Links": {"Chassis": [ref("Chassis/JBOD")], "ComputerSystems": []},
    }
    tree[f"{block}/Storage/1"] = {"Drives": [ref(f"{block}/Storage/1/Drives/0")]}
    tree[f"{block}/Storage/1/Drives/0"] = drive("D9")

    found = await devices(tree, registry)

    assert sorted(found) == ["chassis", "server"]
    assert f"{block}/Storage/1/Drives/0" in keys(found["chassis"], "drive")


@pytest.mark.asyncio
async def test_a_fabric_that_joins_no_storage_is_not_asked_for_endpoints(
    registry: Registry,
) -> None:
    tree = server_with_enclosure()
    tree[""]["Fabrics"] = ref("Fabrics")
    tree["Fabrics"] = members("Fabrics/CXL", "Fabrics/NVMe")
    for name, kind in (("CXL", "CXL"), ("NVMe", "NVMeOverFabrics")):
        place = f"Fabrics/{name}/Endpoints"
        tree[f"Fabrics/{name}"] = {"FabricType": kind, "Endpoints": ref(place)}
        tree[place] = members()
    asked = reader(tree)

    await read(asked, registry)

    assert f"{ROOT}/Fabrics/NVMe/Endpoints" in asked.asked
    assert f"{ROOT}/Fabrics/CXL/Endpoints" not in asked.asked


@pytest.mark.asyncio
async def test_a_hosts_own_initiator_is_the_servers(registry: Registry) -> None:
    tree = server_with_enclosure()
    tree[""]["Fabrics"] = ref("Fabrics")
    tree["Fabrics"] = members("Fabrics/SAN")
    tree["Fabrics/SAN"] = {"FabricType": "NVMeOverFabrics", "Endpoints": ref("Fabrics/SAN/E")}
    tree["Fabrics/SAN/E"] = members("Fabrics/SAN/E/mine", "Fabrics/SAN/E/other")
    tree["Fabrics/SAN/E/mine"] = {
        "EndpointProtocol": "NVMeOverFabrics",
        "Identifiers": [{"DurableName": "nqn.2014-08.org.example:host1"}],
        "ConnectedEntities": [{"EntityRole": "Initiator", "EntityLink": ref("Systems/1")}],
    }
    tree["Fabrics/SAN/E/other"] = {"Identifiers": [{"DurableName": "nqn.2014-08.org.example:x"}]}

    found = await devices(tree, registry)

    (mine,) = [item for item in found["server"].components if item.kind == "fabric_endpoint"]
    assert mine.key == "Fabrics/SAN/E/mine"
    assert mine.attributes["role"] == "Initiator"
    assert mine.attributes["names"] == ["nqn.2014-08.org.example:host1"]


BAYS = [
    ({"Location": [{"Info": "Bay 7"}]}, "Bay 7"),
    ({"Location": [{"Info": None}, {"PartLocation": {"ServiceLabel": "Bay 8"}}]}, "Bay 8"),
    ({"PhysicalLocation": {"PartLocation": {"ServiceLabel": "Bay 9"}}}, "Bay 9"),
    ({"Location": ["here"]}, "0"),
]


@pytest.mark.asyncio
@pytest.mark.parametrize(("said", "slot"), BAYS)
async def test_a_bay_is_read_from_whichever_location_says_one(
    said: dict[str, Any], slot: str, registry: Registry
) -> None:
    tree = server_with_enclosure()
    tree["Chassis/JBOD/Drives/0"] |= said

    found = await devices(tree, registry)

    (part,) = [item for item in found["server"].components if item.kind == "drive"]
    assert part.attributes["slot"] == slot


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ({"StatusIndicator": "Fail", "Status": {"State": "UnavailableOffline"}}, 1),
        ({"Status": {"State": "Enabled"}}, 0),
        ({"CapacityBytes": 10**12, "Status": {"State": "Absent"}}, 0),
    ],
)
async def test_a_failed_drive_is_there_and_an_empty_bay_is_not(
    said: dict[str, Any], counted: int, registry: Registry
) -> None:
    tree = server_with_enclosure()
    tree["Chassis/JBOD/Drives/0"] = said

    found = await devices(tree, registry)

    assert len(keys(found["server"], "drive")) == counted


@pytest.mark.asyncio
async def test_drives_that_share_a_serial_side_by_side_are_two(registry: Registry) -> None:
    tree = server_with_enclosure()
    tree["Systems/1/Storage/HBA"]["Drives"].append(ref("Chassis/JBOD/Drives/1"))
    tree["Chassis/JBOD/Drives/1"] = drive("D0")

    found = await devices(tree, registry)

    assert len(keys(found["server"], "drive")) == 2


def standalone_service() -> Tree:
    """An older storage service: drives, pools and volumes told only by what provides what."""
    service = "StorageServices/1"
    pool = f"{service}/Pools/base"
    return {
        "": {"RedfishVersion": "1.9.0", "StorageServices": ref("StorageServices")},
        "StorageServices": members(service),
        service: {
            "Name": "Vault",
            "StoragePools": ref(f"{service}/Pools"),
            "ClassesOfService": ref(f"{service}/ClassesOfService"),
        },
        f"{service}/Pools": members(pool),
        pool: {
            "Name": "base",
            "Capacity": {
                "Data": {"AllocatedBytes": 10**13, "ConsumedBytes": 10**12},
                "Metadata": {"AllocatedBytes": 10**9, "ConsumedBytes": 10**6},
                "IsThinProvisioned": True,
            },
            "CapacitySources": [{"Name": "s", "ProvidingDrives": ref(f"{pool}/Sources/1/Drives")}],
            "AllocatedVolumes": ref(f"{pool}/AllocatedVolumes"),
            "DefaultClassOfService": ref(f"{service}/ClassesOfService/Gold"),
        },
        f"{pool}/Sources/1/Drives": members(f"{pool}/Sources/1/Drives/0"),
        f"{pool}/Sources/1/Drives/0": drive("D0"),
        f"{pool}/AllocatedVolumes": members(f"{pool}/AllocatedVolumes/1"),
        f"{pool}/AllocatedVolumes/1": {
            "Id": "1",
            "Name": "lun1",
            "VolumeType": "StripedWithParity",
            "CapacityBytes": 10**12,
            "ReplicaInfos": [
                {"ReplicaRole": "Target", "ReplicaType": "Snapshot", "Replica": ref("Elsewhere/9")}
            ],
        },
        f"{service}/ClassesOfService": members(f"{service}/ClassesOfService/Gold"),
        f"{service}/ClassesOfService/Gold": {
            "Name": "Gold",
            "ClassOfServiceVersion": "1.0",
            "DataStorageLinesOfService": [ref(f"{service}/Lines/thin")],
        },
        f"{service}/Lines/thin": {"ProvisioningPolicy": "Thin", "IsSpaceEfficient": True},
    }


@pytest.mark.asyncio
async def test_a_service_that_only_tells_what_provides_what_is_read_whole(
    registry: Registry,
) -> None:
    found = await devices(standalone_service(), registry)

    parts = {str(item.kind): item for item in found["storage"].components}
    pool, volume = parts["storage_pool"], parts["volume"]
    gold = parts["class_of_service"]
    assert pool.attributes == {
        "allocated_bytes": 10**13,
        "consumed_bytes": 10**12,
        "metadata_allocated_bytes": 10**9,
        "metadata_consumed_bytes": 10**6,
        "thin": True,
        "drives": [parts["drive"].key],
        "class_of_service": gold.key,
    }
    assert volume.attributes["pool"] == pool.key
    assert volume.attributes["raid_type"] == "RAID5"
    assert volume.attributes["replicas"] == [
        {"role": "Target", "type": "Snapshot", "of": "/redfish/v1/Elsewhere/9"}
    ]
    assert gold.attributes == {"version": "1.0", "provisioning": "Thin", "space_efficient": True}


@pytest.mark.asyncio
async def test_a_volume_is_found_by_its_drive_where_its_subsystem_is_not_there(
    registry: Registry,
) -> None:
    tree = server_with_enclosure()
    tree["Chassis/JBOD/Drives/1"] = drive("D1", Links={"Volumes": [ref("Lost/Volumes/1")]})
    tree["Lost/Volumes/1"] = {"Name": "HUU", "CapacityBytes": 10**9}

    found = await devices(tree, registry)

    assert keys(found["chassis"], "volume") == ["Lost/Volumes/1"]


@pytest.mark.asyncio
async def test_a_connection_is_known_by_whichever_path_it_names_its_volume(
    registry: Registry,
) -> None:
    named = {"Identifiers": [{"DurableName": "600508b1001c9f46", "DurableNameFormat": "NAA"}]}
    tree: Tree = {
        "": {
            "RedfishVersion": "1.9.0",
            "Storage": ref("Storage"),
            "StorageServices": ref("StorageServices"),
            "Fabrics": ref("Fabrics"),
        },
        "Storage": members("Storage/1"),
        "Storage/1": {"Volumes": ref("Storage/1/Volumes")},
        "Storage/1/Volumes": members("Storage/1/Volumes/1"),
        "Storage/1/Volumes/1": {"Name": "lun", "CapacityBytes": 10**12, **named},
        "StorageServices": members("StorageServices/1"),
        "StorageServices/1": {"Volumes": ref("StorageServices/1/Volumes")},
        "StorageServices/1/Volumes": members("StorageServices/1/Volumes/a"),
        "StorageServices/1/Volumes/a": {"Name": "lun", "CapacityBytes": 10**12, **named},
        "Fabrics": members("Fabrics/FC"),
        "Fabrics/FC": {"FabricType": "FC", "Connections": ref("Fabrics/FC/Connections")},
        "Fabrics/FC/Connections": members("Fabrics/FC/Connections/1"),
        "Fabrics/FC/Connections/1": {
            "VolumeInfo": [{"Volume": ref("StorageServices/1/Volumes/a"), "LUN": 4}]
        },
    }

    found = await devices(tree, registry)

    (connection,) = [item for item in found["storage"].components if item.kind == "connection"]
    assert keys(found["storage"], "volume") == ["Storage/1/Volumes/1"]
    assert connection.attributes["volumes"] == ["Storage/1/Volumes/1"]
    assert connection.attributes["unit_numbers"] == {"Storage/1/Volumes/1": "4"}
