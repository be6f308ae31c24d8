"""What a family of BMCs means to Ironic: which hardware type and interfaces suit it, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class IronicHardware:
    """One hardware type with, by kind of interface, the interfaces wanted in order of choice.

    A kind that isn't named is left to Ironic's own default; rules of the classification win.
    """

    hardware_type: str
    interfaces: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


REDFISH_HARDWARE: Final = IronicHardware(
    hardware_type="redfish", interfaces={"inspect": ("redfish",)}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IronicTraits:
    """The hardware types that can drive the family, best first."""

    hardware: tuple[IronicHardware, ...] = (REDFISH_HARDWARE,)
