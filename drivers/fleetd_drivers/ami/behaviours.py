"""Where MegaRAC's procedures differ from the standard's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Final

from fleetd.domain.device import Json
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.actions import find_action
from fleetd.driverkit.behaviours.apply_time import ApplyTime
from fleetd.driverkit.behaviours.boot_override import Boot, BootOverride, Lasting
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image
from fleetd.driverkit.behaviours.logs import Logs
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import link, text, texts, value
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Part, Request, patch

_MODE: Final = "BootSourceOverrideMode"
_SETTINGS_OBJECT: Final = "@Redfish.Settings/SettingsObject"
_PRESERVE: Final = "Oem/AMIUpdateService/PreserveConfiguration"
_ENABLE_MEDIA: Final = "AMIVirtualMedia.EnableRMedia"


class WholeBootOverride(BootOverride):
    """Target, Enabled and Mode are said together, also to switch an override off.

    They are said to the settings resource where that has them, else to the system.
    """

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "ComputerSystem": (Follow(_SETTINGS_OBJECT, "SystemSettings"),)
    }

    def override(self, system: Resource, documents: Documents, boot: Boot) -> tuple[Request, ...]:
        """The standard's request, to whichever of the two takes it."""
        settings = documents.get(link(value(system.body, _SETTINGS_OBJECT)))
        known = settings is not None and value(settings.body, "Boot/BootSourceOverrideTarget")
        return super().override(settings if settings and known else system, documents, boot)

    def wanted(self, boot: Boot, system: Resource) -> dict[str, Json]:
        """All three, the mode as wished or else as it is."""
        found = super().wanted(boot, system)
        if boot.lasting is Lasting.DISABLED:
            found["BootSourceOverrideTarget"] = "None"
        mode = boot.mode or text(system.body, f"Boot/{_MODE}") or self._offered_mode(system)
        return found if mode is None else {**found, _MODE: mode}

    def order_place(self, system: Resource) -> str:
        """The system's settings resource."""
        return link(value(system.body, _SETTINGS_OBJECT)) or f"{system.path}/SD"

    def _offered_mode(self, system: Resource) -> str | None:
        offered = texts(system.body, f"Boot/{_MODE}@Redfish.AllowableValues")
        return "UEFI" if "UEFI" in offered else None


class ImageTypeUpdate(FirmwareUpdate):
    """Multipart with a third part that says what the image is for; settings are kept first."""

    def multipart(
        self, service: Resource, image: Image, at: ApplyTime | None
    ) -> tuple[Request, ...]:
        """Keeping every setting that can be kept, then the standard's request with the part."""
        return (*self._keeping(service), *super().multipart(service, image, at))

    def parameters(
        self, service: Resource, image: Image, at: ApplyTime | None
    ) -> Mapping[str, Json]:
        """UpdateParameters; Targets must be there, also empty."""
        return {"Targets": [], **super().parameters(service, image, at)}

    def oem_parts(self, image: Image) -> Iterable[Part]:
        """OemParameters with the image's type.

        Raises:
            Unsupported: The image doesn't say what it's for.
        """
        if image.component is None:
            raise Unsupported("it must be said what the image is for", endpoint="", uri="")
        return (Part(name="OemParameters", json={"ImageType": image.component.upper()}),)

    def _keeping(self, service: Resource) -> tuple[Request, ...]:
        offered = value(service.body, _PRESERVE)
        if not isinstance(offered, dict):
            return ()
        kept: dict[str, Json] = {
            name: True for name, said in offered.items() if isinstance(said, bool)
        }
        return (
            patch(service.path, {"Oem": {"AMIUpdateService": {"PreserveConfiguration": kept}}}),
        )


class EnabledMedia(VirtualMedia):
    """Remote media is switched on first: before, there are no slots."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        **VirtualMedia.reads,
        "ComputerSystem": (
            *VirtualMedia.reads["ComputerSystem"],
            Follow("Links/ManagedBy", "Manager"),
        ),
    }

    def prepare(self, documents: Documents) -> tuple[Request, ...]:
        """The maker's own action at each manager that says it's disabled."""
        return tuple(
            found.request(RMediaState="Enable")
            for manager in documents.of_kind("Manager")
            if text(manager.body, "Oem/Ami/VirtualMedia/RMediaStatus") == "Disabled"
            and (found := find_action(manager, _ENABLE_MEDIA, documents))
        )


class EventLogs(Logs):
    """Only the logs whose entries are events."""

    def services(self, documents: Documents) -> tuple[Resource, ...]:
        """Every log but those of POST codes."""
        return tuple(
            item
            for item in super().services(documents)
            if "post code" not in (text(item.body, "Name") or item.last).lower()
        )
