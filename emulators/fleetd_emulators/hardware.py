"""What an emulated machine is made of: values from which every backend builds its resources.

Nothing here knows HTTP or a vendor's way of presenting things.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

GIB = 2**30


class Personality(StrEnum):
    """Whose BMC a server pretends to have; it decides ids, places and Oem sections."""

    DELL = "dell"
    HPE = "hpe"
    SUPERMICRO = "supermicro"
    LENOVO = "lenovo"
    OPENBMC = "openbmc"
    AMI = "ami"
    NVIDIA = "nvidia"
    FUJITSU = "fujitsu"
    HUAWEI = "huawei"
    GENERIC = "generic"


def octets_of(name: str) -> str:
    """An LLDP id as DSP0268 "Port" writes it: the octets in hexadecimal between colons."""
    return name.encode().hex(":").upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """What LLDP heard on a port: the other side's chassis and port."""

    chassis_id: str
    port_id: str
    system_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """One socket."""

    socket: str
    manufacturer: str
    model: str
    cores: int
    threads: int
    max_speed_mhz: int
    architecture: str = "x86"
    instruction_set: str = "x86-64"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accelerator:
    """A GPU in a PCIe slot."""

    slot: str
    manufacturer: str
    model: str
    serial: str
    memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryModule:
    """One DIMM slot; ``capacity_bytes`` 0 is an empty slot."""

    slot: str
    capacity_bytes: int
    manufacturer: str = ""
    part_number: str = ""
    serial: str = ""
    speed_mhz: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPort:
    """One port of a network adapter."""

    number: int
    mac: str
    speed_mbps: int = 25_000
    link_up: bool = True
    neighbour: Neighbour | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkAdapter:
    """A NIC card or on-board network controller with its ports."""

    slot: str
    manufacturer: str
    model: str
    part_number: str
    serial: str
    firmware: str
    ports: tuple[NetworkPort, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """One drive bay that is filled."""

    bay: str
    manufacturer: str
    model: str
    serial: str
    firmware: str
    capacity_bytes: int
    media: str = "SSD"
    protocol: str = "NVMe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A logical drive over the bays named; ``number`` is its lasting id on the controller."""

    number: int
    name: str
    raid_type: str
    capacity_bytes: int
    bays: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageController:
    """One storage controller with its drives and what was made of them."""

    slot: str
    manufacturer: str
    model: str
    serial: str
    firmware: str
    raid_types: tuple[str, ...]
    drives: tuple[Drive, ...]
    volumes: tuple[Volume, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerSupply:
    """One PSU; ``outlet`` names the PDU outlet that feeds it, as ``pdu-name/outlet-id``."""

    bay: str
    manufacturer: str
    model: str
    part_number: str
    serial: str
    firmware: str
    capacity_watts: int
    outlet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BiosSetting:
    """One BIOS attribute as it left the factory, and which values it takes.

    Attributes:
        choices: The values of an enumeration; none for other kinds.
        bounds: The least and the most of a number.
        needs: Another attribute and the value it must have, else this one cannot be changed.
    """

    name: str
    value: str | int | bool
    choices: tuple[str, ...] = ()
    bounds: tuple[int, int] | None = None
    read_only: bool = False
    needs: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Everything about one server that its BMC can tell."""

    name: str
    personality: Personality
    manufacturer: str
    model: str
    sku: str
    part_number: str
    serial: str
    asset_tag: str
    uuid: str
    bios_version: str
    bmc_model: str
    bmc_version: str
    bmc_mac: str
    rack: str
    unit: int
    processors: tuple[Processor, ...]
    memory: tuple[MemoryModule, ...]
    adapters: tuple[NetworkAdapter, ...]
    controllers: tuple[StorageController, ...]
    power_supplies: tuple[PowerSupply, ...]
    accelerators: tuple[Accelerator, ...] = ()
    fans: int = 6
    bios: tuple[BiosSetting, ...] = ()
    powered_on: bool = False

    @property
    def memory_bytes(self) -> int:
        """The sum over filled slots."""
        return sum(module.capacity_bytes for module in self.memory)

    @property
    def bios_attributes(self) -> dict[str, str | int | bool]:
        """The factory's BIOS settings by name."""
        return {setting.name: setting.value for setting in self.bios}

    @property
    def macs(self) -> tuple[str, ...]:
        """Every host-side MAC, in adapter and port order."""
        return tuple(port.mac for adapter in self.adapters for port in adapter.ports)
