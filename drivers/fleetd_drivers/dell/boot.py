"""How an iDRAC is told from what to boot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from fleetd.domain.device import Json
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.boot_override import Boot, BootOverride, Lasting
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import text, texts, value
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Request, patch

_VIRTUAL: Final = {"Cd": "VCD-DVD", "Floppy": "vFDD"}


class StagedBoot(BootOverride):
    """The Boot object of the system's settings resource, where there is one."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "ComputerSystem": (
            Follow("@Redfish.Settings/SettingsObject", "SystemSettings"),
            Follow("Links/ManagedBy", "Manager"),
        ),
        "Manager": (Follow("Links/Oem/Dell/DellAttributes", "DellAttributes"),),
    }

    def override(self, system: Resource, documents: Documents, boot: Boot) -> tuple[Request, ...]:
        """The requests that set the override, at the settings resource where there is one."""
        return super().override(self.holder(system, documents), documents, boot)

    def order(
        self, system: Resource, documents: Documents, references: tuple[str, ...]
    ) -> tuple[Request, ...]:
        """The requests for the order; none where it holds already, as no job would come of them."""
        if texts(system.body, "Boot/BootOrder") == list(references):
            return ()
        return super().order(self.holder(system, documents), documents, references)

    def holder(self, system: Resource, documents: Documents) -> Resource:
        """What takes changes of Boot."""
        settings = next(documents.follow(system.body, "@Redfish.Settings/SettingsObject"), None)
        has_boot = settings is not None and isinstance(value(settings.body, "Boot"), dict)
        return settings if settings is not None and has_boot else system

    def wanted(self, boot: Boot, system: Resource) -> dict[str, Json]:
        """The Boot object to send.

        Raises:
            Unsupported: A URI to boot from can't be given here.
        """
        if boot.uri is not None and value(system.body, "Boot/HttpBootUri") is None:
            raise Unsupported(
                "the URI to boot from is set by the BIOS attributes HttpDev1EnDis, "
                "HttpDev1Interface and HttpDev1Uri here",
                endpoint="",
                uri=system.path,
            )
        return super().wanted(boot, system)


class VirtualDiscBoot(StagedBoot):
    """Cd and Floppy are the drives in the machine; virtual media are named by iDRAC attributes."""

    def override(self, system: Resource, documents: Documents, boot: Boot) -> tuple[Request, ...]:
        """The requests that set the override: for virtual media, by the iDRAC's attributes.

        Raises:
            Unsupported: The iDRAC shows no attributes.
        """
        device = _VIRTUAL.get(boot.target)
        if device is None or boot.lasting is Lasting.DISABLED:
            return super().override(system, documents, boot)
        once = "Enabled" if boot.lasting is Lasting.ONCE else "Disabled"
        attributes: dict[str, Json] = {
            "ServerBoot.1.BootOnce": once,
            "ServerBoot.1.FirstBootDevice": device,
        }
        return (patch(idrac_attributes(system, documents).path, {"Attributes": attributes}),)


class OnceOnlyBoot(StagedBoot):
    """An override that should last holds for one boot only, so it isn't promised."""

    def override(self, system: Resource, documents: Documents, boot: Boot) -> tuple[Request, ...]:
        """The requests that set the override.

        Raises:
            Unsupported: It should last.
        """
        if boot.lasting is Lasting.CONTINUOUS:
            raise Unsupported(
                "an override holds for one boot only here: change the boot order",
                endpoint="",
                uri=system.path,
            )
        return super().override(system, documents, boot)


class NoPxeBoot(StagedBoot):
    """PXE doesn't work, whatever the BMC says that it takes."""

    def targets(self, system: Resource) -> tuple[str, ...]:
        """The targets that work."""
        return tuple(target for target in super().targets(system) if target != "Pxe")


def idrac_attributes(system: Resource, documents: Documents) -> Resource:
    """The resource of the iDRAC's own attributes, wherever its generation keeps it.

    Raises:
        Unsupported: There's none.
    """
    for found in documents.of_kind("DellAttributes"):
        names = found.body.get("Attributes")
        if isinstance(names, dict) and any(name.startswith("ServerBoot.") for name in names):
            return found
    tried = text(system.body, "@odata.id") or system.path
    raise Unsupported("the iDRAC shows no attributes of its own", endpoint="", uri=tried)
