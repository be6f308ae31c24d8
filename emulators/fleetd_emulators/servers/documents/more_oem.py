"""What AMI, NVIDIA, Fujitsu and Huawei add of their own to their trees."""

from __future__ import annotations

from fleetd_emulators.servers.documents.layout import ROOT
from fleetd_emulators.servers.documents.tree import OK, Names, Tree


def ami(tree: Tree, names: Names) -> None:
    """MegaRAC: the future state of a system, and what an upload must say."""
    layout, update = names.layout, f"{ROOT}/UpdateService"
    tree.set_default(ROOT, Oem={"Ami": {"RtpVersion": "13.03"}})
    system = tree.documents[layout.system_path]
    future = f"{layout.system_path}/SD"
    system["@Redfish.Settings"] = {
        "@odata.type": "#Settings.v1_3_3.Settings",
        "SettingsObject": tree.link(future),
    }
    tree.add(future, "ComputerSystem.v1_16_0", "Future State", Boot=dict(system["Boot"]))
    tree.set_default(
        update,
        Oem={
            "AMIUpdateService": {
                "PreserveConfiguration": {"User": False, "Network": False, "SEL": False},
                "UpdateStatus": None,
                "FlashPercentage": None,
            }
        },
    )
    info = f"{update}/UploadActionInfo"
    parameter = {
        "Name": "ImageType",
        "Required": True,
        "DataType": "String",
        "AllowableValues": ["BMC", "BIOS"],
    }
    tree.add(info, "ActionInfo.v1_1_2", "Upload Action Info", Parameters=[parameter])


def nvidia(tree: Tree, names: Names) -> None:
    """A tray: the GPU baseboard as a system of its own, roots of trust, the standby power."""
    layout, server = names.layout, names.server
    tree.set_default(ROOT, Oem={"Nvidia": {"@odata.type": "#NvidiaServiceRoot.v1_0_0.Root"}})
    manager = tree.documents[layout.manager_path]
    manager["Oem"] = {"Nvidia": {"@odata.type": "#OemManager.v1_4_0.NvidiaManager"}}
    board = f"{ROOT}/Chassis/BMC_0"
    tree.add(
        board,
        "Chassis.v1_21_0",
        "BMC board",
        ChassisType="Module",
        Manufacturer=server.manufacturer,
        Status=OK,
        Actions={
            "Oem": {
                "#NvidiaChassis.AuxPowerReset": {
                    "target": f"{board}/Actions/Oem/NvidiaChassis.AuxPowerReset"
                }
            }
        },
    )
    manager["Links"]["ManagerInChassis"] = tree.link(board)
    erots = [f"{ROOT}/Chassis/HGX_ERoT_{part}_0" for part in ("CPU", "BMC", "FPGA")]
    for path in erots:
        tree.add(
            path, "Chassis.v1_21_0", path.rpartition("/")[2], ChassisType="Component", Status=OK
        )
    _join(tree, f"{ROOT}/Chassis", board, *erots)
    baseboard = f"{ROOT}/Systems/HGX_Baseboard_0"
    tree.add(
        baseboard,
        "ComputerSystem.v1_16_0",
        "HGX_Baseboard_0",
        SystemType="Physical",
        PowerState="On",
        Status=OK,
        Links={"Chassis": tree.links([board]), "ManagedBy": tree.links([layout.manager_path])},
    )
    _join(tree, f"{ROOT}/Systems", baseboard)
    inventory = f"{ROOT}/UpdateService/FirmwareInventory"
    parts = [f"{inventory}/HGX_FW_GPU_{index}" for index, _ in enumerate(server.accelerators)]
    for path in parts:
        tree.add(
            path,
            "SoftwareInventory.v1_10_0",
            path.rpartition("/")[2],
            Version="97.00.88.00.0F",
            Updateable=True,
            Status=OK,
        )
    _join(tree, inventory, *parts)


def fujitsu(tree: Tree, names: Names) -> None:
    """iRMC: boot configuration, virtual media and resets in places of its own."""
    layout = names.layout
    section = "ts_fujitsu"
    place = f"{layout.system_path}/Oem/{section}"
    tree.set_default(ROOT, Oem={section: {"FirmwareVersion": names.server.bmc_version}})
    tree.add(
        f"{place}/BootConfig",
        "FTSBootConfig.v1_0_0",
        "Boot Config",
        BootDevice="None",
        BootType="UEFI",
        NextBootOnlyEnabled=True,
    )
    media = f"{place}/VirtualMedia"
    drive = {
        "Server": "",
        "ShareType": "HTTP",
        "ImageName": "",
        "ShareName": "",
        "IsMounted": False,
    }
    tree.add(
        media,
        "FTSVirtualMedia.v1_0_0",
        "Virtual Media",
        CDImage=dict(drive),
        HDImage=dict(drive),
        RemoteMountEnabled=True,
    )
    system = tree.documents[layout.system_path]
    system["Oem"] = {
        section: {
            "BootConfig": tree.link(f"{place}/BootConfig"),
            "VirtualMedia": tree.link(media),
        }
    }
    system["Actions"]["Oem"] = {
        "#FTSComputerSystem.Reset": {
            "target": f"{layout.system_path}/Actions/Oem/FTSComputerSystem.Reset",
            "FTSResetType@Redfish.AllowableValues": ["PowerCycle", "PulseNmi", "PowerButton"],
        },
        "#FTSComputerSystem.VirtualMedia": {
            "target": f"{layout.system_path}/Actions/Oem/FTSComputerSystem.VirtualMedia",
            "FTSVirtualMediaAction@Redfish.AllowableValues": ["ConnectCD", "DisconnectCD"],
        },
    }


def huawei(tree: Tree, names: Names) -> None:
    """iBMC: its own section, and nothing of the standard's push."""
    layout = names.layout
    tree.set_default(ROOT, Oem={"Huawei": {"SecurityBanner": "", "DomainSearch": False}})
    tree.set_default(
        layout.manager_path,
        Oem={"Huawei": {"BMCUpTime": "1 days 2:03:04", "ProductUniqueID": "0x02000c00"}},
    )
    tree.set_default(
        layout.system_path, Oem={"Huawei": {"BootupSequence": ["HDD", "Cd", "Pxe", "Others"]}}
    )


def _join(tree: Tree, collection: str, *paths: str) -> None:
    """More members for a collection."""
    document = tree.documents[collection]
    document["Members"] = [*document["Members"], *tree.links(list(paths))]
    document["Members@odata.count"] = len(document["Members"])
