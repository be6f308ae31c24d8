"""What iDRAC adds of its own: attributes, job and Lifecycle Controller services, switch ports."""

from __future__ import annotations

from typing import Final

from fleetd_emulators.servers.documents.layout import ROOT
from fleetd_emulators.servers.documents.tree import Names, Tree

# The writable ones, as they leave the factory; iDRAC's other eight hundred tell nothing new.
ATTRIBUTES: Final[dict[str, str | int]] = {
    "IPMILan.1.Enable": "Disabled",
    "Lockdown.1.SystemLockdown": "Disabled",
    "NTPConfigGroup.1.NTP1": "",
    "NTPConfigGroup.1.NTPEnable": "Disabled",
    "ServerBoot.1.BootOnce": "Disabled",
    "ServerBoot.1.FirstBootDevice": "Normal",
    "VirtualMedia.1.Attached": "AutoAttach",
    "WebServer.1.HostHeaderCheck": "Enabled",
    "WebServer.1.ManualDNSEntry": "",
    "WebServer.1.MaxNumberOfSessions": 8,
    "WebServer.1.Timeout": 1800,
}
_SERVICES: Final = {
    "DellJobService": ("DeleteJobQueue",),
    "DellLCService": ("GetRemoteServicesAPIStatus",),
}
_CONFIGURATION: Final = ("ImportSystemConfiguration", "ExportSystemConfiguration")


def dell(tree: Tree, names: Names) -> None:
    """Add what iDRAC has beside the standard: its attributes, services and switch connections."""
    server, layout, documents = names.server, names.layout, tree.documents
    mac = layout.mac(server.bmc_mac)
    tree.set_default(
        ROOT,
        Oem={"Dell": {"IsBranded": 0, "ManagerMACAddress": mac, "ServiceTag": server.sku}},
    )
    tree.set_default(
        layout.system_path,
        Oem={
            "Dell": {
                "DellSystem": {
                    "Id": layout.system,
                    "NodeID": server.sku,
                    "ChassisServiceTag": server.sku,
                    "BIOSReleaseDate": "04/15/2024",
                    "MaxCPUSockets": 2,
                    "MaxDIMMSlots": len(server.memory),
                    "PopulatedDIMMSlots": sum(1 for m in server.memory if m.capacity_bytes),
                    "SystemGeneration": server.bmc_model,
                    "UUID": server.uuid,
                }
            }
        },
    )
    _dell_switch_connections(tree, names)
    _services(tree, names)
    attributes = f"{layout.manager_path}/Oem/Dell/DellAttributes/{layout.manager}"
    tree.add(
        attributes,
        "DellAttributes.v1_0_0",
        "OEMAttributeRegistry",
        AttributeRegistry="ManagerAttributeRegistry.v1_0_0",
        Attributes={
            "Info.1.HWModel": server.bmc_model,
            "Info.1.ServiceTag": server.sku,
            **ATTRIBUTES,
        },
    )
    jobs = layout.jobs or f"{layout.manager_path}/Oem/Dell/Jobs"
    tree.collect(jobs, "DellJob", "Job Queue", [])
    connections = f"{layout.system_path}/NetworkPorts/Oem/Dell/DellSwitchConnections"
    documents[layout.manager_path]["Links"]["Oem"] = {
        "Dell": {
            "DellAttributes": tree.links([attributes]),
            "DellSwitchConnectionCollection": tree.link(connections),
            "DellJobService": tree.link(f"{layout.manager_path}/Oem/Dell/DellJobService"),
            "DellLCService": tree.link(f"{layout.manager_path}/Oem/Dell/DellLCService"),
            "Jobs": tree.link(jobs),
        }
    }


def _dell_switch_connections(tree: Tree, names: Names) -> None:
    """LLDP neighbours by FQDD, with the words iDRAC has for silence."""
    collection = f"{names.layout.system_path}/NetworkPorts/Oem/Dell/DellSwitchConnections"
    members = []
    for index, adapter in enumerate(names.server.adapters):
        for port in adapter.ports:
            fqdd = names.function(index, port).rpartition("/")[2]
            member = f"{collection}/{fqdd}"
            members.append(member)
            heard = port.neighbour
            tree.add(
                member,
                "DellSwitchConnection.v1_1_0",
                "DellSwitchConnection",
                FQDD=fqdd,
                InstanceID=fqdd,
                StaleData="NotStale",
                SwitchConnectionID=heard.chassis_id if heard else "No Link",
                SwitchPortConnectionID=heard.port_id if heard else "No Link",
            )
    tree.collect(collection, "DellSwitchConnection", "DellSwitchConnectionCollection", members)


def _services(tree: Tree, names: Names) -> None:
    """The services of the job queue, the Lifecycle Controller and the card."""
    manager = names.layout.manager_path
    for service, verbs in _SERVICES.items():
        path = f"{manager}/Oem/Dell/{service}"
        tree.add(
            path,
            f"{service}.v1_0_0",
            service,
            Actions={
                f"#{service}.{verb}": {"target": f"{path}/Actions/{service}.{verb}"}
                for verb in verbs
            },
        )
    actions = tree.documents[manager]["Actions"]
    actions["Oem"] = {
        f"#OemManager.v1_4_0.OemManager#OemManager.{verb}": {
            "target": f"{manager}/Actions/Oem/EID_674_Manager.{verb}"
        }
        for verb in _CONFIGURATION
    }
    settings = names.layout.bios_settings_path
    tree.documents[settings]["Oem"] = {
        "Dell": {
            "@odata.type": "#DellManager.v1_2_0.DellManager",
            "Jobs": tree.link(names.layout.jobs or f"{manager}/Oem/Dell/Jobs"),
        }
    }
    tree.documents[settings]["Actions"] = {
        "Oem": {
            "#DellManager.ClearPending": {
                "target": f"{settings}/Actions/Oem/DellManager.ClearPending"
            }
        }
    }
