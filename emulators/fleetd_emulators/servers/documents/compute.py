"""The computer system and what computes in it: processors, memory, BIOS, secure boot."""

from __future__ import annotations

from typing import Any, Final

from fleetd_emulators.hardware import GIB, MemoryModule, Server
from fleetd_emulators.servers.documents.layout import ROOT, Layout
from fleetd_emulators.servers.documents.tree import OK, OK_ROLLUP, Document, Names, Tree, locators

# What DSP0268 'ComputerSystem' has beside the targets that need to say more.
_BOOT_DETAILS: Final = {
    "UefiTarget": "UefiTargetBootSourceOverride",
    "UefiBootNext": "BootNext",
    "UefiHttp": "HttpBootUri",
}


def compute(tree: Tree, names: Names) -> None:
    """Add the system with its processors, memory, BIOS and secure boot."""
    server, layout = names.server, names.layout
    tree.collect(f"{ROOT}/Systems", "ComputerSystem", "Computer Systems", [layout.system_path])
    _system(tree, names)
    _processors(tree, names)
    members = []
    for index, module in enumerate(server.memory):
        path = names.memory(index, module)
        members.append(path)
        _memory(tree, path, module)
    tree.collect(f"{layout.system_path}/Memory", "Memory", "Memory Modules", members)
    _bios(tree, server, layout)
    tree.add(
        f"{layout.system_path}/SecureBoot",
        "SecureBoot.v1_1_0",
        "UEFI Secure Boot",
        SecureBootEnable=False,
        SecureBootCurrentBoot="Disabled",
        SecureBootMode="DeployedMode",
        Actions={
            "#SecureBoot.ResetKeys": {
                "target": layout.href(
                    f"{layout.system_path}/SecureBoot/Actions/SecureBoot.ResetKeys"
                ),
                "ResetKeysType@Redfish.AllowableValues": [
                    *("ResetAllKeysToDefault", "DeleteAllKeys", "DeletePK"),
                ],
            }
        },
    )


def _system(tree: Tree, names: Names) -> None:
    server, layout = names.server, names.layout
    path = layout.system_path
    document = tree.add(
        path,
        "ComputerSystem.v1_16_0",
        "System" if layout.oem else "system",
        SystemType="Physical",
        Manufacturer=server.manufacturer,
        Model=server.model,
        SKU=server.sku,
        PartNumber=server.part_number,
        SerialNumber=server.serial,
        AssetTag=server.asset_tag,
        UUID=server.uuid,
        HostName="",
        BiosVersion=server.bios_version,
        PowerState="On" if server.powered_on else "Off",
        **locators(layout),
        Status=OK_ROLLUP if server.powered_on else {**OK_ROLLUP, "State": layout.off_state},
        Boot=_boot(layout),
        BootProgress={"LastState": "OSRunning" if server.powered_on else "None"},
        ProcessorSummary=_processor_summary(server),
        MemorySummary={
            "TotalSystemMemoryGiB": server.memory_bytes // GIB,
            "Status": OK_ROLLUP,
        },
    )
    for name in ("Processors", "Memory", "EthernetInterfaces", "NetworkInterfaces", "Storage"):
        document[name] = tree.link(f"{path}/{name}")
    if layout.simple_storage:
        document["SimpleStorage"] = tree.link(f"{path}/SimpleStorage")
    devices = [f"{layout.chassis_path}/PCIeDevices/{card.slot}" for card in server.accelerators]
    document["PCIeDevices"] = tree.links(devices)
    document["PCIeDevices@odata.count"] = len(devices)
    document["Bios"] = tree.link(layout.bios_path)
    document["SecureBoot"] = tree.link(f"{path}/SecureBoot")
    if layout.system_logs:
        document["LogServices"] = tree.link(f"{path}/LogServices")
    if layout.virtual_media_owner == "Systems" or layout.oem == "Supermicro":
        document["VirtualMedia"] = tree.link(layout.media_path)
    document["Links"] = {
        "Chassis": tree.links([layout.chassis_path]),
        "ManagedBy": tree.links([layout.manager_path]),
    }
    document["Actions"] = {
        "#ComputerSystem.Reset": tree.reset_action(
            layout.system_path,
            "ComputerSystem",
            types=layout.reset_types,
            in_info=layout.reset_action_info,
        )
    }


def _boot(layout: Layout) -> Document:
    return {
        "BootSourceOverrideEnabled": "Disabled",
        "BootSourceOverrideEnabled@Redfish.AllowableValues": list(layout.boot_lasting),
        "BootSourceOverrideMode": "UEFI",
        "BootSourceOverrideMode@Redfish.AllowableValues": ["Legacy", "UEFI"],
        "BootSourceOverrideTarget": "None",
        "BootSourceOverrideTarget@Redfish.AllowableValues": list(layout.boot_targets),
        "BootOrder": ["Boot0000", "Boot0001"],
        **{_BOOT_DETAILS[one]: None for one in layout.boot_targets if one in _BOOT_DETAILS},
    }


def _processor_summary(server: Server) -> Document:
    return {
        "Count": len(server.processors),
        "CoreCount": sum(processor.cores for processor in server.processors),
        "LogicalProcessorCount": sum(processor.threads for processor in server.processors),
        "Model": server.processors[0].model if server.processors else None,
        "Status": OK_ROLLUP,
    }


def _processors(tree: Tree, names: Names) -> None:
    members = []
    for index, processor in enumerate(names.server.processors):
        path = names.processor(index)
        members.append(path)
        tree.add(
            path,
            "Processor.v1_16_0",
            "Processor",
            Socket=processor.socket,
            ProcessorType="CPU",
            ProcessorArchitecture=processor.architecture,
            InstructionSet=processor.instruction_set,
            Manufacturer=processor.manufacturer,
            Model=processor.model,
            MaxSpeedMHz=processor.max_speed_mhz,
            TotalCores=processor.cores,
            TotalEnabledCores=processor.cores,
            TotalThreads=processor.threads,
            Status=OK,
        )
    for index, card in enumerate(names.server.accelerators):
        path = names.accelerator(index)
        members.append(path)
        tree.add(
            path,
            "Processor.v1_16_0",
            card.model,
            ProcessorType="GPU",
            ProcessorArchitecture="OEM",
            InstructionSet="OEM",
            Manufacturer=card.manufacturer,
            Model=card.model,
            SerialNumber=card.serial,
            MemorySummary={"TotalMemorySizeMiB": card.memory_bytes // 2**20},
            Links={"PCIeDevice": tree.link(f"{names.layout.chassis_path}/PCIeDevices/{card.slot}")},
            Status=OK,
        )
    tree.collect(f"{names.layout.system_path}/Processors", "Processor", "Processors", members)


def _memory(tree: Tree, path: str, module: MemoryModule) -> None:
    if not module.capacity_bytes:
        tree.add(
            path,
            "Memory.v1_14_0",
            module.slot,
            DeviceLocator=module.slot,
            CapacityMiB=0,
            Status={"State": "Absent", "Health": None},
        )
        return
    tree.add(
        path,
        "Memory.v1_14_0",
        module.slot,
        DeviceLocator=module.slot,
        MemoryType="DRAM",
        MemoryDeviceType="DDR5",
        BaseModuleType="RDIMM",
        ErrorCorrection="MultiBitECC",
        CapacityMiB=module.capacity_bytes // 2**20,
        OperatingSpeedMhz=module.speed_mhz,
        AllowedSpeedsMHz=[module.speed_mhz],
        DataWidthBits=64,
        BusWidthBits=80,
        RankCount=2,
        Manufacturer=module.manufacturer,
        PartNumber=module.part_number,
        SerialNumber=module.serial,
        Status=OK,
    )


def _bios(tree: Tree, server: Server, layout: Layout) -> None:
    settings: dict[str, Any] = {
        "@odata.type": "#Settings.v1_3_0.Settings",
        "SettingsObject": tree.link(layout.bios_settings_path),
    }
    if not layout.settings_named:
        # The annotation doesn't say where (quirk AMI-006).
        del settings["SettingsObject"]
    if layout.bios_apply_times:
        settings["SupportedApplyTimes"] = list(layout.bios_apply_times)
    actions = f"{layout.bios_path}/Actions"
    document = tree.add(
        layout.bios_path,
        "Bios.v1_2_0",
        "BIOS Configuration Current Settings",
        AttributeRegistry=layout.bios_registry,
        Attributes=dict(server.bios_attributes),
        Actions={
            "#Bios.ResetBios": {"target": layout.href(f"{actions}/Bios.ResetBios")},
        },
    )
    document["@Redfish.Settings"] = settings
    tree.add(
        layout.bios_settings_path,
        "Bios.v1_2_0",
        "BIOS Configuration Pending Settings",
        AttributeRegistry=layout.bios_registry,
        Attributes={},
    )
