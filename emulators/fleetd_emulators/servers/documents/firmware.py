"""What can be updated on a server and what each OEM calls it in the firmware inventory."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from fleetd_emulators.hardware import Personality, Server
from fleetd_emulators.servers.documents.personalities import LAYOUTS


class Target(StrEnum):
    """Which part of the server a firmware image is for."""

    BIOS = "bios"
    BMC = "bmc"
    ADAPTER = "adapter"
    CONTROLLER = "controller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Firmware:
    """One entry of the firmware inventory; ``index`` tells adapters and controllers apart."""

    target: Target
    index: int = 0
    identity: str
    name: str
    version: str


def firmware(server: Server) -> tuple[Firmware, ...]:
    """Every updatable part of the server, in the order its BMC lists them."""
    layout = LAYOUTS[server.personality]
    parts: list[tuple[Target, int, str, str, str]] = [
        (Target.BMC, 0, layout.manager, _BMC_NAMES[server.personality], server.bmc_version),
        (
            Target.BIOS,
            0,
            "BIOS",
            _BIOS_NAMES[server.personality],
            server.bios_version,
        ),
        *(
            (Target.ADAPTER, index, adapter.slot, adapter.model, adapter.firmware)
            for index, adapter in enumerate(server.adapters)
        ),
        *(
            (Target.CONTROLLER, index, part.slot, part.model, part.firmware)
            for index, part in enumerate(server.controllers)
        ),
    ]
    return tuple(
        Firmware(
            target=target,
            index=index,
            identity=_identity(server.personality, place, target, slot, version),
            name=name,
            version=version,
        )
        for place, (target, index, slot, name, version) in enumerate(parts)
    )


_BMC_NAMES = {
    Personality.DELL: "Integrated Dell Remote Access Controller",
    Personality.HPE: "iLO 6",
    Personality.SUPERMICRO: "BMC",
    Personality.LENOVO: "XCC",
    Personality.OPENBMC: "BMC image",
    Personality.AMI: "BMC",
    Personality.NVIDIA: "BMC image",
    Personality.FUJITSU: "iRMC",
    Personality.HUAWEI: "ActiveBMC",
    Personality.GENERIC: "BMC Firmware",
}
_BIOS_NAMES = {
    Personality.DELL: "BIOS",
    Personality.HPE: "System ROM",
    Personality.SUPERMICRO: "BIOS",
    Personality.LENOVO: "UEFI",
    Personality.OPENBMC: "BIOS image",
    Personality.AMI: "BIOS",
    Personality.NVIDIA: "Host image",
    Personality.FUJITSU: "BIOS",
    Personality.HUAWEI: "Bios",
    Personality.GENERIC: "BIOS Firmware",
}
_DELL_COMPONENTS = {
    Target.BIOS: ("159", "BIOS.Setup.1-1"),
    Target.BMC: ("25227", "iDRAC.Embedded.1-1"),
}


def _identity(personality: Personality, place: int, target: Target, slot: str, version: str) -> str:
    """The member's id in the collection; iDRAC's carries the version and so changes with it."""
    if personality is Personality.DELL:
        component, fqdd = _DELL_COMPONENTS.get(target, (str(100_000 + place), slot))
        suffix = "-1-1" if target is Target.ADAPTER else ""
        return f"Installed-{component}-{version}__{fqdd}{suffix}"
    if personality is Personality.HPE:
        return str(place + 1)
    fixed = {
        Personality.SUPERMICRO: {Target.BIOS: "BIOS", Target.BMC: "BMC"},
        Personality.LENOVO: {Target.BIOS: "UEFI", Target.BMC: "BMC-Primary"},
        Personality.OPENBMC: {Target.BIOS: "bios_active", Target.BMC: "bmc_active"},
        Personality.AMI: {Target.BIOS: "BIOS", Target.BMC: "BMCImage1"},
        Personality.NVIDIA: {Target.BIOS: "FW_CPU_0", Target.BMC: "FW_BMC_0"},
        Personality.FUJITSU: {Target.BIOS: "BIOS", Target.BMC: "iRMC"},
        Personality.HUAWEI: {Target.BIOS: "Bios", Target.BMC: "ActiveBMC"},
        Personality.GENERIC: {Target.BIOS: "BIOS", Target.BMC: "BMC"},
    }[personality]
    return fixed.get(target, re.sub(r"[^A-Za-z0-9_.-]", "_", slot))
