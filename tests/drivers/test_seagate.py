"""Seagate's arrays, as their tutorials show them."""

from __future__ import annotations

from typing import Any

import pytest

from fleetd.domain.device import Description
from fleetd.driverkit.registry import Registry
from tests.support.trees import TreeReader, read

ROOT = "/redfish/v1"
EXAMPLE = "92384634-2938-2342-8820-489239905423"


def ref(path: str) -> dict[str, str]:
    return {"@odata.id": f"{ROOT}/{path}"}


def array(serial: str) -> dict[str, Any]:
    """An array of one controller and one drive, under service 2."""
    tree: dict[str, Any] = {
        "": {
            "RedfishVersion": "1.12.0",
            "UUID": EXAMPLE,
            "Oem": {"Seagate": {"RedfishServiceVersion": "2.4.20"}},
            "Systems": ref("Systems"),
            "Chassis": ref("Chassis"),
        },
        "Systems": {"Members": [ref(f"Systems/{serial}")]},
        f"Systems/{serial}": {
            "Manufacturer": "SEAGATE",
            "SerialNumber": serial,
            "Links": {"Chassis": [ref("Chassis/enclosure_0")]},
            "Storage": ref(f"Systems/{serial}/Storage"),
        },
        f"Systems/{serial}/Storage": {"Members": [ref(f"Systems/{serial}/Storage/controller_a")]},
        f"Systems/{serial}/Storage/controller_a": {
            "Name": "controller_a",
            "Drives": [ref(f"Systems/{serial}/Storage/controller_a/Drives/0.0")],
            "StoragePools": ref(f"Systems/{serial}/Storage/controller_a/StoragePools"),
        },
        f"Systems/{serial}/Storage/controller_a/StoragePools": {"Members": []},
        f"Systems/{serial}/Storage/controller_a/Drives/0.0": {
            "SerialNumber": f"{serial}D",
            "CapacityBytes": 1800360124416,
            "EncryptionStatus": "Unecrypted",
        },
        "Chassis": {"Members": [ref("Chassis/enclosure_0")]},
        "Chassis/enclosure_0": {
            "ChassisType": "StorageEnclosure",
            "Manufacturer": "SEAGATE",
            "Location": {"Placement": {"Rack": "0", "RackOffset": 0}},
        },
    }
    return {f"{ROOT}/{path}".rstrip("/"): body for path, body in tree.items()}


async def read_array(serial: str, registry: Registry) -> Description:
    reading = await read(TreeReader(array(serial)), registry)
    assert reading.driver == "seagate.array"
    (device,) = reading.descriptions
    return device


@pytest.mark.asyncio
async def test_arrays_are_told_apart_though_their_roots_share_a_uuid(registry: Registry) -> None:
    first, second = [await read_array(serial, registry) for serial in ("SGF1", "SGF2")]

    assert (first.identity.serial, second.identity.serial) == ("SGF1", "SGF2")
    assert first.identity.manager_id is None
    assert first.kind == "storage"


@pytest.mark.asyncio
async def test_a_drive_is_unencrypted_with_all_its_letters(registry: Registry) -> None:
    device = await read_array("SGF1", registry)

    (drive,) = [part for part in device.components if part.kind == "drive"]
    assert drive.attributes["encryption_status"] == "Unencrypted"


@pytest.mark.asyncio
async def test_an_enclosures_number_is_no_rack(registry: Registry) -> None:
    device = await read_array("SGF1", registry)

    assert (device.placement.rack, device.placement.unit) == (None, None)
