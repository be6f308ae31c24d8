"""Storage controllers, drives and volumes; GPUs and other cards as PCIe devices."""

from __future__ import annotations

from typing import Final

from fleetd_emulators.hardware import Drive, StorageController
from fleetd_emulators.servers.documents.tree import OK, OK_ROLLUP, Document, Names, Tree

# DSP0268 deprecates VolumeType in favour of RAIDType; services still tell both.
VOLUME_TYPES: Final = {
    "RAID0": "NonRedundant",
    "RAID1": "Mirrored",
    "RAID5": "StripedWithParity",
    "RAID6": "StripedWithParity",
    "RAID10": "SpannedMirrors",
}
APPLY_TIMES: Final[Document] = {
    "@odata.type": "#Settings.v1_3_0.OperationApplyTimeSupport",
    "SupportedValues": ["Immediate"],
}


def storage(tree: Tree, names: Names) -> None:
    """Add every storage subsystem, and SimpleStorage where the OEM has it."""
    system = names.layout.system_path
    members = []
    for index, controller in enumerate(names.server.controllers):
        members.append(names.storage(index, controller))
        _subsystem(tree, names, index, controller)
    tree.collect(f"{system}/Storage", "Storage", "Storage Subsystems", members)
    if names.layout.simple_storage:
        _simple_storage(tree, names)
    _pcie_devices(tree, names)


def _subsystem(tree: Tree, names: Names, index: int, controller: StorageController) -> None:
    path = names.storage(index, controller)
    drives = [names.drive(index, place, drive) for place, drive in enumerate(controller.drives)]
    volumes = [names.volume(index, volume) for volume in controller.volumes]
    member = f"{path}/Controllers/0"
    facts: Document = {
        "Manufacturer": controller.manufacturer,
        "Model": controller.model,
        "SerialNumber": controller.serial,
        "FirmwareVersion": controller.firmware,
        "SupportedControllerProtocols": ["PCIe"],
        "SupportedDeviceProtocols": sorted({drive.protocol for drive in controller.drives}),
        "SupportedRAIDTypes": list(controller.raid_types),
        "Status": OK,
    }
    document = tree.add(
        path,
        "Storage.v1_13_0",
        controller.model,
        Drives=tree.links(drives),
        Volumes=tree.link(f"{path}/Volumes"),
        Links={"Enclosures": tree.links([names.layout.chassis_path])},
        Status=OK_ROLLUP,
    )
    document["Drives@odata.count"] = len(drives)
    if names.layout.storage_controllers_inline:
        document["StorageControllers"] = [
            {
                "@odata.id": f"{names.layout.href(path).rstrip('/')}#/StorageControllers/0",
                "MemberId": "0",
                "Name": controller.model,
                "SpeedGbps": 16,
                **facts,
            }
        ]
    document["Controllers"] = tree.link(f"{path}/Controllers")
    tree.collect(f"{path}/Controllers", "StorageController", "Controllers", [member])
    tree.add(member, "StorageController.v1_6_0", controller.model, **facts)
    for place, drive in enumerate(controller.drives):
        used = [volume for volume in controller.volumes if drive.bay in volume.bays]
        in_volumes = tree.links([names.volume(index, volume) for volume in used])
        _drive(tree, names, drives[place], drive, in_volumes)
    by_bay = {drive.bay: drives[place] for place, drive in enumerate(controller.drives)}
    for volume in controller.volumes:
        tree.add(
            names.volume(index, volume),
            "Volume.v1_8_0",
            volume.name,
            RAIDType=volume.raid_type,
            VolumeType=VOLUME_TYPES.get(volume.raid_type, "RawDevice"),
            CapacityBytes=volume.capacity_bytes,
            BlockSizeBytes=512,
            Encrypted=False,
            Links={"Drives": tree.links([by_bay[bay] for bay in volume.bays])},
            Status=OK,
        )
    tree.collect(f"{path}/Volumes", "Volume", "Volumes", volumes)
    if controller.raid_types:
        tree.set_default(f"{path}/Volumes", **{"@Redfish.OperationApplyTimeSupport": APPLY_TIMES})


def _drive(tree: Tree, names: Names, path: str, drive: Drive, in_volumes: list[Document]) -> None:
    tree.add(
        path,
        "Drive.v1_15_0",
        f"{drive.protocol} {drive.media} {drive.bay}",
        Manufacturer=drive.manufacturer,
        Model=drive.model,
        SerialNumber=drive.serial,
        PartNumber=drive.model,
        Revision=drive.firmware,
        CapacityBytes=drive.capacity_bytes,
        BlockSizeBytes=512,
        MediaType=drive.media,
        Protocol=drive.protocol,
        FailurePredicted=False,
        PredictedMediaLifeLeftPercent=100 if drive.media == "SSD" else None,
        PhysicalLocation={"PartLocation": {"ServiceLabel": drive.bay, "LocationType": "Bay"}},
        Links={"Chassis": tree.link(names.layout.chassis_path), "Volumes": in_volumes},
        Status=OK,
    )


def _simple_storage(tree: Tree, names: Names) -> None:
    path = f"{names.layout.system_path}/SimpleStorage"
    members = []
    for index, controller in enumerate(names.server.controllers):
        member = f"{path}/{names.storage(index, controller).rpartition('/')[2]}"
        members.append(member)
        tree.add(
            member,
            "SimpleStorage.v1_3_1",
            controller.model,
            Devices=[
                {
                    "Name": drive.bay,
                    "Manufacturer": drive.manufacturer,
                    "Model": drive.model,
                    "CapacityBytes": drive.capacity_bytes,
                    "Status": OK,
                }
                for drive in controller.drives
            ],
            Status=OK,
        )
    tree.collect(path, "SimpleStorage", "Simple Storage", members)


def _pcie_devices(tree: Tree, names: Names) -> None:
    path = f"{names.layout.chassis_path}/PCIeDevices"
    members = []
    for index, card in enumerate(names.server.accelerators):
        member = f"{path}/{card.slot}"
        members.append(member)
        tree.add(
            member,
            "PCIeDevice.v1_11_0",
            card.model,
            DeviceType="SingleFunction",
            Manufacturer=card.manufacturer,
            Model=card.model,
            SerialNumber=card.serial,
            Slot={"Location": {"PartLocation": {"ServiceLabel": card.slot}}},
            PCIeFunctions=tree.link(f"{member}/PCIeFunctions"),
            Links={"Processors": tree.links([names.accelerator(index)])},
            Status=OK,
        )
        function = f"{member}/PCIeFunctions/0"
        tree.collect(f"{member}/PCIeFunctions", "PCIeFunction", "PCIe Functions", [function])
        tree.add(
            function,
            "PCIeFunction.v1_5_0",
            "Function 0",
            FunctionId=0,
            DeviceClass="ProcessingAccelerators",
            VendorId="0x10de",
            Status=OK,
        )
    tree.collect(path, "PCIeDevice", "PCIe Devices", members)
