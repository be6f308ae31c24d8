"""Where NVIDIA's procedures differ from those of the stacks that it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from fleetd.domain.device import Json
from fleetd.driverkit.actions import Action, find_action
from fleetd.driverkit.behaviours.bios import BiosSettings
from fleetd.driverkit.behaviours.boot_override import BootOverride
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Request
from fleetd_drivers.ami.behaviours import EnabledMedia

_FULL: Final = "FullPowerCycle"
_AUXILIARY: Final = "NvidiaChassis.AuxPowerReset"
_PREFIXES: Final = ("GB200Nvl-", "GB300Nvl-")


class AuxiliaryPower(PowerControl):
    """A full power cycle is an action of the BMC's chassis."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "ComputerSystem": (
            *PowerControl.reads["ComputerSystem"],
            Follow("Links/Chassis", "Chassis"),
            Follow("Links/ManagedBy", "Manager"),
        ),
        "Manager": (
            Follow("Links/ManagerInChassis", "Chassis"),
            Follow("Links/ManagerForChassis", "Chassis"),
        ),
    }

    def reset_types(self, system: Resource, documents: Documents) -> tuple[str, ...]:
        """The standard's, and the full power cycle where a chassis offers it."""
        found = super().reset_types(system, documents)
        return (*found, _FULL) if found and self._auxiliary(documents) else found

    def reset(self, system: Resource, documents: Documents, reset_type: str) -> Request:
        """The chassis' own action for a full power cycle, else the standard's request."""
        auxiliary = self._auxiliary(documents) if reset_type == _FULL else None
        if auxiliary is not None:
            return auxiliary.request(ResetType="AuxPowerCycle")
        return super().reset(system, documents, reset_type)

    def _auxiliary(self, documents: Documents) -> Action | None:
        offered = (
            find_action(chassis, _AUXILIARY, documents) for chassis in documents.of_kind("Chassis")
        )
        return next((found for found in offered if found), None)


class PrefixedVersions(FirmwareUpdate):
    """Versions carry the platform's name in front."""

    def version(self, inventory: Resource) -> str | None:
        """The version without it, as the image's own."""
        said = super().version(inventory)
        for prefix in _PREFIXES:
            if said is not None and said.startswith(prefix):
                return said.removeprefix(prefix)
        return said


class UnlistedHttpBoot(BootOverride):
    """UefiHttp works and isn't listed."""

    def targets(self, system: Resource) -> tuple[str, ...]:
        """What is listed, and UefiHttp."""
        listed = super().targets(system)
        return (*listed, "UefiHttp") if listed and "UefiHttp" not in listed else listed


class SpacedBios(BiosSettings):
    """Attributes had spaces in their names once: ``Host Privilege Level``."""

    def attribute(self, bios: Resource, name: str) -> str:
        """The name that the BMC has, whichever way it's asked for."""
        wanted = name.replace(" ", "")
        current = self.attributes(bios)
        return next((known for known in current if known.replace(" ", "") == wanted), name)


class CredentialedMedia(EnabledMedia):
    """An image's user and password must be said, also where none is needed."""

    def wanted(self, slot: Resource, uri: str) -> dict[str, Json]:
        """What the standard says, and a user and password that nobody asks for."""
        return {**super().wanted(slot, uri), "UserName": "none", "Password": "none"}
