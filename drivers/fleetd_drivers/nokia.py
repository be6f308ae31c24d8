"""Nokia AirFrame.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from typing import Final

from fleetd.domain.device import Json
from fleetd.driverkit.behaviours.boot_override import BootOverride
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.effects import Replace
from fleetd.driverkit.payload import link, value
from fleetd.driverkit.spec import Axis, Driver
from fleetd.driverkit.standard import GENERIC


class SettledBootOverride(BootOverride):
    """The settings resource takes the override."""

    def place(self, system: Resource) -> str:
        """The settings resource, where there's one."""
        settings = link(value(system.body, "@Redfish.Settings/SettingsObject"))
        return settings or system.path


class ProtocolMedia(VirtualMedia):
    """The transfer protocol is said with the image."""

    def wanted(self, slot: Resource, uri: str) -> dict[str, Json]:
        """What the standard says, and the protocol of the URI."""
        protocol = uri.partition(":")[0].upper()
        return {**super().wanted(slot, uri), "TransferProtocolType": protocol}


BOARD: Final[Driver] = (
    GENERIC.derive("nokia.board", title="Nokia AirFrame", vendor="Nokia", axis=Axis.BOARD)
    .matches(manufacturer="^Nokia")
    .quirk(
        "media-needs-its-protocol",
        Replace(VirtualMedia, by=ProtocolMedia),
        title="InsertMedia needs TransferProtocolType",
        standard="DSP0268 'VirtualMedia': TransferProtocolType is optional",
        bmc="Without it the image is refused",
        action="The URI's protocol goes along",
        source="OTH-007, sushy:resources/manager/virtual_media.py",
        test="tests/drivers/test_boards.py::test_nokia_is_told_the_protocol_and_boots_by_settings",
    )
    .quirk(
        "boot-at-settings",
        Replace(BootOverride, by=SettledBootOverride),
        title="A boot override is taken at the settings resource only",
        standard="DSP0268 'ComputerSystem': Boot; DSP0266 'Settings resource'",
        bmc="The system's own Boot is read-only",
        action="The override is sent to the settings resource",
        source="OTH-008, sushy:resources/system/system.py",
        test="tests/drivers/test_boards.py::test_nokia_is_told_the_protocol_and_boots_by_settings",
    )
)
