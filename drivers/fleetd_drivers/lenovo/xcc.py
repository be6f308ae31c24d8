"""The driver for Lenovo ThinkSystem behind XCC to XCC3, and what Lenovo's boards add to AMI.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.behaviours.firmware import FirmwareUpdate
from fleetd.driverkit.effects import Replace, Trait
from fleetd.driverkit.facts import Match
from fleetd.driverkit.quirk import Quirk
from fleetd.driverkit.spec import Axis, Driver
from fleetd.driverkit.standard import GENERIC
from fleetd_drivers.lenovo import boot_quirks, service_quirks
from fleetd_drivers.lenovo.service import FlashTypeUpdate
from fleetd_drivers.told import told

_SERVICE: Final = "tests/drivers/test_lenovo_service.py"
_TSM: Final = Match(oem="Ami")

XCC: Final[Driver] = (
    GENERIC.derive("lenovo.xcc", title="Lenovo XClarity Controller", vendor="Lenovo")
    .matches(vendor="^Lenovo", without_oem=("Ami",))
    .matches(oem="Lenovo", without_oem=("Ami",))
    .matches(oem="Lenovo", manager_model="XClarity Controller", without_oem=("Ami",))
    .generation("XCC3", manager_model=r"XClarity Controller 3")
    .generation("XCC2", manager_model=r"XClarity Controller 2")
    .generation("XCC", manager_model=r"XClarity Controller$")
    .also(*service_quirks.QUIRKS, *boot_quirks.QUIRKS)
)

BOARD: Final[Driver] = (
    GENERIC.derive(
        "lenovo.board",
        title="Lenovo boards under AMI or OpenBMC",
        vendor="Lenovo",
        axis=Axis.BOARD,
    )
    .matches(manufacturer="^Lenovo")
    .also(
        Quirk(
            id="very-slow",
            effects=(Trait("request_timeout_s", setting=60.0),),
            title="Answers take very long",
            standard="DSP0266 sets no time",
            bmc="An SR635 takes 3 to 30 s even for its root",
            action="It's given a minute for each answer",
            source="LEN-004, check_redfish#40",
            test=f"{_SERVICE}::test_a_slow_board_is_given_time",
            when=Match(model="SR635|SR655"),
        ),
        Quirk(
            id="flash-type-demanded",
            effects=(Replace(FirmwareUpdate, by=FlashTypeUpdate),),
            title="An upload must say its flash type",
            standard="DSP0266 'Multipart HTTP push updates'",
            bmc="OemParameters with FlashType HPMFwUpdate or UEFIUpdate; older builds upload "
            "first and start after; Oem.AMIUpdateService.UpdateStatus tells how it goes",
            action="The part for which the image is names the flash type",
            source="LEN-046, lenovo:examples/lenovo_update_firmware.py",
            test=f"{_SERVICE}::test_an_upload_to_an_ami_board_says_its_flash_type",
            when=_TSM,
        ),
        told(
            "media-service-first",
            title="Media wait for a service of AMI's",
            standard="DSP0268 'VirtualMedia'",
            bmc="EnableRMedia and ConfigureCDInstance come first",
            advice="run these Oem actions, or switch remote media on in the BMC's page",
            source="LEN-027, lenovo:examples/lenovo_mount_virtual_media.py",
            when=_TSM,
        ),
    )
)
