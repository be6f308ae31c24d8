"""HPE servers behind iLO 4 to 7.

Sources: DSP0268 (properties), HPE's Redfish documentation, and those that each quirk names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fleetd.driverkit.effects import Patch, Reads
from fleetd.driverkit.payload import entries, positive, text, value
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.spec import Driver
from fleetd.driverkit.standard import GENERIC
from fleetd.driverkit.version import Range

Body = Mapping[str, Any]

_MIB: Final = 2**20
_RAID: Final = {
    "0": "RAID0",
    "1": "RAID1",
    "1ADM": "RAID1Triple",
    "10": "RAID10",
    "10ADM": "RAID10Triple",
    "5": "RAID5",
    "50": "RAID50",
    "6": "RAID6",
    "60": "RAID60",
}


def adapter_of_base_adapter(body: Body) -> Body:
    """An HpeBaseNetworkAdapter in the words of NetworkAdapter; its ports have interfaces too."""
    if "PhysicalPorts" not in body or "Controllers" in body:
        return body
    place = text(body, "Location")
    controller: dict[str, Any] = {
        "FirmwarePackageVersion": text(body, "Firmware/Current/VersionString"),
        "ControllerCapabilities": {"NetworkPortCount": len(entries(body, "PhysicalPorts"))},
    }
    if place is not None:
        controller["Location"] = {"PartLocation": {"ServiceLabel": place}}
    return {**body, "Model": text(body, "Name"), "Controllers": [controller], "Location": None}


def storage_of_array_controller(body: Body) -> Body:
    """An HpeSmartStorageArrayController in the words of Storage."""
    if "ControllerPartNumber" not in body and "AdapterType" not in body:
        return body
    if "StorageControllers" in body:
        return body
    controller = {
        "Manufacturer": "HPE",
        "Model": text(body, "Model"),
        "Name": text(body, "Model", "Name"),
        "SerialNumber": text(body, "SerialNumber"),
        "PartNumber": text(body, "ControllerPartNumber"),
        "FirmwareVersion": text(body, "FirmwareVersion/Current/VersionString"),
        "Status": body.get("Status"),
        "Location": {"PartLocation": {"ServiceLabel": text(body, "Location")}},
    }
    return {
        **body,
        "StorageControllers": [controller],
        "Drives": value(body, "Links/PhysicalDrives"),
        "Volumes": value(body, "Links/LogicalDrives"),
    }


def drive_of_disk_drive(body: Body) -> Body:
    """An HpeSmartStorageDiskDrive in the words of Drive."""
    mebibytes = positive(body, "CapacityMiB")
    if mebibytes is None or "CapacityBytes" in body:
        return body
    return {
        **body,
        "CapacityBytes": mebibytes * _MIB,
        "Revision": text(body, "FirmwareVersion/Current/VersionString"),
        "FirmwareVersion": None,
        "Protocol": text(body, "InterfaceType"),
        "Location": None,
        "PhysicalLocation": {"PartLocation": {"ServiceLabel": text(body, "Location")}},
    }


def volume_of_logical_drive(body: Body) -> Body:
    """An HpeSmartStorageLogicalDrive in the words of Volume."""
    mebibytes = positive(body, "CapacityMiB")
    if mebibytes is None or "CapacityBytes" in body:
        return body
    return {
        **body,
        "CapacityBytes": mebibytes * _MIB,
        "RAIDType": _RAID.get(text(body, "Raid") or ""),
        "DisplayName": text(body, "LogicalDriveName"),
        "Links": {**(body.get("Links") or {}), "Drives": value(body, "Links/DataDrives")},
    }


ILO: Final[Driver] = (
    GENERIC.derive("hpe.ilo", title="HPE iLO 4 to 7", vendor="HPE")
    .matches(vendor=r"^HPE?\b|^Hewlett")
    .matches(oem="Hpe|Hp")
    .matches(oem="Hpe|Hp", manager_model=r"\biLO\b")
    .generation("iLO 4", manager_firmware=r"^iLO 4\b")
    .generation("iLO 5", manager_firmware=r"^iLO 5\b")
    .generation("iLO 6", manager_firmware=r"^iLO 6\b")
    .generation("iLO 4", manager_model=r"^iLO 4\b")
    .generation("iLO 5", manager_model=r"^iLO 5\b")
    .generation("iLO 6", manager_model=r"^iLO 6\b")
    .generation("iLO 7", manager_model=r"^iLO 7\b")
    .quirk(
        "base-network-adapters",
        Reads("ComputerSystem", Follow("Oem/Hpe/Links/NetworkAdapters", "NetworkAdapter")),
        Patch("NetworkAdapter", adapter_of_base_adapter),
        title="Network cards are in an Oem collection",
        standard="DSP0268 'Chassis': NetworkAdapters",
        bmc="Cards stand in Systems/1/BaseNetworkAdapters, with their ports written inside",
        action="They are read as network adapters with ports",
        source="HPE-044, redfishdocs ilo6_changelog",
        test="tests/drivers/test_hpe.py::test_a_card_in_the_older_place_is_a_card",
        firmware=Range(generation="iLO 5"),
    )
    .quirk(
        "smart-storage",
        Reads("ComputerSystem", Follow("Oem/Hpe/Links/SmartStorage", "StorageGroup")),
        Reads("StorageGroup", Follow("Links/ArrayControllers", "Storage")),
        Reads("Volume", Follow("Links/DataDrives", "Drive")),
        Patch("Storage", storage_of_array_controller),
        Patch("Drive", drive_of_disk_drive),
        Patch("Volume", volume_of_logical_drive),
        title="Smart Array controllers are in an Oem tree",
        standard="DSP0268 'ComputerSystem': Storage",
        bmc="SmartStorage/ArrayControllers holds controllers and drives that Storage lacks",
        action="The Oem tree is read in the words of Storage, Drive and Volume",
        source="STO-004, HPE-007, SNIA/Swordfish-Powershell-Toolkit#19",
        test="tests/drivers/test_hpe.py::test_smart_arrays_read_like_any_other_storage",
        firmware=Range(generation="iLO 5"),
    )
)
