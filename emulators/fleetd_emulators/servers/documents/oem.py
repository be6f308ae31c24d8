"""What each OEM adds of its own, in the places where its services have it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.documents.dell import dell
from fleetd_emulators.servers.documents.layout import ROOT
from fleetd_emulators.servers.documents.more_oem import ami, fujitsu, huawei, nvidia
from fleetd_emulators.servers.documents.tree import OK, Document, Names, Tree


def oem(tree: Tree, names: Names) -> None:
    """Add the Oem sections and resources of the server's personality."""
    decorate = _DECORATIONS.get(names.server.personality)
    if decorate is not None:
        decorate(tree, names)


def _hpe(tree: Tree, names: Names) -> None:
    server, layout, documents = names.server, names.layout, tree.documents
    moniker = {"BMC": "iLO", "PRODGEN": "iLO 6", "PRODTAG": "HPE iLO 6", "SYSFAM": "ProLiant"}
    tree.set_default(
        ROOT,
        Oem={
            "Hpe": {
                "Manager": [
                    {
                        "ManagerType": "iLO 6",
                        "ManagerFirmwareVersion": server.bmc_version,
                        "HostName": f"ilo{server.serial}".lower(),
                        "Status": {"Health": "OK"},
                    }
                ],
                "Moniker": moniker,
                "System": [{"Status": {"Health": "OK"}}],
            }
        },
    )
    health = {"Status": {"Health": "OK"}}
    parts = ("Fans", "Memory", "Network", "PowerSupplies", "Processors", "Storage", "Temperatures")
    tree.set_default(
        layout.system_path,
        Oem={
            "Hpe": {
                "AggregateHealthStatus": {
                    "AggregateServerHealth": "OK",
                    "BiosOrHardwareHealth": health,
                    **dict.fromkeys(parts, health),
                },
                "Bios": {"Current": {"VersionString": server.bios_version}, "UefiClass": 3},
                "PostState": "FinishedPost" if server.powered_on else "PowerOff",
                "PowerOnDelay": "Minimum",
            }
        },
    )
    tree.set_default(
        layout.manager_path,
        Oem={
            "Hpe": {
                "Firmware": {"Current": {"VersionString": f"iLO 6 v{server.bmc_version}"}},
                "License": {"LicenseString": "iLO Advanced", "LicenseType": "Perpetual"},
            }
        },
    )
    extensions = f"{layout.system_path}/Actions/Oem/Hpe/HpeComputerSystemExt"
    documents[layout.system_path]["Actions"]["Oem"] = {
        f"#HpeComputerSystemExt.{verb}": {"target": f"{extensions}.{verb}/"}
        for verb in ("PowerButton", "SystemReset")
    }
    security = f"{layout.manager_path}/SecurityService"
    certificate = f"{security}/HttpsCert"
    tree.add(
        security,
        "HpeSecurityService.v2_4_0",
        "Security Service",
        Links={"HttpsCert": tree.link(certificate)},
    )
    tree.add(
        certificate,
        "HpeHttpsCert.v1_0_0",
        "HTTPS Certificate",
        CertificateSigningRequest=None,
        Actions={
            f"#HpeHttpsCert.{verb}": {"target": f"{certificate}/Actions/HpeHttpsCert.{verb}/"}
            for verb in ("GenerateCSR", "ImportCertificate")
        },
    )
    documents[layout.manager_path]["Oem"]["Hpe"]["Links"] = {"SecurityService": tree.link(security)}
    inventory = f"{ROOT}/UpdateService/FirmwareInventory"
    for path, document in documents.items():
        if path.startswith(f"{inventory}/"):
            document["Oem"] = {"Hpe": {"DeviceContext": "System Board"}}
    for index, module in enumerate(server.memory):
        if module.capacity_bytes:
            documents[names.memory(index, module)]["Oem"] = {
                "Hpe": {"DIMMStatus": "GoodInUse", "PartNumber": module.part_number}
            }


def _supermicro(tree: Tree, names: Names) -> None:
    layout = names.layout
    tree.set_default(ROOT, Oem={"Supermicro": {}}, Product=None)
    boot_order = f"{layout.system_path}/Oem/Supermicro/FixedBootOrder"
    tree.add(
        boot_order,
        "SmcFixedBootOrder.v1_0_0",
        "Fixed Boot Order",
        BootModeSelected="UEFI",
        FixedBootOrder=["UEFI Hard Disk", "UEFI CD/DVD", "UEFI USB Hard Disk", "UEFI Network"],
    )
    tree.set_default(
        layout.system_path, Oem={"Supermicro": {"FixedBootOrder": tree.link(boot_order)}}
    )
    own = f"{layout.manager_path}/Oem/Supermicro"
    tree.add(f"{own}/FanMode", "SmcFanMode.v1_0_0", "Fan Mode", Mode="Optimal")
    tree.add(
        f"{own}/SysLockdown", "SmcSysLockdown.v1_0_0", "System Lockdown", SysLockdownEnabled=False
    )
    tree.add(f"{own}/LLDP", "LldpService.v1_0_0", "LLDP", LLDPEnabled=True, LLDPReceive={})
    licences = f"{layout.manager_path}/LicenseManager"
    tree.add(
        licences,
        "SmcLicenseManager.v1_0_0",
        "License Manager",
        QueryLicense=tree.link(f"{licences}/QueryLicense"),
        Actions={
            "Oem": {
                f"#LicenseManager.{verb}": {
                    "target": f"{licences}/Actions/Oem/LicenseManager.{verb}"
                }
                for verb in ("ActivateLicense", "ClearLicense")
            }
        },
    )
    tree.documents[layout.system_path]["Actions"]["Oem"] = {
        "#OemSystemExtensions.Reset": {
            "target": f"{layout.system_path}/Actions/Oem/OemSystemExtensions.Reset"
        }
    }
    update = f"{ROOT}/UpdateService"
    tree.documents[update]["Actions"]["Oem"] = {
        "#SmcUpdateService.CancelUpdate": {
            "target": f"{update}/Actions/Oem/SmcUpdateService.CancelUpdate"
        }
    }
    tree.add(
        f"{licences}/QueryLicense",
        "SmcQueryLicense.v1_0_0",
        "Query License",
        Licenses=['{"ProductKey":{"Node":{"LicenseName":"SFT-DCMS-SINGLE"}}}'],
    )
    tree.set_default(
        layout.manager_path,
        Oem={
            "Supermicro": {
                "FanMode": tree.link(f"{own}/FanMode"),
                "SysLockdown": tree.link(f"{own}/SysLockdown"),
                "LLDP": tree.link(f"{own}/LLDP"),
                "LicenseManager": tree.link(licences),
            }
        },
    )


def _lenovo(tree: Tree, names: Names) -> None:
    server, layout = names.server, names.layout
    tree.set_default(
        layout.system_path,
        Oem={
            "Lenovo": {
                "SystemStatus": "OSBooted" if server.powered_on else "PowerOff",
                "TotalPowerOnHours": 4_211,
                "NumberOfReboots": 37,
                "ProductName": server.model,
            }
        },
    )
    tree.set_default(
        layout.manager_path,
        Oem={"Lenovo": {"release_name": "whitley_gp_23-5", "FirmwareVersion": server.bmc_version}},
    )
    backup: Document = tree.add(
        f"{ROOT}/UpdateService/FirmwareInventory/BMC-Backup",
        "SoftwareInventory.v1_10_0",
        "XCC Backup",
        SoftwareId="BMC-Backup",
        Version=server.bmc_version,
        Updateable=True,
        Status=OK,
    )
    collection = tree.documents[f"{ROOT}/UpdateService/FirmwareInventory"]
    collection["Members"].append({"@odata.id": backup["@odata.id"]})
    collection["Members@odata.count"] += 1
    tree.set_default(f"{ROOT}/UpdateService", HttpPushUriTargets=[], HttpPushUriTargetsBusy=False)
    tree.documents[layout.system_path]["Actions"]["Oem"] = {
        "#LenovoComputerSystem.SystemReset": {
            "target": f"{layout.system_path}/Actions/Oem/LenovoComputerSystem.SystemReset"
        }
    }


def _openbmc(tree: Tree, names: Names) -> None:
    layout = names.layout
    root = tree.documents[ROOT]
    root["Links"]["ManagerProvidingService"] = tree.link(layout.manager_path)
    tree.set_default(
        layout.manager_path,
        Oem={"OpenBmc": {"@odata.type": "#OpenBMCManager.v1_0_0.OpenBmc"}},
        ServiceEntryPointUUID=root["UUID"],
    )
    tree.set_default(
        f"{ROOT}/UpdateService",
        HttpPushUriOptions={"HttpPushUriApplyTime": {"ApplyTime": "OnReset"}},
    )
    active = tree.link(f"{ROOT}/UpdateService/FirmwareInventory/bmc_active")
    links = tree.documents[layout.manager_path]["Links"]
    links["ActiveSoftwareImage"] = active
    links["SoftwareImages"] = [active]


_DECORATIONS: Final[dict[Personality, Callable[[Tree, Names], None]]] = {
    Personality.DELL: dell,
    Personality.HPE: _hpe,
    Personality.SUPERMICRO: _supermicro,
    Personality.LENOVO: _lenovo,
    Personality.OPENBMC: _openbmc,
    Personality.AMI: ami,
    Personality.NVIDIA: nvidia,
    Personality.FUJITSU: fujitsu,
    Personality.HUAWEI: huawei,
}
