"""Booting, virtual media and power: where an iDRAC leaves the standard."""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.behaviours.boot_override import BootOverride
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.effects import Replace
from fleetd.driverkit.facts import Match
from fleetd.driverkit.quirk import Quirk
from fleetd.driverkit.version import Range
from fleetd_drivers.dell.boot import NoPxeBoot, OnceOnlyBoot, StagedBoot, VirtualDiscBoot
from fleetd_drivers.dell.media import IdracMedia
from fleetd_drivers.told import told

_TESTS: Final = "tests/drivers/test_dell_boot.py"
_BOOT: Final = "DSP0268 'ComputerSystem', Boot"
_MEDIA: Final = "DSP0268 'VirtualMedia'"

QUIRKS: Final = (
    Quirk(
        id="boot-at-settings",
        effects=(Replace(BootOverride, by=StagedBoot),),
        title="Boot is changed at the system's settings resource",
        standard=f"{_BOOT}; DSP0266 'Settings resource'",
        bmc="Since iDRAC10, Boot of the system is read-only; its settings resource has the "
        "allowable values and takes the PATCH, and some builds take only order and mode there",
        action="Where the settings resource has a Boot, it's asked and changed; what it doesn't "
        "take is refused by name",
        source="DEL-014, DEL-015, sushy release note; community.general#11297; gofish#511; "
        "libredfish#33",
        test=f"{_TESTS}::test_an_override_goes_to_the_settings_resource",
    ),
    Quirk(
        id="no-job-for-the-same-order",
        title="Writing the boot order that holds makes no job",
        standard="DSP0266 'PATCH (update)'",
        bmc="It answers 200 without Location, so waiting for a job would never end",
        action="An order that holds already isn't written",
        source="DEL-022, libredfish:src/dell.rs",
        test=f"{_TESTS}::test_an_order_that_holds_is_not_written",
    ),
    Quirk(
        id="no-http-boot-uri",
        title="HttpBootUri is missing",
        standard=f"{_BOOT}.HttpBootUri",
        bmc="An HTTP device is BIOS attributes (HttpDev1EnDis, HttpDev1Uri, HttpDev1Interface) "
        "and must be there before it can be booted from",
        action="A URI to boot from is refused, with the names of the attributes",
        source="DEL-024, libredfish#75",
        test=f"{_TESTS}::test_a_uri_to_boot_from_is_refused_with_the_attributes_to_set",
    ),
    Quirk(
        id="virtual-disc-by-attributes",
        effects=(Replace(BootOverride, by=VirtualDiscBoot),),
        title="Cd boots the drive in the machine",
        standard=f"{_BOOT}: Cd is a CD or DVD, virtual ones too",
        bmc="Before iDRAC9 6.00 the override passes virtual media over",
        action="ServerBoot.1.BootOnce and FirstBootDevice of the iDRAC's attributes name them",
        source="DEL-016, DEL-017, sushy:oem/dell/resources/manager/manager.py; dell#90; "
        "ironic:drivers/modules/redfish/boot.py",
        test=f"{_TESTS}::test_a_virtual_disc_is_named_by_the_idracs_attributes",
        firmware=Range(generation="iDRAC9", before="6.00"),
    ),
    Quirk(
        id="virtual-disc-by-attributes-again",
        effects=(Replace(BootOverride, by=VirtualDiscBoot),),
        title="Cd boots the drive in the machine again",
        standard=f"{_BOOT}: Cd is a CD or DVD, virtual ones too",
        bmc="An iDRAC10 passes virtual media over, as iDRAC9 did before 6.00",
        action="ServerBoot.1.BootOnce and FirstBootDevice of the iDRAC's attributes name them",
        source="DEL-016, ironic:drivers/modules/redfish/boot.py",
        test=f"{_TESTS}::test_a_virtual_disc_is_named_by_the_idracs_attributes",
        firmware=Range(generation="iDRAC10"),
    ),
    Quirk(
        id="attributes-moved",
        title="The iDRAC's attributes have moved",
        standard="DSP0268 'Manager' has none",
        bmc="They are at Managers/…/Attributes in 3.x and at …/Oem/Dell/DellAttributes later; "
        "/redfish/v1/Dell is gone since iDRAC10",
        action="They are found by the manager's links",
        source="DEL-038, DEL-039, community.general#10232; badfish#578, #579",
        test=f"{_TESTS}::test_the_attributes_are_found_by_links_in_both_places",
    ),
    Quirk(
        id="continuous-holds-once",
        effects=(Replace(BootOverride, by=OnceOnlyBoot),),
        title="Continuous holds for one boot",
        standard=f"{_BOOT}.BootSourceOverrideEnabled",
        bmc="Before 2.75.75.75 a lasting override is gone after one boot",
        action="A lasting override is refused; the boot order lasts",
        source="DEL-019, metal-stack/go-hal:internal/vendors/dell",
        test=f"{_TESTS}::test_what_would_hold_once_only_is_not_promised_to_last",
        firmware=Range(generation="iDRAC8", before="2.75.75.75"),
    ),
    Quirk(
        id="no-pxe-on-xe9680",
        effects=(Replace(BootOverride, by=NoPxeBoot),),
        title="PXE doesn't boot on an XE9680",
        standard=_BOOT,
        bmc="Pxe is among the allowable values and doesn't work",
        action="Pxe is refused; UefiHttp is among what is offered",
        source="DEL-025, libredfish:src/dell.rs",
        test=f"{_TESTS}::test_pxe_is_not_offered_where_it_does_not_work",
        when=Match(model="XE9680"),
    ),
    told(
        "uefi-target-in-two-steps",
        title="A UEFI target is written before it's chosen",
        standard=f"{_BOOT}.UefiTargetBootSourceOverride",
        bmc="Path and target in one body are refused",
        advice="write the path first, then target and enabled; fleetd sets no UEFI target",
        source="DEL-021, community.general:plugins/module_utils/_redfish_utils.py",
        firmware=Range(generation="iDRAC8"),
    ),
    told(
        "override-not-honoured",
        title="A one-time override may not be honoured, and the OS rewrites the order",
        standard=_BOOT,
        bmc="The disk boots though Once and Pxe were read back; the OS changes UEFI entries, "
        "under lockdown too",
        advice="set the override while the host is off, keep the disk last, look again later",
        source="DEL-020, DEL-026, metal-operator#80, dell#359",
    ),
    Quirk(
        id="media-under-system",
        title="Virtual media are under the system",
        standard=f"{_MEDIA}: under systems since 1.16, under managers before",
        bmc="An iDRAC10 has two slots under the system, each of every type, none under the manager",
        action="Slots are looked for in both",
        source="DEL-040, ironic:drivers/modules/drac/boot.py; badfish#578",
        test=f"{_TESTS}::test_slots_are_found_under_the_system",
        firmware=Range(generation="iDRAC10"),
    ),
    Quirk(
        id="removable-disk-takes-img-only",
        effects=(Replace(VirtualMedia, by=IdracMedia),),
        title="The removable disk takes .img images only",
        standard=f"{_MEDIA}: InsertMedia takes any image",
        bmc="Another suffix is refused in the slot RemovableDisk",
        action="It's refused before it's sent",
        source="DEL-043, dell scripts",
        test=f"{_TESTS}::test_the_removable_disk_takes_images_of_disks_only",
    ),
    told(
        "media-in-between",
        title="Ejecting goes on after it was answered",
        standard=f"{_MEDIA}: EjectMedia",
        bmc="Inserted stays true for a while and an insert fails with 5xx; SYS446 means that the "
        "service is in a bad state; ejecting under a running OS can harm its session",
        advice="power off, eject, wait until Inserted is false, try inserting every 3 s; at "
        "SYS446 restart the iDRAC",
        source="DEL-041, DEL-042, DEL-044, ironic:drivers/modules/redfish/boot.py; dell#60",
    ),
    told(
        "media-plug-in",
        title="Virtual media hang in several builds",
        standard=f"{_MEDIA}: InsertMedia",
        bmc="In 4.40 the eHTML5 console breaks inserting; before 6.10 booting from it may hang",
        advice="update the iDRAC, or set the plug-in to HTML5 and AttachMode to AutoAttach",
        source="DEL-045, DEL-046, openshift-docs#32022; dell#225",
        firmware=Range(generation="iDRAC9", before="6.10"),
    ),
    told(
        "power-on-refused-or-ignored",
        title="Turning on right after turning off fails",
        standard="DSP0268 'ComputerSystem': Reset",
        bmc="An iDRAC10 answers 409 ActionParameterValueConflict though PowerState is Off; an "
        "R650 with 5.10.10.05 accepts On and does nothing",
        advice="ask again until it's accepted, and look whether the host is on",
        source="DEL-098, DEL-099, ironic:drivers/modules/redfish/power.py; jetlag#245",
    ),
    told(
        "full-power-cycle",
        title="A full AC cycle is a BIOS attribute",
        standard="DSP0268 'ComputerSystem': FullPowerCycle",
        bmc="PowerCycleRequest is set to FullPowerCycle and takes effect at the next power-off, "
        "and is read-only at times; the standard's way came with 6.10 and wants the host off",
        advice="turn the host off, then ask for FullPowerCycle where it's among the reset types",
        source="DEL-037, libredfish:src/dell.rs; dell scripts",
    ),
)
