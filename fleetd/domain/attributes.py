"""The attribute names each kind of component may carry, with their units: the one list of them.

Readers (drivers, normalisation) write only these; the API, the classification rules and the
enrollment read them. Absent means unknown, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fleetd.domain.device import ComponentKind

ATTRIBUTES: Final[Mapping[ComponentKind, Mapping[str, str]]] = {
    ComponentKind.PROCESSOR: {
        "socket": "slot name",
        "cores": "total cores",
        "threads": "total threads",
        "max_speed_mhz": "MHz",
        "architecture": "x86, ARM, RISC-V ... as Redfish's ProcessorArchitecture",
        "instruction_set": "as Redfish's InstructionSet, such as x86-64 or ARM-A64",
    },
    ComponentKind.MEMORY: {
        "capacity_bytes": "bytes",
        "speed_mhz": "MHz",
        "type": "as Redfish's MemoryDeviceType, such as DDR5",
        "slot": "slot name",
    },
    ComponentKind.GPU: {
        "memory_bytes": "bytes",
        "slot": "slot name",
        "pci_vendor_id": "4 hexadecimal digits",
        "pci_device_id": "4 hexadecimal digits",
    },
    ComponentKind.DPU: {"memory_bytes": "bytes", "slot": "slot name"},
    ComponentKind.NIC: {"slot": "slot name", "port_count": "ports"},
    ComponentKind.PORT: {
        "mac": "lower case with colons",
        "permanent_mac": "lower case with colons",
        "nic": "key of the NIC it belongs to",
        "number": "port number on its NIC or switch, as text",
        "link_up": "boolean",
        "speed_mbps": "current, Mbit/s",
        "max_speed_mbps": "Mbit/s",
        "mtu_bytes": "bytes",
        "enabled": "boolean: administratively enabled",
        "pxe_enabled": "boolean",
        "neighbour_chassis_id": "LLDP chassis id; a MAC is lower case with colons",
        "neighbour_port_id": "LLDP port id",
        "neighbour_system_name": "LLDP system name",
    },
    ComponentKind.STORAGE_CONTROLLER: {
        "raid_types": "list of Redfish's RAIDType",
        "speed_gbps": "Gbit/s",
        "protocols": "list of protocols",
    },
    ComponentKind.DRIVE: {
        "capacity_bytes": "bytes",
        "media": "SSD, HDD, SMR",
        "protocol": "NVMe, SAS, SATA, ...",
        "rotation_rpm": "revolutions a minute",
        "life_left_percent": "percent",
        "failure_predicted": "boolean",
        "slot": "bay name",
        "controller": "key of the storage controller",
        "wwn": "World Wide Name, lower case without separators",
    },
    ComponentKind.VOLUME: {
        "capacity_bytes": "bytes",
        "raid_type": "as Redfish's RAIDType",
        "drives": "list of drive keys",
        "controller": "key of the storage controller",
        "pool": "key of the storage pool",
    },
    ComponentKind.STORAGE_POOL: {
        "allocated_bytes": "bytes",
        "consumed_bytes": "bytes",
        "guaranteed_bytes": "bytes",
    },
    ComponentKind.PSU: {
        "capacity_watts": "watts",
        "input_type": "AC or DC",
        "outlet": "reference to the outlet that feeds it",
    },
    ComponentKind.FAN: {"speed_rpm": "nominal maximum, revolutions a minute"},
    ComponentKind.FIRMWARE: {
        "version": "as the BMC writes it",
        "updateable": "boolean",
        "release_date": "ISO 8601 date",
        "software_id": "the vendor's component id",
        "related": "list of Redfish paths",
    },
    ComponentKind.BMC: {
        "type": "as Redfish's ManagerType",
        "uuid": "lower case with dashes",
        "macs": "list, lower case with colons",
        "hostname": "host name",
    },
    ComponentKind.OUTLET: {
        "power_state": "On or Off",
        "rated_current_amps": "amperes",
        "nominal_voltage": "as Redfish's NominalVoltage",
        "outlet_type": "as Redfish's OutletType, such as IEC_60320_C13",
        "power_control_locked": "boolean",
        "feeds": "list of references to what it feeds",
    },
    ComponentKind.OUTLET_GROUP: {"outlets": "list of outlet keys", "power_state": "On or Off"},
    ComponentKind.CIRCUIT: {
        "circuit_type": "Mains, Branch, Subfeed, Feeder or Bus",
        "rated_current_amps": "amperes",
        "nominal_voltage": "as Redfish's NominalVoltage",
        "phase": "as Redfish's PhaseWiringType",
    },
    ComponentKind.PCIE_DEVICE: {
        "device_class": "as Redfish's DeviceClass",
        "pci_vendor_id": "4 hexadecimal digits",
        "pci_device_id": "4 hexadecimal digits",
        "slot": "slot name",
    },
    ComponentKind.SENSOR: {"reading_type": "as Redfish's ReadingType", "units": "UCUM code"},
}
"""By kind, the attribute names and the unit or form of each."""
