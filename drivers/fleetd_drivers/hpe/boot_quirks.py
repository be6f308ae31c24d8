"""Booting, power, BIOS and virtual media: where an iLO leaves the standard."""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.behaviours.bmc_reset import BmcReset
from fleetd.driverkit.behaviours.boot_override import BootOverride
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.behaviours.readiness import Readiness
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.effects import Replace
from fleetd.driverkit.quirk import Quirk
from fleetd.driverkit.version import Range
from fleetd_drivers.hpe.boot import AuxPower, IloBoot, PostReadiness
from fleetd_drivers.hpe.service import ImageOnlyMedia, PlainReset
from fleetd_drivers.told import told

_TESTS: Final = "tests/drivers/test_hpe_boot.py"
_BOOT: Final = "DSP0268 'ComputerSystem', Boot"
_MEDIA: Final = "DSP0268 'VirtualMedia'"

QUIRKS: Final = (
    Quirk(
        id="boot-mode-read-only",
        effects=(Replace(BootOverride, by=IloBoot),),
        title="The boot mode can't be written",
        standard=f"{_BOOT}.BootSourceOverrideMode",
        bmc="Gen10 and later refuse a PATCH that has it; Gen9 doesn't even show it",
        action="It's never sent; an override that needs the other mode is refused by name",
        source="HPE-018, HPE-019, community.general#3509; bmclib; "
        "ironic:drivers/modules/redfish/management.py",
        test=f"{_TESTS}::test_the_mode_is_never_written",
    ),
    Quirk(
        id="clearing-keeps-the-target",
        title="No override is written as Enabled with target None",
        standard=f"{_BOOT}.BootSourceOverrideEnabled",
        bmc="An iLO refuses to write it where the target is None",
        action="Clearing says Disabled and leaves the target; what is clear isn't cleared",
        source="HPE-022, metal-operator#998",
        test=f"{_TESTS}::test_clearing_says_disabled_and_nothing_more",
    ),
    Quirk(
        id="order-must-be-whole",
        title="The boot order must list every option",
        standard=f"{_BOOT}.BootOrder",
        bmc="ArrayPropertyOutOfBound answers an order that leaves one out",
        action="The options that weren't named follow behind",
        source="HPE-021, HewlettPackard/ilo-ansible-collection#9",
        test=f"{_TESTS}::test_an_order_has_every_option",
    ),
    Quirk(
        id="no-changes-in-post",
        effects=(Replace(Readiness, by=PostReadiness),),
        title="Changes are refused during POST",
        standard="DSP0266 knows no such state",
        bmc="UnableToModifyDuringSystemPOST until Oem.Hpe.PostState is FinishedPost",
        action="PostState says what work must wait for",
        source="HPE-020, ironic:drivers/modules/redfish/management.py",
        test=f"{_TESTS}::test_work_waits_for_the_end_of_post",
    ),
    Quirk(
        id="aux-cycle",
        effects=(Replace(PowerControl, by=AuxPower),),
        title="A full power cycle is HPE's own action",
        standard="DSP0268 'ComputerSystem', Reset: FullPowerCycle",
        bmc="HpeComputerSystemExt.SystemReset with AuxCycle, after ForceOff; on hosts with a DPU "
        "ForceRestart doesn't restart warm as GracefulRestart does",
        action="FullPowerCycle is offered and means AuxCycle, while the host is off",
        source="HPE-024, libredfish:src/hpe.rs",
        test=f"{_TESTS}::test_a_full_power_cycle_is_hpes_action",
    ),
    Quirk(
        id="reset-types-by-state",
        title="Reset types are refused in some states",
        standard="DSP0268 'ComputerSystem': Reset",
        bmc="GracefulShutdown or GracefulRestart answer 400; InvalidOperationForSystemState "
        "passes after a moment",
        action="Only offered types are sent, and the iLO's own words are told",
        source="HPE-023, HPE-025, sushy:connector.py; apache/cloudstack#12921",
        test=f"{_TESTS}::test_a_reset_that_is_not_offered_is_refused_by_name",
    ),
    Quirk(
        id="manager-reset-without-type",
        effects=(Replace(BmcReset, by=PlainReset),),
        title="Manager.Reset takes no type",
        standard="DSP0268 'Manager': Reset takes ResetType",
        bmc="An iLO that names no values refuses one",
        action="Where it names none, none is sent",
        source="HPE-026, metal-operator:bmc/redfish_hpe.go; bmclib",
        test=f"{_TESTS}::test_an_ilo_that_names_no_reset_types_is_sent_none",
    ),
    Quirk(
        id="insert-takes-the-image-only",
        effects=(Replace(VirtualMedia, by=ImageOnlyMedia),),
        title="InsertMedia takes nothing but the image",
        standard=f"{_MEDIA}: InsertMedia takes Inserted and WriteProtected too",
        bmc="An iLO 4 refuses every other parameter",
        action="Only the image is said",
        source="HPE-013, sushy:resources/manager/virtual_media.py",
        test=f"{_TESTS}::test_an_ilo_4_is_told_the_image_only",
        firmware=Range(generation="iLO 4"),
    ),
    Quirk(
        id="slots-by-media-type",
        title="The first slot is a floppy's, and ejecting wants a body",
        standard=f"{_MEDIA}: MediaTypes",
        bmc="Slot 1 takes floppies and sticks, 2 CDs and DVDs; EjectMedia without a body fails",
        action="A slot is chosen by what it takes, and actions always have a body",
        source="HPE-014, HPE-015, sushy; bmclib; metal-operator#690",
        test=f"{_TESTS}::test_a_disc_goes_into_the_slot_for_discs_and_out_again",
    ),
    told(
        "boot-on-next-reset",
        title="A slot can say that it's booted from",
        standard=f"{_MEDIA} has none",
        bmc="Oem.Hpe.BootOnNextServerReset boots once from it; an iLO 7 has no EmbeddedMedia and "
        "no blobstore:// any more",
        advice="set the override to Cd instead, which fleetd does",
        source="HPE-016, HPE-017, redfishdocs; python-redfish-utility#1",
    ),
    Quirk(
        id="bios-in-lower-case",
        title="BIOS places are in lower case, with a slash",
        standard="DSP0266 'Universal Resource Identifiers'",
        bmc="/redfish/v1/systems/1/bios/settings/, and since iLO 6 boot, mappings and others below "
        "bios/oem/hpe",
        action="Places are taken from links, and compared in any case",
        source="HPE-027, HPE-029, redfishdocs",
        test=f"{_TESTS}::test_bios_changes_go_where_the_settings_link_leads",
    ),
    told(
        "bios-by-reboot",
        title="Every BIOS change needs a reboot, and names differ",
        standard="DSP0268 'AttributeRegistry': ResetRequired",
        bmc="ResetRequired isn't flagged; virtualisation is IntelProcVtd, ProcAmdIoVt or "
        "ProcVirtualization",
        advice="restart after any change, and take names from the machine's registry",
        source="HPE-028, HPE-030, metal-operator#544; libredfish:src/hpe.rs",
    ),
    told(
        "power-cap",
        title="The power cap of an Apollo is an Oem resource",
        standard="DSP0268 'Control'",
        bmc="AccPowerService on Apollo 6500 and XL; gone since iLO 7; 0 means no cap",
        advice="read and write it by hand",
        source="HPE-054, hms-power-control:internal/domain/power-cap.go",
    ),
)
