"""What a family of BMCs means to Ironic: which hardware type and interfaces suit it, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class IronicHardware:
    """One hardware type with, by kind of interface, the interfaces wanted in order of choice.

    A kind that isn't named is left to Ironic's own default.
    """

    hardware_type: str
    interfaces: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_BOOT: Final = ("redfish-virtual-media", "ipxe", "http-ipxe", "pxe")

REDFISH_HARDWARE: Final = IronicHardware(
    hardware_type="redfish",
    interfaces={
        "bios": ("redfish", "no-bios"),
        "boot": _BOOT,
        "firmware": ("redfish", "no-firmware"),
        "inspect": ("redfish", "agent", "no-inspect"),
        "management": ("redfish",),
        "power": ("redfish",),
        "raid": ("redfish", "agent", "no-raid"),
        "vendor": ("redfish", "no-vendor"),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IronicTraits:
    """The hardware types that can drive the family, best first."""

    hardware: tuple[IronicHardware, ...] = (REDFISH_HARDWARE,)
