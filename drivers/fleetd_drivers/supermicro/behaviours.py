"""Where Supermicro's procedures differ from the standard's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Final
from urllib.parse import urlsplit

from fleetd.domain.device import Json
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.actions import action, find_action
from fleetd.driverkit.behaviours.apply_time import OPERATION, ApplyTime
from fleetd.driverkit.behaviours.bios import BiosSettings
from fleetd.driverkit.behaviours.boot_override import Boot, BootOverride, Lasting
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import text, texts
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Request, patch

_MODE: Final = "BootSourceOverrideMode"
_FULL: Final = "FullPowerCycle"
_CYCLE: Final = "OemSystemExtensions.Reset"
_START: Final = "UpdateService.StartUpdate"
_SUFFIX: Final = ("#", "_")
_BY_COMPONENT: Final[Mapping[str, tuple[str, Mapping[str, Json]]]] = {
    "bios": (
        "/redfish/v1/Systems/1/Bios",
        {
            "BIOS": {
                "PreserveME": False,
                "PreserveNVRAM": False,
                "PreserveSMBIOS": True,
                "PreserveOA": True,
            }
        },
    ),
    "bmc": (
        "/redfish/v1/Managers/1",
        {"BMC": {"PreserveCfg": True, "PreserveSdr": True, "PreserveSsl": True}},
    ),
}


class WholeBootOverride(BootOverride):
    """Target, Enabled and, where it's known, Mode are said in every change.

    The lasting order is the maker's own, of kinds of devices.
    """

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "ComputerSystem": (Follow("Oem/Supermicro/FixedBootOrder", "FixedBootOrder"),)
    }

    def override(self, system: Resource, documents: Documents, boot: Boot) -> tuple[Request, ...]:
        """The standard's request, with the target by which virtual CDs are called here."""
        return super().override(system, documents, replace(boot, target=self.named(boot, system)))

    def wanted(self, boot: Boot, system: Resource) -> dict[str, Json]:
        """All three; the mode as wished or else as it is, and only where the system has one."""
        found = super().wanted(boot, system)
        if boot.lasting is Lasting.DISABLED:
            found["BootSourceOverrideTarget"] = "None"
        mode = text(system.body, f"Boot/{_MODE}")
        return found if mode is None else {_MODE: mode, **found}

    def order(
        self, system: Resource, documents: Documents, references: tuple[str, ...]
    ) -> tuple[Request, ...]:
        """The request for the order of kinds, or the standard's where there's no FixedBootOrder.

        Raises:
            Unsupported: The order doesn't have each kind once, or there's none to change.
        """
        fixed = next(documents.follow(system.body, "Oem/Supermicro/FixedBootOrder"), None)
        if fixed is None:
            return super().order(system, documents, references)
        known = texts(fixed.body, "FixedBootOrder")
        if sorted(references) != sorted(known):
            raise Unsupported(
                f"a boot order has each of: {'; '.join(known)}", endpoint="", uri=fixed.path
            )
        return (patch(fixed.path, {"FixedBootOrder": list(references)}),)

    def named(self, boot: Boot, system: Resource) -> str:
        """A virtual CD is UsbCd, where there's one."""
        return "UsbCd" if boot.target == "Cd" and "UsbCd" in self.targets(system) else boot.target


class PlainCdBootOverride(WholeBootOverride):
    """The same for the few to which a virtual CD is a Cd."""

    def named(self, boot: Boot, system: Resource) -> str:
        """The target as it's asked for."""
        del system
        return boot.target


class SuffixedBios(BiosSettings):
    """Attributes' names end in a number that changes: ``QuietBoot#00F7``, ``QuietBoot_009F``."""

    def attribute(self, bios: Resource, name: str) -> str:
        """The one name that is the asked one with such an ending; else as asked."""
        current = self.attributes(bios)
        if name in current:
            return name
        known = [item for item in current if _without_suffix(item) == _without_suffix(name)]
        return known[0] if len(known) == 1 else name


def _without_suffix(name: str) -> str:
    stem, digits = name[:-5], name[-5:]
    hexadecimal = all(digit in "0123456789ABCDEFabcdef" for digit in digits[1:])
    return stem if stem and digits[0] in _SUFFIX and hexadecimal else name


class StagedUpdate(FirmwareUpdate):
    """An image is uploaded and verified, and installed when it's started."""

    def parameters(
        self, service: Resource, image: Image, at: ApplyTime | None
    ) -> Mapping[str, Json]:
        """The component's own target; the update waits for its start, unless a time is wished."""
        target, kept = _BY_COMPONENT.get(image.component or "", ("", {}))
        found = dict(super().parameters(service, image, at))
        if target and not image.targets:
            found["Targets"] = [target]
        if kept:
            found["Oem"] = {"Supermicro": dict(kept)}
        return {OPERATION: "OnStartUpdateRequest", **found} if _starts(service) else found

    def start(self, service: Resource, documents: Documents) -> tuple[Request, ...]:
        """StartUpdate, once the task that verifies has ended; none where there's no such action."""
        if not _starts(service):
            return ()
        return (action(service, _START, documents).request(),)


def _starts(service: Resource) -> bool:
    return find_action(service, _START, Documents()) is not None


class AcCycle(PowerControl):
    """A full power cycle is the maker's own action."""

    def reset_types(self, system: Resource, documents: Documents) -> tuple[str, ...]:
        """The standard's, and the full power cycle where it's offered."""
        found = super().reset_types(system, documents)
        return (*found, _FULL) if found and find_action(system, _CYCLE, documents) else found

    def reset(self, system: Resource, documents: Documents, reset_type: str) -> Request:
        """The maker's action for a full power cycle, else the standard's request."""
        cycle = find_action(system, _CYCLE, documents) if reset_type == _FULL else None
        if cycle is not None:
            return cycle.request(ResetType="ACCycle")
        return super().reset(system, documents, reset_type)


class SpareMedia(VirtualMedia):
    """InsertMedia takes an image and refuses to be told more; ejected images stay written."""

    def is_inserted(self, slot: Resource) -> bool:
        """It's connected; the image's name may be the last one's."""
        return text(slot.body, "ConnectedVia") not in {None, "NotConnected"}

    def wanted(self, slot: Resource, uri: str) -> dict[str, Json]:
        """The image alone."""
        return {"Image": super().wanted(slot, uri)["Image"]}


class ConfiguredMedia(VirtualMedia):
    """One CD, configured first and mounted then, at the maker's own VirtualMediaConfig."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "Manager": (Follow("VirtualMedia", "MediaCollection"),),
        "MediaCollection": (Follow("Oem/Supermicro/VirtualMediaConfig", "VirtualMedia"),),
    }

    def slots(self, documents: Documents, media_type: str) -> tuple[Resource, ...]:
        """The configuration, which stands for the one CD."""
        return documents.of_kind("VirtualMedia") if media_type in {"CD", "DVD"} else ()

    def insert(self, slot: Resource, documents: Documents, uri: str) -> tuple[Request, ...]:
        """The requests that say where the image is, and mount it.

        Raises:
            Unsupported: There's nothing that mounts.
        """
        split = urlsplit(uri)
        place = {
            "Host": f"{split.scheme}://{split.netloc}",
            "Path": split.path,
            "Username": "",
            "Password": "",
        }
        mount = action(slot, "IsoConfig.Mount", documents)
        return (patch(slot.path, place), mount.request())

    def eject(self, slot: Resource, documents: Documents) -> tuple[Request, ...]:
        """The request that unmounts.

        Raises:
            Unsupported: There's nothing that unmounts.
        """
        return (action(slot, "IsoConfig.UnMount", documents).request(),)
