"""The BMC itself: Manager, its interface and protocols, virtual media and logs."""

from __future__ import annotations

import uuid

from fleetd_emulators.hardware import Server
from fleetd_emulators.servers.documents.layout import ROOT, Layout
from fleetd_emulators.servers.documents.tree import OK, OK_ROLLUP, Names, Tree


def bmc(tree: Tree, names: Names) -> None:
    """Add the manager and everything below it."""
    server, layout = names.server, names.layout
    path = layout.manager_path
    tree.collect(f"{ROOT}/Managers", "Manager", "Managers", [path])
    document = tree.add(
        path,
        "Manager.v1_19_0",
        "Manager",
        ManagerType="BMC",
        Model=server.bmc_model,
        UUID=manager_uuid(server),
        FirmwareVersion=layout.firmware_version.format(version=server.bmc_version),
        DateTime="2026-01-01T00:00:00+00:00",
        DateTimeLocalOffset="+00:00",
        PowerState="On",
        Status=OK,
        EthernetInterfaces=tree.link(f"{path}/EthernetInterfaces"),
        NetworkProtocol=tree.link(f"{path}/NetworkProtocol"),
        LogServices=tree.link(f"{path}/LogServices"),
        Links={
            "ManagerForServers": tree.links([layout.system_path]),
            "ManagerForChassis": tree.links([layout.chassis_path]),
            "ManagerInChassis": tree.link(layout.chassis_path),
        },
        Actions={
            "#Manager.Reset": tree.reset_action(
                layout.manager_path,
                "Manager",
                types=layout.manager_reset_types,
                in_info=layout.manager_reset_action_info,
            )
        },
    )
    if layout.virtual_media_owner == "Managers":
        document["VirtualMedia"] = tree.link(layout.media_path)
    _interface(tree, server, layout)
    tree.add(
        f"{path}/NetworkProtocol",
        "ManagerNetworkProtocol.v1_9_0",
        "Manager Network Protocol",
        HostName=_host_name(server),
        FQDN=_host_name(server),
        HTTP={"ProtocolEnabled": True, "Port": 80},
        HTTPS={"ProtocolEnabled": True, "Port": 443},
        SSDP={"ProtocolEnabled": True, "Port": 1900},
        IPMI={"ProtocolEnabled": False, "Port": 623},
        SSH={"ProtocolEnabled": True, "Port": 22},
        NTP={"ProtocolEnabled": False, "NTPServers": []},
        SNMP={"ProtocolEnabled": False, "Port": 161},
        Status=OK,
    )
    _media(tree, layout)
    _logs(tree, f"{path}/LogServices", layout.manager_logs)
    if layout.system_logs:
        _logs(tree, f"{layout.system_path}/LogServices", layout.system_logs)


def manager_uuid(server: Server) -> str:
    """The BMC's own UUID, distinct from the system's and steady over time."""
    return str(uuid.uuid5(uuid.UUID(server.uuid), "bmc"))


def _host_name(server: Server) -> str:
    return f"bmc-{server.name}"


def _interface(tree: Tree, server: Server, layout: Layout) -> None:
    collection = f"{layout.manager_path}/EthernetInterfaces"
    member = f"{collection}/{layout.manager_interface}"
    tree.collect(collection, "EthernetInterface", "Manager Ethernet Interfaces", [member])
    mac = layout.mac(server.bmc_mac)
    tree.add(
        member,
        "EthernetInterface.v1_8_0",
        "Manager Ethernet Interface",
        MACAddress=mac,
        PermanentMACAddress=mac,
        HostName=_host_name(server),
        FQDN=_host_name(server),
        SpeedMbps=1000,
        FullDuplex=True,
        AutoNeg=True,
        InterfaceEnabled=True,
        LinkStatus="LinkUp",
        DHCPv4={"DHCPEnabled": True},
        IPv4Addresses=[],
        IPv6Addresses=[],
        Status=OK,
    )


def _media(tree: Tree, layout: Layout) -> None:
    members = []
    for identity, name, types in layout.virtual_media:
        member = f"{layout.media_path}/{identity}"
        members.append(member)
        actions = f"{member}/Actions"
        tree.add(
            member,
            "VirtualMedia.v1_5_0",
            name,
            MediaTypes=list(types),
            ConnectedVia="NotConnected",
            Image=None,
            ImageName=None,
            Inserted=False,
            WriteProtected=True,
            UserName=None,
            Password=None,
            TransferMethod=None,
            TransferProtocolType=None,
            VerifyCertificate=False,
            Actions={
                f"#VirtualMedia.{verb}": {"target": layout.href(f"{actions}/VirtualMedia.{verb}")}
                for verb in ("InsertMedia", "EjectMedia")
            },
        )
    tree.collect(layout.media_path, "VirtualMedia", "Virtual Media", members)


def _logs(tree: Tree, path: str, logs: tuple[str, ...]) -> None:
    members = []
    for log in logs:
        member = f"{path}/{log}"
        members.append(member)
        tree.add(
            member,
            "LogService.v1_5_0",
            f"{log} Log Service",
            OverWritePolicy="WrapsWhenFull",
            ServiceEnabled=True,
            MaxNumberOfRecords=1024,
            Entries=tree.link(f"{member}/Entries"),
            Actions={
                "#LogService.ClearLog": {
                    "target": f"{member}/Actions/LogService.ClearLog",
                }
            },
            Status=OK_ROLLUP,
        )
        tree.collect(f"{member}/Entries", "LogEntry", "Log Entries", [])
    tree.collect(path, "LogService", "Log Services", members)
