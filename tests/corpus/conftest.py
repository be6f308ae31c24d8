"""A small tree of a made-up server, as bodies and as files in DMTF's layout."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = "/redfish/v1"
Bodies = dict[str, dict[str, Any]]
Write = Callable[[str, Mapping[str, Any]], Path]


def link(path: str) -> dict[str, str]:
    return {"@odata.id": f"{ROOT}/{path}"}


def resource(path: str, schema: str, **properties: Any) -> dict[str, dict[str, Any]]:
    last = path.rpartition("/")[2]
    body = {
        "@odata.id": f"{ROOT}/{path}",
        "@odata.type": f"#{schema}.v1_0_0.{schema}",
        "Id": last,
        "Name": last,
        **properties,
    }
    return {f"{ROOT}/{path}": body}


def collection(path: str, *members: str) -> dict[str, dict[str, Any]]:
    body = {
        "@odata.id": f"{ROOT}/{path}",
        "@odata.type": "#SomeCollection.SomeCollection",
        "Name": path,
        "Members@odata.count": len(members),
        "Members": [link(f"{path}/{member}") for member in members],
    }
    return {f"{ROOT}/{path}": body}


ENABLED = {"State": "Enabled", "Health": "OK"}


def small_tree() -> Bodies:
    """A server with one processor, one module beside an empty slot, a drive, a port, two fans."""
    return {
        ROOT: {
            "@odata.id": f"{ROOT}/",
            "@odata.type": "#ServiceRoot.v1_9_0.ServiceRoot",
            "Id": "RootService",
            "Name": "Root",
            "RedfishVersion": "1.9.0",
            "Systems": link("Systems"),
            "Chassis": link("Chassis"),
            "Managers": link("Managers"),
            "UpdateService": link("UpdateService"),
        },
        **collection("Systems", "1"),
        **resource(
            "Systems/1",
            "ComputerSystem",
            SerialNumber="SN-4711",
            Manufacturer="Contoso",
            Model="C1",
            PowerState="On",
            Status=ENABLED,
            Actions={"#ComputerSystem.Reset": {"target": f"{ROOT}/Systems/1/Actions/Reset"}},
            Processors=link("Systems/1/Processors"),
            Memory=link("Systems/1/Memory"),
            Storage=link("Systems/1/Storage"),
            EthernetInterfaces=link("Systems/1/EthernetInterfaces"),
            Links={"Chassis": [link("Chassis/1")], "ManagedBy": [link("Managers/bmc")]},
        ),
        **collection("Systems/1/Processors", "CPU0"),
        **resource(
            "Systems/1/Processors/CPU0",
            "Processor",
            ProcessorType="CPU",
            Model="Epyc",
            TotalCores=8,
            Status=ENABLED,
        ),
        **collection("Systems/1/Memory", "DIMM0", "DIMM1"),
        **resource(
            "Systems/1/Memory/DIMM0", "Memory", CapacityMiB=8192, SerialNumber="M1", Status=ENABLED
        ),
        **resource("Systems/1/Memory/DIMM1", "Memory", Status={"State": "Absent"}),
        **collection("Systems/1/Storage", "R0"),
        **resource(
            "Systems/1/Storage/R0", "Storage", Drives=[link("Systems/1/Storage/R0/Drives/0")]
        ),
        **resource(
            "Systems/1/Storage/R0/Drives/0",
            "Drive",
            SerialNumber="D1",
            CapacityBytes=10**12,
            Status=ENABLED,
        ),
        **collection("Systems/1/EthernetInterfaces", "1"),
        **resource(
            "Systems/1/EthernetInterfaces/1",
            "EthernetInterface",
            MACAddress="02:00:00:00:00:01",
            Status=ENABLED,
        ),
        **collection("Chassis", "1"),
        **resource(
            "Chassis/1",
            "Chassis",
            ChassisType="RackMount",
            SerialNumber="SN-4711",
            Thermal=link("Chassis/1/Thermal"),
            Power=link("Chassis/1/Power"),
            Links={"ComputerSystems": [link("Systems/1")], "ManagedBy": [link("Managers/bmc")]},
        ),
        **resource(
            "Chassis/1/Thermal",
            "Thermal",
            Fans=[{"Name": "Fan 1", "Status": ENABLED}, {"Name": "Fan 2", "Status": ENABLED}],
        ),
        **resource(
            "Chassis/1/Power",
            "Power",
            PowerSupplies=[
                {"Name": "PSU 1", "SerialNumber": "P1", "Status": ENABLED},
                {"Name": "PSU 2", "Status": {"State": "Absent"}},
            ],
        ),
        **collection("Managers", "bmc"),
        **resource(
            "Managers/bmc",
            "Manager",
            ManagerType="BMC",
            FirmwareVersion="2.1",
            Status=ENABLED,
            Links={"ManagerForServers": [link("Systems/1")]},
        ),
        **resource(
            "UpdateService",
            "UpdateService",
            FirmwareInventory=link("UpdateService/FirmwareInventory"),
        ),
        **collection("UpdateService/FirmwareInventory", "BMC"),
        **resource(
            "UpdateService/FirmwareInventory/BMC",
            "SoftwareInventory",
            Version="0.00",
            Status=ENABLED,
        ),
    }


@pytest.fixture
def bodies() -> Bodies:
    return small_tree()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write bodies as a tree of that name; gives the folder that holds the trees."""

    def written(name: str, bodies: Mapping[str, Any]) -> Path:
        for path, body in bodies.items():
            folder = tmp_path / "trees" / name / path.lstrip("/")
            folder.mkdir(parents=True, exist_ok=True)
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            (folder / "index.json").write_bytes(content)
        return tmp_path / "trees"

    return written
