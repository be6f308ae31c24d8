"""PDUs, transfer switches and power shelves, as the standard and its drafts show them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from fleetd.domain.device import Component, ComponentKind, Description, Health
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.registry import Registry
from fleetd.services.inventory.normalise_power_readings import readings
from fleetd_emulators.devices import catalogue
from fleetd_emulators.devices.pdu import Pdu, PduBackend
from fleetd_emulators.devices.resources import Resources
from fleetd_emulators.devices.shelf import ShelfBackend
from fleetd_emulators.devices.transfer_switch import TransferSwitchBackend
from tests.support.trees import TreeReader, captured, captures, read

ROOT = "/redfish/v1"
DRAFT = "dmtf-wip-rackpdu-dcimpower"


async def devices(documents: Mapping[str, Any], registry: Registry) -> tuple[Description, ...]:
    return (await read(TreeReader(documents), registry)).descriptions


async def device_of(backend: Resources, registry: Registry) -> Description:
    (device,) = await devices(backend.documents, registry)
    return device


def parts(device: Description, kind: ComponentKind) -> dict[str, Component]:
    """The components of a kind by the last part of their key."""
    return {part.key.rpartition("/")[2]: part for part in device.components if part.kind is kind}


def pdu() -> PduBackend:
    identity = catalogue.identity("pdu", 1, "pdu-1")
    return PduBackend(Pdu(identity=identity, outlets=16, feeds={}))


@pytest.mark.asyncio
async def test_an_outlet_says_which_branch_it_hangs_on_and_whether_it_is_locked(
    registry: Registry,
) -> None:
    device = await device_of(pdu(), registry)

    outlets = parts(device, ComponentKind.OUTLET)
    circuits = parts(device, ComponentKind.CIRCUIT)
    assert outlets["9"].attributes["circuit"] == circuits["2"].key
    assert outlets["9"].attributes["power_control_locked"] is False
    assert circuits["2"].attributes["breaker_state"] == "Normal"
    assert circuits["AC1"].attributes["plug_type"] == "IEC_60309_316P6"
    group = parts(device, ComponentKind.OUTLET_GROUP)["Branch2"]
    assert group.attributes["outlets"] == [outlets[str(n)].key for n in range(9, 17)]


@pytest.mark.asyncio
async def test_a_breaker_that_trips_is_news_and_a_reading_is_none(registry: Registry) -> None:
    backend = pdu()
    before = await device_of(backend, registry)
    await backend.refresh()
    metered = await device_of(backend, registry)

    await backend.incidents["trip-1"]()
    after = await device_of(backend, registry)

    assert metered == before
    changed = {one.key for one in before.components} & {
        new.key for new, old in zip(after.components, before.components, strict=True) if new != old
    }
    assert changed == {"PowerEquipment/RackPDUs/1/Branches/1"}
    branch = parts(after, ComponentKind.CIRCUIT)["1"]
    assert (branch.attributes["breaker_state"], branch.health) == ("Tripped", Health.CRITICAL)


@pytest.mark.asyncio
async def test_a_transfer_switch_says_which_of_its_mains_feeds_it(registry: Registry) -> None:
    backend = TransferSwitchBackend(catalogue.identity("transfer-switch", 1, "ats-1"))

    device = await device_of(backend, registry)

    mains = parts(device, ComponentKind.CIRCUIT)
    assert str(device.kind) == "pdu"
    assert [(one.attributes["active"], one.attributes["preferred"]) for one in mains.values()] == [
        (True, True),
        (False, False),
    ]
    assert len(parts(device, ComponentKind.OUTLET)) == 4


@pytest.mark.asyncio
async def test_a_shelf_has_its_supplies_once_though_its_chassis_lists_them_too(
    registry: Registry,
) -> None:
    device = await device_of(
        ShelfBackend(catalogue.identity("power-shelf", 1, "shelf-1")), registry
    )

    supplies = parts(device, ComponentKind.PSU)
    batteries = parts(device, ComponentKind.BATTERY)
    assert str(device.kind) == "pdu"
    assert len([one for one in device.components if one.kind is ComponentKind.PSU]) == 6
    assert supplies["1"].attributes == {
        "capacity_watts": 5500,
        "input_type": "AC",
        "plug_type": "IEC_60320_C20",
        "hot_pluggable": True,
        "redundancy": "NPlusM",
        "redundancy_needed": 5,
    }
    assert batteries["1"].attributes == {"capacity_watt_hours": 1200, "hot_pluggable": True}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "place",
    ["RackPDUs", "FloorPDUs", "TransferSwitches", "PowerShelves", "ElectricalBuses", "Switchgear"],
)
async def test_every_kind_of_power_equipment_is_a_device(place: str, registry: Registry) -> None:
    unit = f"{ROOT}/PowerEquipment/{place}/1"
    tree = {
        ROOT: {"PowerEquipment": {"@odata.id": f"{ROOT}/PowerEquipment"}},
        f"{ROOT}/PowerEquipment": {place: {"@odata.id": f"{ROOT}/PowerEquipment/{place}"}},
        f"{ROOT}/PowerEquipment/{place}": {"Members": [{"@odata.id": unit}]},
        unit: {"SerialNumber": "U1"},
    }

    (device,) = await devices(tree, registry)

    assert (str(device.kind), device.identity.serial) == ("pdu", "U1")


@pytest.mark.asyncio
async def test_the_draft_of_2018_is_read_by_its_own_words(registry: Registry) -> None:
    unit = f"{ROOT}/DCIMPower/default/RackPDU/1"
    tree = {
        ROOT: {"DCIMPower": {"@odata.id": f"{ROOT}/DCIMPower"}},
        f"{ROOT}/DCIMPower": {"Members": [{"@odata.id": f"{ROOT}/DCIMPower/default"}]},
        f"{ROOT}/DCIMPower/default": {
            "RackPDU": {"@odata.id": f"{ROOT}/DCIMPower/default/RackPDU"}
        },
        f"{ROOT}/DCIMPower/default/RackPDU": {"Members": [{"@odata.id": unit}]},
        unit: {"SerialNumber": "P1", "Outlets": {"@odata.id": f"{unit}/Outlets"}},
        f"{unit}/Outlets": {"Members": [{"@odata.id": f"{unit}/Outlets/A1"}]},
        f"{unit}/Outlets/A1": {"Name": "A1", "NominalVoltage": 120, "VoltageType": "AC"},
    }

    (device,) = await devices(tree, registry)

    (outlet,) = parts(device, ComponentKind.OUTLET).values()
    assert (device.identity.serial, outlet.attributes) == ("P1", {"nominal_voltage": "AC120V"})


@pytest.mark.asyncio
async def test_the_captured_draft_is_known_exactly(registry: Registry) -> None:
    if DRAFT not in captures():
        pytest.skip("this tree isn't here")

    rack, floor = await devices(captured(DRAFT), registry)

    assert (rack.identity.serial, floor.identity.serial) == ("29347ZT536", "0458329")
    outlets = parts(rack, ComponentKind.OUTLET)
    assert len(outlets) == 11
    assert outlets["A1"].attributes["circuit"] == "PowerEquipment/RackPDUs/1/Branches/A"
    group = parts(rack, ComponentKind.OUTLET_GROUP)["Rack5Storage"]
    assert group.attributes["outlets"] == [outlets[name].key for name in ("A1", "A2", "A3")]


def test_a_meter_is_read_in_the_standard_s_words() -> None:
    outlet = Resource(
        f"{ROOT}/Outlets/1",
        {
            "Name": "Outlet 1",
            "Voltage": {"Reading": 229.5},
            "PowerWatts": {"Reading": "197.4", "PowerFactor": 0.98},
            "EnergykWh": {"Reading": None},
            "PolyPhaseCurrentAmps": {"Line1": {"Reading": 1.7}, "Line2": {"Reading": "off"}},
        },
    )

    found = {one.key: (one.reading, one.units, one.context) for one in readings(outlet)}

    assert found == {
        "Outlets/1#/Voltage": (229.5, "V", None),
        "Outlets/1#/PolyPhaseCurrentAmps/Line1": (1.7, "A", "Line1"),
        "Outlets/1#/PowerWatts": (197.4, "W", None),
        "Outlets/1#/PowerWatts/PowerFactor": (0.98, "1", None),
    }


def test_a_meter_is_read_in_both_drafts_words() -> None:
    if DRAFT not in captures():
        pytest.skip("this tree isn't here")
    documents = captured(DRAFT)

    def metered(path: str) -> dict[str, float]:
        resource = Resource(path, json.loads(documents[path]))
        return {
            str(one.reading_type): one.reading
            for one in readings(resource)
            if one.context is None and one.reading_type
        }

    expected = {
        "Voltage": 117.5,
        "Current": 1.68,
        "Power": 197.4,
        "EnergykWh": 36166,
        "Frequency": 60.0,
    }
    assert metered(f"{ROOT}/PowerEquipment/RackPDUs/1/Outlets/A1") == expected
    assert metered(f"{ROOT}/DCIMPower/default/RackPDU/1/Outlets/A1") == expected


def blade(*serials: list[str]) -> dict[str, Any]:
    """An enclosure around nodes, each of which lists supplies with these serials."""
    tree: dict[str, Any] = {ROOT: {}}
    nodes = [f"Node{number}" for number in range(len(serials))]
    for place, names in (("Systems", nodes), ("Chassis", [*nodes, "Enclosure"])):
        tree[ROOT][place] = {"@odata.id": f"{ROOT}/{place}"}
        members = [{"@odata.id": f"{ROOT}/{place}/{name}"} for name in names]
        tree[f"{ROOT}/{place}"] = {"Members": members}
    tree[f"{ROOT}/Chassis/Enclosure"] = {"ChassisType": "Enclosure", "SerialNumber": "E1"}
    for name, own in zip(nodes, serials, strict=True):
        chassis = f"{ROOT}/Chassis/{name}"
        tree[f"{ROOT}/Systems/{name}"] = {
            "Boot": {"BootSourceOverrideTarget": "None"},
            "Links": {"Chassis": [{"@odata.id": chassis}]},
        }
        tree[chassis] = {
            "ChassisType": "Blade",
            "Power": {"@odata.id": f"{chassis}/Power"},
            "Links": {"ContainedBy": {"@odata.id": f"{ROOT}/Chassis/Enclosure"}},
        }
        supplies = [
            {"Name": f"Supply {bay}", "Model": "M", "SerialNumber": serial}
            for bay, serial in enumerate(own)
        ]
        tree[f"{chassis}/Power"] = {"PowerSupplies": supplies}
    return tree


def supplies_by_device(found: tuple[Description, ...]) -> dict[str, int]:
    return {
        device.identity.path.rpartition("/")[2]: sum(
            part.kind is ComponentKind.PSU for part in device.components
        )
        for device in found
    }


@pytest.mark.asyncio
async def test_a_supply_that_all_nodes_list_is_the_enclosure_s(registry: Registry) -> None:
    found = await devices(blade(["S1"], ["S1"]), registry)

    assert supplies_by_device(found) == {"Node0": 0, "Node1": 0, "Enclosure": 1}


@pytest.mark.asyncio
async def test_a_serial_that_the_supplies_of_one_node_share_tells_none_of_them(
    registry: Registry,
) -> None:
    found = await devices(blade(["X", "X"], ["X", "X"]), registry)

    assert supplies_by_device(found) == {"Node0": 2, "Node1": 2, "Enclosure": 0}
