"""What HPE's driver makes of an iLO 5, whose cards and arrays are in Oem trees."""

from __future__ import annotations

from typing import Any

import pytest

from fleetd.domain.device import Component, ComponentKind
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.documents import documents
from tests.support.driving import chosen_for
from tests.support.trees import TreeReader, emulated_server, read

ROOT = "/redfish/v1"
ARRAYS = f"{ROOT}/Systems/1/SmartStorage/ArrayControllers"
ADAPTERS = f"{ROOT}/Systems/1/BaseNetworkAdapters"


def ref(path: str) -> dict[str, str]:
    return {"@odata.id": f"{path}/"}


def members(path: str, *names: str) -> dict[str, Any]:
    return {"Members": [ref(f"{path}/{name}") for name in names]}


def ilo(firmware: str) -> dict[str, dict[str, Any]]:
    version = {"Current": {"VersionString": "5.00"}}
    return {
        ROOT: {
            "RedfishVersion": "1.6.0",
            "Oem": {"Hpe": {}},
            "Systems": ref(f"{ROOT}/Systems"),
            "Managers": ref(f"{ROOT}/Managers"),
        },
        f"{ROOT}/Managers": members(f"{ROOT}/Managers", "1"),
        f"{ROOT}/Managers/1": {"Model": firmware[:5], "FirmwareVersion": firmware},
        f"{ROOT}/Systems": members(f"{ROOT}/Systems", "1"),
        f"{ROOT}/Systems/1": {
            "SerialNumber": "CZ1 ",
            "Oem": {
                "Hpe": {
                    "Links": {
                        "SmartStorage": ref(f"{ROOT}/Systems/1/SmartStorage"),
                        "NetworkAdapters": ref(ADAPTERS),
                    }
                }
            },
        },
        f"{ROOT}/Systems/1/SmartStorage": {"Links": {"ArrayControllers": ref(ARRAYS)}},
        ARRAYS: members(ARRAYS, "0"),
        f"{ARRAYS}/0": {
            "AdapterType": "SmartArray",
            "Model": "P408i-a",
            "SerialNumber": "PW1",
            "ControllerPartNumber": "836260-002",
            "FirmwareVersion": version,
            "Location": "Slot 0",
            "Links": {
                "PhysicalDrives": ref(f"{ARRAYS}/0/DiskDrives"),
                "LogicalDrives": ref(f"{ARRAYS}/0/LogicalDrives"),
            },
        },
        f"{ARRAYS}/0/DiskDrives": members(f"{ARRAYS}/0/DiskDrives", "1"),
        f"{ARRAYS}/0/DiskDrives/1": {
            "Model": "MK1",
            "SerialNumber": "D1",
            "CapacityMiB": 1024,
            "InterfaceType": "SATA",
            "MediaType": "SSD",
            "Location": "1I:1:1",
            "FirmwareVersion": version,
        },
        f"{ARRAYS}/0/LogicalDrives": members(f"{ARRAYS}/0/LogicalDrives", "1"),
        f"{ARRAYS}/0/LogicalDrives/1": {
            "LogicalDriveName": "os",
            "CapacityMiB": 1024,
            "Raid": "10",
            "Links": {"DataDrives": ref(f"{ARRAYS}/0/LogicalDrives/1/DataDrives")},
        },
        f"{ARRAYS}/0/LogicalDrives/1/DataDrives": members(f"{ARRAYS}/0/DiskDrives", "1"),
        ADAPTERS: members(ADAPTERS, "1"),
        f"{ADAPTERS}/1": {
            "Name": "HPE 331i",
            "Location": "Embedded LOM",
            "SerialNumber": "N1",
            "Firmware": {"Current": {"VersionString": "20.1"}},
            "PhysicalPorts": [{"MacAddress": "02:00:00:00:00:01"}, {}],
        },
    }


async def parts(registry: Registry, firmware: str) -> dict[ComponentKind, Component]:
    reading = await read(TreeReader(ilo(firmware)), registry)
    assert reading.driver == "hpe.ilo"
    return {part.kind: part for part in reading.descriptions[0].components}


@pytest.mark.asyncio
async def test_smart_arrays_read_like_any_other_storage(registry: Registry) -> None:
    found = await parts(registry, "iLO 5 v2.10")

    controller = found[ComponentKind.STORAGE_CONTROLLER]
    drive = found[ComponentKind.DRIVE]
    volume = found[ComponentKind.VOLUME]
    assert (controller.model, controller.serial, controller.location) == (
        "P408i-a",
        "PW1",
        "Slot 0",
    )
    assert (drive.serial, drive.firmware_version, drive.location) == ("D1", "5.00", "1I:1:1")
    assert drive.attributes["capacity_bytes"] == 2**30
    assert drive.attributes["controller"] == controller.key
    assert (volume.name, volume.attributes["raid_type"]) == ("os", "RAID10")
    assert volume.attributes["controller"] == controller.key
    assert volume.attributes["drives"] == [drive.key]


@pytest.mark.asyncio
async def test_what_an_ilo_lists_in_both_places_is_there_once(registry: Registry) -> None:
    tree = ilo("iLO 5 v3.11")
    storage = f"{ROOT}/Systems/1/Storage"
    tree[f"{ROOT}/Systems/1"]["Storage"] = ref(storage)
    tree |= {
        storage: members(storage, "A"),
        f"{storage}/A": {
            "StorageControllers": [{"Model": "P408i-a", "SerialNumber": "PW1"}],
            "Drives": [ref(f"{storage}/A/Drives/0")],
        },
        f"{storage}/A/Drives/0": {"SerialNumber": "D1", "CapacityBytes": 2**30},
    }

    reading = await read(TreeReader(tree), registry)

    kinds = [part.kind for part in reading.descriptions[0].components]
    assert kinds.count(ComponentKind.STORAGE_CONTROLLER) == 1
    assert kinds.count(ComponentKind.DRIVE) == 1
    (volume,) = (
        part for part in reading.descriptions[0].components if part.kind is ComponentKind.VOLUME
    )
    assert volume.attributes["drives"] == ["Systems/1/Storage/A/Drives/0"]


@pytest.mark.asyncio
async def test_a_card_in_the_older_place_is_a_card(registry: Registry) -> None:
    card = (await parts(registry, "iLO 5 v2.10"))[ComponentKind.NIC]

    assert (card.model, card.serial, card.firmware_version, card.location) == (
        "HPE 331i",
        "N1",
        "20.1",
        "Embedded LOM",
    )
    assert card.attributes["port_count"] == 2


@pytest.mark.asyncio
async def test_a_later_generation_is_not_asked_for_the_older_places(registry: Registry) -> None:
    found = await parts(registry, "iLO 6 v1.58")

    assert ComponentKind.STORAGE_CONTROLLER not in found
    assert ComponentKind.NIC not in found


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["Links", "links"])
async def test_an_ilo_4_is_read_at_its_older_places(name: str, registry: Registry) -> None:
    tree = ilo("iLO 4 v2.82")
    tree[ROOT]["Oem"] = {"Hp": {}}
    system = tree[f"{ROOT}/Systems/1"]
    system["Oem"] = {"Hp": {name: system["Oem"]["Hpe"]["Links"]}}

    reading = await read(TreeReader(tree), registry)

    kinds = {part.kind for part in reading.descriptions[0].components}
    assert reading.driver == "hpe.ilo"
    assert kinds >= {
        ComponentKind.STORAGE_CONTROLLER,
        ComponentKind.DRIVE,
        ComponentKind.VOLUME,
        ComponentKind.NIC,
    }


@pytest.mark.parametrize(
    ("model", "firmware", "generation"),
    [
        (None, "iLO 4 v2.82", "iLO 4"),
        ("iLO 5", "iLO 5 v3.11", "iLO 5"),
        ("iLO 6", "iLO 6 v1.66", "iLO 6"),
        ("iLO 7", "1.13.01 May 13 2025", "iLO 7"),
        (None, "1.13.01 May 13 2025", None),
    ],
)
def test_the_generation_is_known(
    model: str | None, firmware: str, generation: str | None, registry: Registry
) -> None:
    facts = Facts(oem=frozenset({"Hp"}), manager_model=model, manager_firmware=firmware)

    assert registry.choose(facts).name == "hpe.ilo"
    assert registry.driver("hpe.ilo").generation_of(facts) == generation


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("name", "generation"),
    [
        ("hpe-ilo5-2.14-dl325gen10plus-smd", "iLO 5"),
        ("hpe-ilo5-2.46-dl325gen10plus-csm", "iLO 5"),
        ("hpe-ilo5-2.55-dl360gen10plus-iserver", "iLO 5"),
        ("hpe-ilo5-2.55-xl675d-a40-csm", "iLO 5"),
        ("hpe-ilo5-2.70-xl675d-a100-csm", "iLO 5"),
        ("hpe-ilo5-3.11-dl360gen10plus-iloemu", "iLO 5"),
        ("hpe-ilo6-1.66-dl380agen11-iloemu", "iLO 6"),
        ("hpe-ilo7-1.13-dl380agen12-iloemu", "iLO 7"),
        ("hpe-ilo7-1.17-alletra4220-iloemu", "iLO 7"),
    ],
)
async def test_every_captured_ilo_is_claimed(
    name: str, generation: str, registry: Registry
) -> None:
    choice = await chosen_for(name, registry)

    assert (choice.name, choice.vendor) == ("hpe.ilo", "HPE")
    assert choice.stack.generation_of(choice.facts) == generation


async def keys_of_ports(tree: dict[str, Any], registry: Registry) -> set[str]:
    (server,) = (await read(TreeReader(tree), registry)).descriptions
    return {part.key for part in server.components if part.kind is ComponentKind.PORT}


@pytest.mark.asyncio
async def test_ports_are_read_where_they_were_before(registry: Registry) -> None:
    tree = documents(emulated_server(Personality.HPE))
    newer = await keys_of_ports(tree, registry)
    for body in tree.values():
        if "#NetworkAdapter." in str(body.get("@odata.type")):
            body["NetworkPorts"] = body.pop("Ports")

    assert await keys_of_ports(tree, registry) == newer != set()


@pytest.mark.asyncio
async def test_a_member_without_a_link_is_passed_over(registry: Registry) -> None:
    tree = documents(emulated_server(Personality.HPE, gpus=1))
    whole = await read(TreeReader(tree), registry)
    tree[f"{ROOT}/Chassis/1/PCIeDevices"]["Members"].insert(0, {})

    reading = await read(TreeReader(tree), registry)

    assert reading.problems == ()
    assert reading.descriptions == whole.descriptions
