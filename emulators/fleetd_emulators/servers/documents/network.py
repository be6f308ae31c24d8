"""Network adapters, their ports and functions, and the host-side Ethernet interfaces."""

from __future__ import annotations

from fleetd_emulators.hardware import Neighbour, NetworkPort, octets_of
from fleetd_emulators.servers.documents.tree import OK, OK_ROLLUP, Document, Names, Tree


def network(tree: Tree, names: Names) -> None:
    """Add every adapter with its ports, functions and interfaces."""
    layout, server = names.layout, names.server
    adapters, interfaces, views = [], [], []
    for index, adapter in enumerate(server.adapters):
        path = names.adapter(index)
        adapters.append(path)
        _adapter(tree, names, index)
        view = f"{layout.system_path}/NetworkInterfaces/{path.rpartition('/')[2]}"
        views.append(view)
        tree.add(
            view,
            "NetworkInterface.v1_2_0",
            "Network Device View",
            Ports=tree.link(f"{path}/Ports"),
            NetworkDeviceFunctions=tree.link(f"{path}/NetworkDeviceFunctions"),
            Links={"NetworkAdapter": tree.link(path)},
            Status=OK,
        )
        for port in adapter.ports:
            interfaces.append(names.ethernet(index, port))
            _interface(tree, names, index, port)
    tree.collect(
        f"{layout.chassis_path}/NetworkAdapters", "NetworkAdapter", "Network Adapters", adapters
    )
    tree.collect(
        f"{layout.system_path}/NetworkInterfaces", "NetworkInterface", "Network Interfaces", views
    )
    tree.collect(
        f"{layout.system_path}/EthernetInterfaces",
        "EthernetInterface",
        "Ethernet Interfaces",
        interfaces,
    )


def _adapter(tree: Tree, names: Names, index: int) -> None:
    adapter, path = names.server.adapters[index], names.adapter(index)
    ports = [names.port(index, port) for port in adapter.ports]
    functions = [names.function(index, port) for port in adapter.ports]
    tree.add(
        path,
        "NetworkAdapter.v1_9_0",
        "Network Adapter",
        Manufacturer=adapter.manufacturer,
        Model=adapter.model,
        PartNumber=adapter.part_number,
        SerialNumber=adapter.serial,
        Controllers=[
            {
                "FirmwarePackageVersion": adapter.firmware,
                "ControllerCapabilities": {
                    "NetworkPortCount": len(ports),
                    "NetworkDeviceFunctionCount": len(functions),
                },
                "Location": {"PartLocation": {"ServiceLabel": adapter.slot}},
                "Links": {
                    "Ports": tree.links(ports),
                    "NetworkDeviceFunctions": tree.links(functions),
                },
            }
        ],
        Ports=tree.link(f"{path}/Ports"),
        NetworkDeviceFunctions=tree.link(f"{path}/NetworkDeviceFunctions"),
        Status=OK_ROLLUP,
    )
    tree.collect(f"{path}/Ports", "Port", "Ports", ports)
    tree.collect(
        f"{path}/NetworkDeviceFunctions",
        "NetworkDeviceFunction",
        "Network Device Functions",
        functions,
    )
    for port in adapter.ports:
        _port(tree, names, index, port)
        _function(tree, names, index, port)


def _port(tree: Tree, names: Names, index: int, port: NetworkPort) -> None:
    mac = names.layout.mac(port.mac)
    ethernet: Document = {"AssociatedMACAddresses": [mac], "LLDPEnabled": True}
    if names.layout.lldp_in_port:
        ethernet["LLDPReceive"] = _received(port.neighbour)
    tree.add(
        names.port(index, port),
        "Port.v1_9_0",
        f"Port {port.number}",
        PortId=str(port.number),
        PortType="BidirectionalPort",
        LinkNetworkTechnology="Ethernet",
        LinkState="Enabled",
        LinkStatus="LinkUp" if port.link_up else "LinkDown",
        CurrentSpeedGbps=port.speed_mbps / 1000 if port.link_up else 0,
        MaxSpeedGbps=port.speed_mbps / 1000,
        Ethernet=ethernet,
        Status=OK,
    )


def _received(neighbour: Neighbour | None) -> Document:
    """What LLDP heard, as DSP0268 'Port' writes it; silence is ``NotTransmitted``."""
    if neighbour is None:
        return {
            "ChassisIdSubtype": "NotTransmitted",
            "PortIdSubtype": "NotTransmitted",
            "ManagementVlanId": 4095,
        }
    return {
        "ChassisId": neighbour.chassis_id,
        "ChassisIdSubtype": "MacAddr",
        "PortId": octets_of(neighbour.port_id),
        "PortIdSubtype": "IfName",
        "SystemName": neighbour.system_name,
    }


def _function(tree: Tree, names: Names, index: int, port: NetworkPort) -> None:
    mac, assigned = names.layout.mac(port.mac), tree.link(names.port(index, port))
    tree.add(
        names.function(index, port),
        "NetworkDeviceFunction.v1_8_0",
        "Network Device Function",
        NetDevFuncType="Ethernet",
        DeviceEnabled=True,
        Ethernet={"MACAddress": mac, "PermanentMACAddress": mac, "MTUSize": 1500},
        AssignablePhysicalNetworkPorts=[assigned],
        Links={"PhysicalNetworkPortAssignment": assigned},
        Status=OK,
    )


def _interface(tree: Tree, names: Names, index: int, port: NetworkPort) -> None:
    mac = names.layout.mac(port.mac)
    tree.add(
        names.ethernet(index, port),
        "EthernetInterface.v1_8_0",
        f"{names.server.adapters[index].slot} port {port.number}",
        MACAddress=mac,
        PermanentMACAddress=mac,
        SpeedMbps=port.speed_mbps if port.link_up else 0,
        FullDuplex=True,
        InterfaceEnabled=True,
        LinkStatus="LinkUp" if port.link_up else "LinkDown",
        UefiDevicePath=f"PciRoot(0x0)/Pci(0x{index + 1:x},0x0)/Pci(0x0,0x{port.number - 1:x})",
        Links={"Chassis": tree.link(names.layout.chassis_path)},
        Status=OK,
    )
