"""What a recipe is made of, and the parts that several of them share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fleetd_emulators.hardware import BiosSetting, Processor


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A network adapter as it is ordered."""

    slot: str
    manufacturer: str
    model: str
    part_number: str
    firmware: str
    ports: int
    speed_mbps: int = 25_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Disks:
    """A storage controller with equal drives, as it is ordered."""

    slot: str
    manufacturer: str
    model: str
    firmware: str
    raid_types: tuple[str, ...]
    bay: str
    count: int
    drive_manufacturer: str
    drive_model: str
    drive_firmware: str
    capacity_bytes: int
    protocol: str = "NVMe"
    mirrored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """An accelerator as it is ordered; ``slot`` takes a number from 1."""

    slot: str
    manufacturer: str
    model: str
    memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One model: fixed parts, and choices that the server's number picks from."""

    manufacturer: str
    model: str
    sku: str
    part_number: str
    serial_prefix: str
    bios_version: str
    bmc_model: str
    bmc_version: str
    processors: tuple[Processor, ...]
    dimm_slots: tuple[str, ...]
    dimms: tuple[tuple[int, int], ...]
    dimm_part: tuple[str, str]
    cards: tuple[Card, ...]
    disks: tuple[Disks, ...]
    supply: tuple[str, str, str, str, int]
    supply_bay: str
    gpu: Gpu
    fans: int
    lists_empty_slots: bool = True
    bios: tuple[BiosSetting, ...] = ()


ON_OFF: Final = ("Enabled", "Disabled")


def setting(
    name: str,
    value: str | int | bool,  # noqa: FBT001  # a value, not a flag
    *choices: str,
    needs: tuple[str, str] | None = None,
    bounds: tuple[int, int] | None = None,
    read_only: bool = False,
) -> BiosSetting:
    """A BIOS attribute; one that is Enabled or Disabled takes the two without saying so."""
    return BiosSetting(
        name=name,
        value=value,
        choices=ON_OFF if value in ON_OFF and not choices else choices,
        bounds=bounds,
        read_only=read_only,
        needs=needs,
    )


def _cpu(model: str, cores: int, mhz: int, manufacturer: str = "Intel") -> Processor:
    return Processor(
        socket="",
        manufacturer=manufacturer,
        model=model,
        cores=cores,
        threads=cores * 2,
        max_speed_mhz=mhz,
    )


GOLD: Final = _cpu("Intel(R) Xeon(R) Gold 6430", 32, 3_400)
PLATINUM: Final = _cpu("Intel(R) Xeon(R) Platinum 8462Y+", 32, 4_100)
SILVER: Final = _cpu("Intel(R) Xeon(R) Silver 4410Y", 12, 3_900)
EPYC: Final = _cpu("AMD EPYC 9354 32-Core Processor", 32, 3_800, "Advanced Micro Devices, Inc.")
ALTRA: Final = Processor(
    socket="",
    manufacturer="Ampere(R)",
    model="Ampere(R) Altra(R) Max Processor",
    cores=128,
    threads=128,
    max_speed_mhz=3_000,
    architecture="ARM",
    instruction_set="ARM-A64",
)
GRACE: Final = Processor(
    socket="",
    manufacturer="NVIDIA",
    model="Grace A02P",
    cores=72,
    threads=72,
    max_speed_mhz=3_375,
    architecture="ARM",
    instruction_set="ARM-A64",
)
H100: Final = "NVIDIA H100 PCIe"
HYNIX: Final = ("Hynix Semiconductor", "HMCG88AEBRA168N")
SAMSUNG: Final = ("Samsung", "M321R8GA0BB0-CQKZJ")
MIRROR: Final = ("RAID0", "RAID1")
RAID: Final = ("RAID0", "RAID1", "RAID5", "RAID6", "RAID10")
