"""MegaRAC: its declaration.

Sources: DSP0266 (protocol), DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.behaviours.boot_override import BootOverride
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate
from fleetd.driverkit.behaviours.logs import Logs
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.effects import Patch, Replace, Trait
from fleetd.driverkit.spec import Driver
from fleetd.driverkit.standard import GENERIC
from fleetd.redfish.traits import EtagPolicy
from fleetd_drivers.ami.behaviours import (
    EnabledMedia,
    EventLogs,
    ImageTypeUpdate,
    WholeBootOverride,
)
from fleetd_drivers.ami.repairs import with_named_settings

_TOLD: Final = "tests/drivers/test_driver_laws.py::test_every_quirk_is_said_whole"
_STACK: Final = r"^AMI$|^American Megatrends"
_PRODUCT: Final = "^AMI Redfish"
_BMCWEB: Final = ("OpenBmc",)

MEGARAC: Final[Driver] = (
    GENERIC.derive("ami.megarac", title="AMI MegaRAC")
    .matches(vendor=_STACK, without_oem=_BMCWEB)
    .matches(oem="Ami", without_oem=_BMCWEB)
    .matches(product=_PRODUCT, without_oem=_BMCWEB)
    .matches(oem="Ami", product=_PRODUCT, without_oem=_BMCWEB)
    .quirk(
        "stack-under-many-names",
        title="The vendor that is named is the stack's, or the board's",
        standard="DSP0268 'ServiceRoot': Vendor is the maker of the service",
        bmc="Vendor says AMI on a DGX and the maker's name elsewhere; Oem.Ami is always there, and "
        "RtpVersion tells platforms apart",
        action="The stack is matched by its Oem key and the board by its manufacturer",
        source="AMI-001, NVD-001, NVD-004, libredfish:src/standard.rs; "
        "nv-redfish:redfish/src/bmc_quirks.rs",
        test="tests/drivers/test_ami.py::test_the_stack_is_told_from_the_board",
    )
    .quirk(
        "if-match-demanded",
        Trait("etag", EtagPolicy.STAR),
        title="A PATCH without If-Match is lost or refused",
        standard="DSP0266 'ETags': a service may demand If-Match",
        bmc="Without If-Match it's ignored silently, or 428 or 412; * is accepted",
        action="If-Match: * goes with every PATCH",
        source="AMI-002, libredfish#34; xcat2/confluent#274",
        test="tests/drivers/test_ami.py::test_every_change_states_any_version",
    )
    .quirk(
        "boot-override-whole",
        Replace(BootOverride, by=WholeBootOverride),
        title="A boot override is said whole, in newer firmware to the settings resource",
        standard="DSP0268 'ComputerSystem': Boot; DSP0266 'Settings resource'",
        bmc="Target, Enabled and Mode are demanded together, also to disable; BootOrder is taken "
        "at /SD only, and the override, too, where the system's own answers "
        "OperationSupportedInFutureStateURI",
        action="All three are sent to /SD where it has the override, else to the system; an "
        "order is sent to /SD",
        source="AMI-003, AMI-004, AMI-005, Redfish-Tacklebox#144; community.general#11542; "
        "libredfish:src/ami.rs",
        test="tests/drivers/test_ami.py::test_an_override_is_said_whole_and_the_order_elsewhere",
    )
    .quirk(
        "bios-settings-unnamed",
        Patch("Bios", with_named_settings),
        title="The BIOS' settings resource isn't always named, nor are attributes",
        standard="DSP0266 'Settings resource': SettingsObject",
        bmc="@Redfish.Settings may have no SettingsObject; attributes are called SETUP001",
        action="Without a name /SD is the settings resource; the registry tells what codes mean",
        source="AMI-006, AMI-007, Redfish-Tacklebox#55; libredfish:src/ami.rs",
        test="tests/drivers/test_ami.py::test_bios_changes_wait_at_the_settings_resource",
    )
    .quirk(
        "image-type-demanded",
        Replace(FirmwareUpdate, by=ImageTypeUpdate),
        title="An update says what its image is for",
        standard="DSP0266 'Multipart HTTP push updates': OEM parts are optional",
        bmc="Without a part OemParameters with ImageType it's refused, and what isn't preserved "
        "first is lost",
        action="All settings are preserved, and the image's type goes along",
        source="AMI-008, AMI-009, bmclib; aiohmi:redfish/oem/ami; "
        "confluent:aiohmi/redfish/oem/ami/megarac.py",
        test="tests/drivers/test_ami.py::test_an_update_keeps_settings_and_says_its_image_s_type",
    )
    .quirk(
        "media-switched-off",
        Replace(VirtualMedia, by=EnabledMedia),
        title="There's no virtual media until it's enabled",
        standard="DSP0268 'VirtualMedia'",
        bmc="RMediaStatus Disabled means no slots, or a 405 or 404 to InsertMedia; "
        "ConnectedVia never changes",
        action="The maker's action EnableRMedia goes first",
        source="AMI-015, lenovo scripts; nvidia-dgxh100-ami-23.11.20-libredfish capture",
        test="tests/drivers/test_ami.py::test_remote_media_is_enabled_where_it_is_not",
    )
    .quirk(
        "post-codes-as-a-log",
        Replace(Logs, by=EventLogs),
        title="POST codes are listed as a log",
        standard="DSP0268 'LogService'",
        bmc="Entries of 'BIOS POST Code Log' are no events",
        action="It's neither read nor cleared",
        source="AMI-017, confluent:aiohmi/redfish/oem/generic.py",
        test="tests/drivers/test_ami.py::test_post_codes_are_no_log",
    )
    .quirk(
        "reset-types-apart",
        title="The ResetTypes are in ActionInfo, and few",
        standard="DSP0266 'Actions': AllowableValues or ActionInfo",
        bmc="AllowableValues stand in ResetActionInfo only; some take no GracefulRestart",
        action="ActionInfo is read; what isn't taken is refused before it's sent, with what is",
        source="AMI-011, AMI-012, hms-smd:pkg/redfish/rfcomponents.go; libredfish:src/ami.rs",
        test="tests/drivers/test_ami.py::test_reset_types_are_read_where_they_stand",
    )
    .quirk(
        "update-restarts-the-bmc",
        title="The task of a BMC's update vanishes",
        standard="DSP0266 'Asynchronous operations'",
        bmc="The BMC restarts; the task is gone for three minutes or for good",
        action="Told to people (fleetctl driver explain): the version tells, not the task",
        source="AMI-010, infra-controller; bmclib",
        test=_TOLD,
    )
    .quirk(
        "accounts-time-out-and-work",
        title="Making or removing an account times out and works",
        standard="DSP0266 'Modifying resources'",
        bmc="DELETE or POST of an account isn't answered in time, and is done",
        action="Told to people: the accounts are read back",
        source="AMI-016, confluent:aiohmi/redfish",
        test=_TOLD,
    )
    .quirk(
        "supplies-without-health",
        title="Power supplies that are there say no Health",
        standard="DSP0268 'PowerSupply': Status",
        bmc="Status has State and no Health",
        action="Their health is unknown",
        source="AMI-018, check_redfish",
        test="tests/drivers/test_ami.py::test_a_supply_without_health_is_not_taken_for_sound",
    )
)
