"""Where iRMC's procedures differ from the standard's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final
from urllib.parse import urlsplit

from fleetd.domain.device import Json
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.actions import Action, find_action
from fleetd.driverkit.behaviours.boot_override import Boot, BootOverride, Lasting
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.behaviours.sensors import Measurement, Sensors
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import boolean, number, text
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Request, patch, post

OEM_KEYS: Final = ("ts_fujitsu", "Fsas")
_ACTION_PREFIXES: Final = ("FTS", "Fsas")
_RESETS: Final[Mapping[str, str]] = {
    "On": "PowerOn",
    "ForceOff": "PowerOff",
    "PowerCycle": "PowerCycle",
    "GracefulShutdown": "GracefulPowerOff",
    "GracefulRestart": "GracefulReset",
    "ForceRestart": "ImmediateReset",
    "Nmi": "PulseNmi",
    "PushPowerButton": "PressPowerButton",
}
"""The maker's words for the standard's ResetTypes (fujitsu-ansible: irmc_powerstate)."""


class TargetAlone(BootOverride):
    """An override that is switched off is said by its target alone."""

    def wanted(self, boot: Boot, system: Resource) -> dict[str, Json]:
        """The standard's, or the target None and nothing else."""
        if boot.lasting is Lasting.DISABLED or boot.target == "None":
            return {"BootSourceOverrideTarget": "None"}
        return super().wanted(boot, system)


class MergedResets(PowerControl):
    """Some resets are the maker's own action only."""

    def reset_types(self, system: Resource, documents: Documents) -> tuple[str, ...]:
        """The standard's, and those that only the maker's action takes."""
        found = super().reset_types(system, documents)
        own = self._own(system, documents)
        taken = own.allowed.get(_parameter(own, "ResetType"), ()) if own else ()
        more = (word for word, theirs in _RESETS.items() if theirs in taken)
        return tuple(dict.fromkeys((*found, *more)))

    def reset(self, system: Resource, documents: Documents, reset_type: str) -> Request:
        """The standard's request where it's taken, else the maker's action."""
        own = self._own(system, documents)
        theirs = _RESETS.get(reset_type)
        if own is None or theirs is None or reset_type in super().reset_types(system, documents):
            return super().reset(system, documents, reset_type)
        return own.request(**{_parameter(own, "ResetType"): theirs})

    def _own(self, system: Resource, documents: Documents) -> Action | None:
        return _own_action(system, "Reset", documents)


def _own_action(system: Resource, name: str, documents: Documents) -> Action | None:
    offered = (
        find_action(system, f"{prefix}ComputerSystem.{name}", documents)
        for prefix in _ACTION_PREFIXES
    )
    return next((found for found in offered if found), None)


def _parameter(action: Action, plain: str) -> str:
    """The parameter's name: with the action's prefix, or without it on the oldest (S4)."""
    if plain in action.allowed:
        return plain
    return next((name for name in action.allowed if name.endswith(plain)), f"FTS{plain}")


class RemoteImages(VirtualMedia):
    """An image is configured at a resource of the maker, and connected by the maker's action."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "ComputerSystem": tuple(
            Follow(f"Oem/{key}/VirtualMedia", "VirtualMedia") for key in OEM_KEYS
        )
    }

    def slots(self, documents: Documents, media_type: str) -> tuple[Resource, ...]:
        """The resource of the maker, which stands for the one CD."""
        return documents.of_kind("VirtualMedia") if media_type in {"CD", "DVD"} else ()

    def is_inserted(self, slot: Resource) -> bool:
        """The configured image is connected, as far as the resource tells."""
        return bool(boolean(slot.body, "CDImage/IsMounted", "CD/IsMounted"))

    def insert(self, slot: Resource, documents: Documents, uri: str) -> tuple[Request, ...]:
        """The requests that configure the image and connect it.

        Raises:
            Unsupported: The licence for virtual media is missing.
        """
        split = urlsplit(uri)
        share, _, name = split.path.rpartition("/")
        place = "CDImage" if "CDImage" in slot.body else "CD"
        image = {
            "Server": split.netloc,
            "ShareName": share or "/",
            "ImageName": name,
            "ShareType": split.scheme.upper(),
        }
        configure = patch(slot.path, {place: image, "RemoteMountEnabled": True})
        return (configure, self._connect(documents, "ConnectCD"))

    def eject(self, slot: Resource, documents: Documents) -> tuple[Request, ...]:
        """The request that disconnects the CD.

        Raises:
            Unsupported: The licence for virtual media is missing.
        """
        del slot
        return (self._connect(documents, "DisconnectCD"),)

    def _connect(self, documents: Documents, word: str) -> Request:
        for system in documents.of_kind("ComputerSystem"):
            own = _own_action(system, "VirtualMedia", documents)
            if own is not None:
                return post(own.target, {_parameter(own, "VirtualMediaAction"): word})
        raise Unsupported("there's no virtual media: its licence is missing", endpoint="", uri="")


class ChassisPower(Sensors):
    """The whole chassis' power is told in the maker's own section of Power."""

    def legacy(self, documents: Documents) -> Iterator[Measurement]:
        """The standard's readings, and the whole chassis' power."""
        yield from super().legacy(documents)
        for power in documents.of_kind("Power"):
            for key in OEM_KEYS:
                place = f"Oem/{key}/ChassisPowerConsumption/CurrentPowerConsumptionW"
                reading = number(power.body, place)
                if reading is not None:
                    yield Measurement(
                        key=f"{power.key}#/{place}",
                        name=text(power.body, "Name") or "Chassis power",
                        reading=reading,
                        reading_type="Power",
                        units="W",
                    )
