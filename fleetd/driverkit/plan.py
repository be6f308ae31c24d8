"""What an inventory reads: which links are followed from which kind of resource, as data.

Ids and places differ between vendors, so nothing here is a path: only names of links (the names
are DSP0268's). A driver adds steps of its own with the effect ``Reads``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from fleetd.domain.device import ComponentKind, Json
from fleetd.domain.inventory import DEVICE_SECTION
from fleetd.driverkit.plan_conditions import (
    joins_storage,
    links_providers,
    may_be_accelerator,
    names_sources,
)


def _always(body: Mapping[str, Json]) -> bool:
    return bool(body is not None)


@dataclass(frozen=True, slots=True)
class Follow:
    """One link to follow: where it is, what it leads to, and what to read where it leads nowhere.

    ``otherwise`` is read where the link is absent, isn't there (404), or is an empty collection.
    ``when`` looks at the resource that holds the link.
    """

    place: str
    to: str
    otherwise: tuple[Follow, ...] = ()
    when: Callable[[Mapping[str, Json]], bool] = _always


Plan = Mapping[str, tuple[Follow, ...]]

_POWER: Final = Follow("PowerSubsystem", "PowerSubsystem", otherwise=(Follow("Power", "Power"),))
_THERMAL: Final = Follow(
    "ThermalSubsystem", "ThermalSubsystem", otherwise=(Follow("Thermal", "Thermal"),)
)
_OUTLETS: Final = tuple(
    Follow(place, to)
    for place, to in (
        ("Mains", "Circuit"),
        ("Branches", "Circuit"),
        ("Feeders", "Circuit"),
        ("Subfeeds", "Circuit"),
        ("Outlets", "Outlet"),
        ("OutletGroups", "OutletGroup"),
        ("PowerSupplies", "PowerSupply"),
    )
)
_CONNECTORS: Final = tuple(
    Follow(place, "CoolantConnector")
    for place in ("PrimaryCoolantConnectors", "SecondaryCoolantConnectors")
)

_ACCESS: Final = (
    Follow("Endpoints", "FabricEndpoint"),
    Follow("EndpointGroups", "EndpointGroup"),
    Follow("Connections", "Connection"),
    Follow("StorageGroups", "Connection"),
)
_STORED: Final = (
    Follow("Drives", "Drive"),
    Follow("Volumes", "Volume"),
    Follow("StoragePools", "StoragePool"),
    Follow("FileSystems", "FileSystem"),
    Follow("ConsistencyGroups", "ConsistencyGroup"),
    *_ACCESS,
)

STANDARD_PLAN: Final[Plan] = {
    "ServiceRoot": (
        Follow("Systems", "ComputerSystem"),
        Follow("Chassis", "Chassis"),
        Follow("Managers", "Manager"),
        Follow("UpdateService", "UpdateService"),
        Follow("Fabrics", "Fabric"),
        Follow("Storage", "Storage"),
        Follow("StorageSystems", "StorageSystem"),
        Follow("StorageServices", "StorageService"),
        Follow("CompositionService", "CompositionService"),
        Follow("ResourceBlocks", "ResourceBlock"),
        Follow("PowerEquipment", "PowerEquipment"),
        Follow("ThermalEquipment", "ThermalEquipment"),
        Follow("NetworkDevices", "NetworkDevice"),
        Follow("EthernetSwitches", "EthernetSwitch"),
        Follow("DCIMPower", "PowerEquipment"),
    ),
    "ComputerSystem": (
        Follow("Processors", "Processor"),
        Follow("Memory", "Memory"),
        Follow("EthernetInterfaces", "EthernetInterface"),
        Follow(
            "Storage",
            "Storage",
            otherwise=(Follow("Storages", "Storage"), Follow("SimpleStorage", "SimpleStorage")),
        ),
        Follow("HostedServices/StorageServices", "StorageService"),
        Follow("PCIeDevices", "PCIeDevice"),
        Follow("Links/Chassis", "Chassis"),
        Follow("Links/ManagedBy", "Manager"),
    ),
    "StorageSystem": (
        Follow("EthernetInterfaces", "EthernetInterface"),
        Follow("Storage", "Storage"),
        Follow("HostedServices/StorageServices", "StorageService"),
        Follow("Links/Chassis", "Chassis"),
        Follow("Links/ManagedBy", "Manager"),
    ),
    "Chassis": (
        Follow("NetworkAdapters", "NetworkAdapter"),
        _POWER,
        _THERMAL,
        Follow("PCIeDevices", "PCIeDevice"),
        Follow("Drives", "Drive"),
        Follow("Links/Drives", "Drive"),
        Follow("Links/Storage", "Storage"),
        Follow("Links/ComputerSystems", "ComputerSystem"),
    ),
    "Manager": (
        Follow("EthernetInterfaces", "ManagerInterface"),
        # Where a collection of the root can't be read, its manager still names the machine.
        Follow("Links/ManagerForServers", "ComputerSystem"),
        Follow("Links/ManagerForChassis", "Chassis"),
    ),
    "UpdateService": (Follow("FirmwareInventory", "SoftwareInventory"),),
    "NetworkAdapter": (
        Follow("Ports", "Port", otherwise=(Follow("NetworkPorts", "Port"),)),
        Follow("NetworkDeviceFunctions", "NetworkDeviceFunction"),
    ),
    "PCIeDevice": (
        Follow("PCIeFunctions", "PCIeFunction", when=may_be_accelerator),
        Follow("Links/PCIeFunctions", "PCIeFunction", when=may_be_accelerator),
    ),
    "Storage": (
        Follow("Controllers", "StorageController"),
        *_STORED,
    ),
    "StorageService": (
        *_STORED,
        Follow("ClassesOfService", "ClassOfService"),
        Follow("StorageSubsystems", "Storage"),
        Follow("Links/EnclosureDrives", "Drive"),
        Follow("Links/Enclosures", "Chassis"),
    ),
    "CompositionService": (Follow("ResourceBlocks", "ResourceBlock"),),
    "ResourceBlock": (
        Follow("Storage", "Storage"),
        Follow("SimpleStorage", "SimpleStorage"),
        Follow("Drives", "Drive"),
    ),
    "StoragePool": (
        Follow("AllocatedPools", "StoragePool"),
        Follow("AllocatedVolumes", "Volume"),
        Follow("CapacitySources", "CapacitySource", when=names_sources),
        Follow("CapacitySources/ProvidingDrives", "Drive", when=links_providers),
        Follow("CapacitySources/ProvidingPools", "StoragePool", when=links_providers),
    ),
    "Drive": (Follow("Links/Volumes", "Volume"),),
    "CapacitySource": (
        Follow("ProvidingDrives", "Drive"),
        Follow("ProvidingPools", "StoragePool"),
        Follow("ProvidingVolumes", "Volume"),
    ),
    "FileSystem": (
        Follow("ExportedShares", "FileShare"),
        Follow("CapacitySources", "CapacitySource", when=names_sources),
    ),
    "ClassOfService": (Follow("DataStorageLinesOfService", "LineOfService"),),
    "EndpointGroup": (
        Follow("Endpoints", "FabricEndpoint"),
        Follow("Links/Endpoints", "FabricEndpoint"),
    ),
    "PowerSubsystem": (Follow("PowerSupplies", "PowerSupply"), Follow("Batteries", "Battery")),
    "ThermalSubsystem": (
        Follow("Fans", "Fan"),
        Follow("Pumps", "Pump"),
        Follow("Filters", "Filter"),
        Follow("CoolantConnectors", "CoolantConnector"),
        Follow("LeakDetection", "LeakDetection"),
    ),
    "LeakDetection": (Follow("LeakDetectors", "LeakDetector"),),
    "Fabric": (
        Follow("Switches", "Switch"),
        *(replace(step, when=joins_storage) for step in _ACCESS),
        Follow("Zones", "Zone", when=joins_storage),
    ),
    "Switch": (Follow("Ports", "Port"),),
    "NetworkDevice": (Follow("Ports", "Port"), Follow("NetworkInterfaces", "Port")),
    "EthernetSwitch": (Follow("Ports", "Port"), Follow("Links/Chassis", "Chassis")),
    "PowerEquipment": (
        Follow("RackPDUs", "PowerDistribution"),
        Follow("FloorPDUs", "PowerDistribution"),
        Follow("TransferSwitches", "PowerDistribution"),
        Follow("PowerShelves", "PowerDistribution"),
        Follow("ElectricalBuses", "PowerDistribution"),
        Follow("Switchgear", "PowerDistribution"),
        # Two that only drafts of the standard have (DMTF's work in progress of 2018 and 2019).
        Follow("UPSs", "PowerDistribution"),
        Follow("RackPDU", "PowerDistribution"),
    ),
    "PowerDistribution": (*_OUTLETS, Follow("Links/ManagedBy", "Manager")),
    "ThermalEquipment": (
        Follow("CDUs", "CoolingUnit"),
        Follow("HeatExchangers", "CoolingUnit"),
        Follow("ImmersionUnits", "CoolingUnit"),
        Follow("RPUs", "CoolingUnit"),
        Follow("CoolingLoops", "CoolingLoop"),
    ),
    "CoolingUnit": (
        Follow("Pumps", "Pump"),
        Follow("Reservoirs", "Reservoir"),
        Follow("Filters", "Filter"),
        *_CONNECTORS,
        Follow("LeakDetection", "LeakDetection"),
        Follow("Links/ManagedBy", "Manager"),
    ),
    "CoolingLoop": (*_CONNECTORS, Follow("LeakDetection", "LeakDetection")),
}
"""By kind of resource, what is read from it on: the standard, before any driver's additions."""

_KIND: Final = ComponentKind
SECTIONS: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(str(kind) for kind in kinds)
    for name, kinds in {
        "ComputerSystem": (DEVICE_SECTION,),
        "StorageSystem": (DEVICE_SECTION,),
        "Chassis": (DEVICE_SECTION,),
        "Manager": (DEVICE_SECTION, _KIND.BMC),
        "ManagerInterface": (_KIND.BMC,),
        "Processor": (_KIND.PROCESSOR, _KIND.GPU),
        "Memory": (_KIND.MEMORY,),
        "EthernetInterface": (_KIND.PORT,),
        "Storage": (_KIND.STORAGE_CONTROLLER,),
        "SimpleStorage": (_KIND.STORAGE_CONTROLLER, _KIND.DRIVE),
        "StorageController": (_KIND.STORAGE_CONTROLLER,),
        "StorageService": (DEVICE_SECTION, _KIND.STORAGE_CONTROLLER),
        "StorageGroup": (_KIND.STORAGE_CONTROLLER,),
        "Drive": (_KIND.DRIVE,),
        "Volume": (_KIND.VOLUME,),
        "StoragePool": (_KIND.STORAGE_POOL,),
        "CapacitySource": (_KIND.STORAGE_POOL, _KIND.FILE_SYSTEM),
        "FileSystem": (_KIND.FILE_SYSTEM,),
        "FileShare": (_KIND.FILE_SHARE,),
        "ConsistencyGroup": (_KIND.CONSISTENCY_GROUP,),
        "ClassOfService": (_KIND.CLASS_OF_SERVICE,),
        "LineOfService": (_KIND.CLASS_OF_SERVICE,),
        "FabricEndpoint": (_KIND.FABRIC_ENDPOINT, _KIND.CONNECTION, _KIND.ZONE),
        "EndpointGroup": (_KIND.FABRIC_ENDPOINT, _KIND.CONNECTION),
        "Connection": (_KIND.CONNECTION,),
        "Zone": (_KIND.ZONE,),
        "PCIeDevice": (_KIND.GPU, _KIND.DPU, _KIND.PCIE_DEVICE),
        "PCIeFunction": (_KIND.GPU, _KIND.DPU, _KIND.PCIE_DEVICE),
        "NetworkAdapter": (_KIND.NIC,),
        "NetworkDeviceFunction": (_KIND.PORT,),
        "Port": (_KIND.PORT,),
        "Power": (_KIND.PSU,),
        "PowerSupply": (_KIND.PSU,),
        "Thermal": (_KIND.FAN,),
        "Fan": (_KIND.FAN,),
        "Battery": (_KIND.BATTERY,),
        "Pump": (_KIND.PUMP,),
        "Reservoir": (_KIND.RESERVOIR,),
        "Filter": (_KIND.FILTER,),
        "CoolantConnector": (_KIND.COOLANT_CONNECTOR,),
        "LeakDetector": (_KIND.LEAK_DETECTOR,),
        "SoftwareInventory": (_KIND.FIRMWARE,),
        "Switch": (DEVICE_SECTION, _KIND.SWITCH),
        "NetworkDevice": (DEVICE_SECTION, _KIND.SWITCH),
        "EthernetSwitch": (DEVICE_SECTION, _KIND.SWITCH),
        "PowerDistribution": (DEVICE_SECTION,),
        "CoolingUnit": (DEVICE_SECTION,),
        "CoolingLoop": (DEVICE_SECTION, _KIND.COOLING_LOOP),
        "Outlet": (_KIND.OUTLET,),
        "OutletGroup": (_KIND.OUTLET_GROUP,),
        "Circuit": (_KIND.CIRCUIT,),
    }.items()
}
"""By kind of resource, the sections of a device that it itself tells of."""

# Links to a neighbour in the tree: a device that can't be read doesn't take these down with it.
_SIDEWAYS: Final = frozenset({"Chassis", "Manager", "ComputerSystem"})


def places_of(plan: Plan, holder: str, kind: str) -> tuple[str, ...]:
    """The places in a holder of one kind that the plan says lead to another."""
    return tuple(step.place for step in _flat(plan.get(holder, ())) if step.to == kind)


def sections_below(plan: Plan, kind: str) -> frozenset[str]:
    """The sections that go stale where a resource of this kind can't be read."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [kind]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        found |= SECTIONS.get(name, frozenset())
        waiting.extend(
            step.to
            for step in _flat(plan.get(name, ()))
            if not (step.place.startswith("Links/") and step.to in _SIDEWAYS)
        )
    return frozenset(found)


def _flat(steps: Iterable[Follow]) -> Iterable[Follow]:
    for step in steps:
        yield step
        yield from _flat(step.otherwise)
