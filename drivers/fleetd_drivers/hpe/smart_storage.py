"""Network cards and Smart Arrays of older iLOs, in the standard's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fleetd.driverkit.payload import entries, positive, text, value

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
