"""Cooling: coolant distribution units, loops, and what cools with liquid inside a chassis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from fleetd.domain.device import Component, ComponentKind, Description, Health
from fleetd.driverkit.registry import Registry
from fleetd_emulators.devices import catalogue
from fleetd_emulators.devices.cooling_unit import CoolingUnitBackend
from tests.support.trees import TreeReader, captured, captures, read

ROOT = "/redfish/v1"


def ref(path: str) -> dict[str, str]:
    return {"@odata.id": f"{ROOT}/{path}"}


async def devices(documents: Mapping[str, Any], registry: Registry) -> tuple[Description, ...]:
    return (await read(TreeReader(documents), registry)).descriptions


def parts(device: Description, kind: ComponentKind) -> list[Component]:
    return [part for part in device.components if part.kind is kind]


@pytest.mark.asyncio
async def test_a_cooling_unit_is_known_with_all_its_parts(registry: Registry) -> None:
    backend = CoolingUnitBackend(catalogue.identity("cdu", 1, "cdu-1"))

    (device,) = await devices(backend.documents, registry)

    assert (str(device.kind), device.identity.serial) == ("cooling", "CC80000001")
    pumps = parts(device, ComponentKind.PUMP)
    assert [pump.serial for pump in pumps] == ["CC80000001P1", "CC80000001P2"]
    assert pumps[0].attributes == {
        "pump_type": "Liquid",
        "redundancy": "Failover",
        "redundancy_needed": 1,
    }
    connectors = parts(device, ComponentKind.COOLANT_CONNECTOR)
    assert [one.attributes["circuit"] for one in connectors] == [
        "primary",
        "secondary",
        "secondary",
    ]
    assert connectors[1].attributes["rated_flow_l_min"] == 60
    (reservoir,) = parts(device, ComponentKind.RESERVOIR)
    assert reservoir.attributes == {
        "reservoir_type": "Reserve",
        "capacity_litres": 30,
        "coolant": "Water",
        "level_status": "OK",
    }
    (strainer,) = parts(device, ComponentKind.FILTER)
    assert strainer.attributes == {"rated_service_hours": 8000, "serviced": "2025-03-01"}
    assert len(parts(device, ComponentKind.LEAK_DETECTOR)) == 2


@pytest.mark.asyncio
async def test_a_leak_is_news_of_its_detector_and_of_the_unit_s_health(registry: Registry) -> None:
    backend = CoolingUnitBackend(catalogue.identity("cdu", 1, "cdu-1"))
    await backend.incidents["leak-Manifold"]()

    (device,) = await devices(backend.documents, registry)

    states = {
        one.name: one.attributes["state"] for one in parts(device, ComponentKind.LEAK_DETECTOR)
    }
    assert states == {"Drip Tray": "OK", "Manifold": "Critical"}
    assert device.health is Health.CRITICAL


def plant(*units: str) -> dict[str, Any]:
    """Thermal equipment of these CDUs, and one loop."""
    equipment, loops = "ThermalEquipment", "ThermalEquipment/CoolingLoops"
    tree: dict[str, Any] = {
        "": {"ThermalEquipment": ref(equipment)},
        equipment: {"CDUs": ref(f"{equipment}/CDUs"), "CoolingLoops": ref(loops)},
        f"{equipment}/CDUs": {"Members": [ref(f"{equipment}/CDUs/{name}") for name in units]},
        loops: {"Members": [ref(f"{loops}/Row")]},
        f"{loops}/Row": {
            "Name": "Row loop",
            "Coolant": {"CoolantType": "Water"},
            "ConsumingEquipmentNames": ["R01", "R02"],
            "SecondaryCoolantConnectors": ref(f"{loops}/Row/SecondaryCoolantConnectors"),
        },
        f"{loops}/Row/SecondaryCoolantConnectors": {
            "Members": [ref(f"{loops}/Row/SecondaryCoolantConnectors/1")]
        },
        f"{loops}/Row/SecondaryCoolantConnectors/1": {
            "CoolantConnectorType": "Supply",
            "Links": {"ConnectedChassis": [ref("Chassis/R01")]},
        },
    }
    tree |= {f"{equipment}/CDUs/{name}": {"SerialNumber": name} for name in units}
    return {f"{ROOT}/{path}".rstrip("/"): body for path, body in tree.items()}


@pytest.mark.asyncio
async def test_a_loop_is_a_part_of_the_only_unit(registry: Registry) -> None:
    (device,) = await devices(plant("C1"), registry)

    (loop,) = parts(device, ComponentKind.COOLING_LOOP)
    assert device.identity.serial == "C1"
    assert loop.attributes == {"coolant": "Water", "consumers": ["R01", "R02"]}
    (connector,) = parts(device, ComponentKind.COOLANT_CONNECTOR)
    assert connector.attributes["connected_to"] == [f"{ROOT}/Chassis/R01"]


@pytest.mark.asyncio
@pytest.mark.parametrize("units", [(), ("C1", "C2")])
async def test_a_loop_that_no_single_unit_feeds_stands_for_itself(
    units: tuple[str, ...], registry: Registry
) -> None:
    found = await devices(plant(*units), registry)

    loops = [device for device in found if parts(device, ComponentKind.COOLING_LOOP)]
    assert len(found) == len(units) + 1
    assert [device.name for device in loops] == ["Row loop"]


@pytest.mark.asyncio
async def test_detectors_below_a_chassis_are_parts_of_its_server(registry: Registry) -> None:
    thermal = "Chassis/1/ThermalSubsystem"
    detectors = f"{thermal}/LeakDetection/LeakDetectors"
    bodies: dict[str, Any] = {
        "": {"Systems": ref("Systems"), "Chassis": ref("Chassis")},
        "Systems": {"Members": [ref("Systems/1")]},
        "Systems/1": {
            "Boot": {"BootSourceOverrideTarget": "None"},
            "Links": {"Chassis": [ref("Chassis/1")]},
        },
        "Chassis": {"Members": [ref("Chassis/1")]},
        "Chassis/1": {"ChassisType": "RackMount", "ThermalSubsystem": ref(thermal)},
        thermal: {"LeakDetection": ref(f"{thermal}/LeakDetection")},
        f"{thermal}/LeakDetection": {"LeakDetectors": ref(detectors)},
        detectors: {"Members": [ref(f"{detectors}/1"), ref(f"{detectors}/2")]},
        f"{detectors}/1": {"LeakDetectorType": "Moisture", "DetectorState": "OK"},
        f"{detectors}/2": {"Status": {"State": "Absent"}},
    }
    tree = {f"{ROOT}/{path}".rstrip("/"): body for path, body in bodies.items()}

    (server,) = await devices(tree, registry)

    (detector,) = parts(server, ComponentKind.LEAK_DETECTOR)
    assert detector.attributes == {"detector_type": "Moisture", "state": "OK"}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("name", "kind", "detectors"),
    [
        ("nvidia-nvlinkswitch-n5110ld-88.0002-libredfish", "switch", 7),
        ("supermicro-openbmc-gb300-70.01-redfishctl", "server", 4),
    ],
)
async def test_the_detectors_of_a_captured_machine_are_all_found(
    name: str, kind: str, detectors: int, registry: Registry
) -> None:
    if name not in captures():
        pytest.skip("this tree isn't here")

    found = await devices(captured(name), registry)

    assert [
        len(parts(device, ComponentKind.LEAK_DETECTOR)) for device in found if device.kind == kind
    ] == [detectors]
