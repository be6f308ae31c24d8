"""iRMC: its declaration.

Sources: DSP0266 (protocol), DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.behaviours.boot_override import BootOverride
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.behaviours.sensors import Sensors
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.effects import Lacks, Replace, Trait
from fleetd.driverkit.spec import Driver
from fleetd.driverkit.standard import GENERIC
from fleetd.redfish.traits import EtagPolicy
from fleetd_drivers.fujitsu.behaviours import (
    ChassisPower,
    MergedResets,
    RemoteImages,
    TargetAlone,
)

_TOLD: Final = "tests/drivers/test_driver_laws.py::test_every_quirk_is_said_whole"
_HERE: Final = "tests/drivers/test_fujitsu.py::"

IRMC: Final[Driver] = (
    GENERIC.derive("fujitsu.irmc", title="Fujitsu iRMC S4 to S6", vendor="Fujitsu")
    .matches(vendor="^Fujitsu|^Fsas")
    .matches(oem="ts_fujitsu|Fsas")
    .matches(manager_model="^iRMC")
    .matches(oem="ts_fujitsu|Fsas", manager_model="^iRMC")
    .generation("iRMC S4", manager_model=r"iRMC S4\b")
    .generation("iRMC S5", manager_model=r"iRMC S5\b")
    .generation("iRMC S6", manager_model=r"iRMC S6\b")
    .quirk(
        "oem-key-of-two-names",
        title="The Oem key changed with the company's name",
        standard="DSP0266 'OEM property format'",
        bmc="ts_fujitsu became Fsas, and FTSComputerSystem FsasComputerSystem",
        action="Both are read alike",
        source="FTS-001, terraform-provider-irmc-redfish:internal/provider",
        test=f"{_HERE}test_an_irmc_is_known_by_either_name",
    )
    .quirk(
        "system-zero-over-https",
        title="The system is 0; newer firmware speaks HTTPS only",
        standard="DSP0266 'Universal resource identifiers', 'Protocol'",
        bmc="Systems/0; an S6 from 2.00 on answers 404 to HTTP and has IPMI off",
        action="Only links are followed; an address by HTTP is told to take HTTPS",
        source="FTS-002, FTS-003, check_redfish; ironic:drivers/modules/irmc (stable/2025.1)",
        test="tests/redfish/test_redfish_probe.py::"
        "test_a_tls_only_bmc_addressed_by_http_is_told_so",
    )
    .quirk(
        "if-match-demanded",
        Trait("etag", EtagPolicy.READ),
        title="Every PATCH carries the resource's ETag",
        standard="DSP0266 'ETags'",
        bmc="A PATCH of Systems/0 without the ETag that was read is refused",
        action="The ETag is read first and sent",
        source="FTS-020, fujitsu-ansible:plugins/modules/irmc_setnextboot.py",
        test=f"{_HERE}test_every_change_states_the_version_that_was_read",
    )
    .quirk(
        "expand-refused",
        Trait("expand", setting=False),
        title="$expand is refused by some resources",
        standard="DSP0266 'The $expand query parameter'",
        bmc="QueryNotSupportedOnResource, for all but collections' Members",
        action="Members are read one by one",
        source="FTS-005, check_redfish#20",
        test="tests/drivers/test_expansion.py::"
        "test_members_are_read_one_by_one_where_expansion_is_not_to_be_trusted",
    )
    .quirk(
        "override-off-by-target",
        Replace(BootOverride, by=TargetAlone),
        title="To switch an override off only its target is said",
        standard="DSP0268 'ComputerSystem': Boot",
        bmc="With target None, Enabled or Mode beside it are a 500",
        action="Only the target is sent then",
        source="FTS-010, FTS-019, fujitsu-ansible:plugins/modules/irmc_setnextboot.py; "
        "terraform-provider-irmc-redfish:resource_boot_source_override.go",
        test=f"{_HERE}test_an_override_is_switched_off_by_its_target_alone",
    )
    .quirk(
        "resets-by-oem",
        Replace(PowerControl, by=MergedResets),
        title="Some resets are the maker's own action only",
        standard="DSP0268 'ComputerSystem': Reset",
        bmc="FTSComputerSystem.Reset takes FTSResetType, with words of its own",
        action="What only that action takes is offered by the standard's words and sent to it",
        source="FTS-009, fujitsu-ansible:plugins/modules/irmc_powerstate.py",
        test=f"{_HERE}test_a_reset_that_only_the_maker_s_action_takes_goes_there",
    )
    .quirk(
        "media-by-oem",
        Replace(VirtualMedia, by=RemoteImages),
        title="Images are configured and connected at resources of the maker",
        standard="DSP0268 'VirtualMedia': InsertMedia",
        bmc="Systems/0/Oem/ts_fujitsu/VirtualMedia, and FTSComputerSystem.VirtualMedia whose "
        "parameter is VirtualMediaAction on an S4 and FTSVirtualMediaAction later",
        action="The image is configured there and connected by the name that the action lists",
        source="FTS-011, FTS-021, fujitsu-ansible:plugins/modules/irmc_connectvm.py",
        test=f"{_HERE}test_an_image_is_configured_and_connected",
    )
    .quirk(
        "no-update-service",
        Lacks(FirmwareUpdate),
        title="Firmware isn't updated by UpdateService",
        standard="DSP0268 'UpdateService'",
        bmc="There's no usable one; endpoints of the maker take a file, TFTP or a memory card",
        action="Updates are said to be unsupported",
        source="FTS-006, fujitsu-ansible:plugins/modules/irmc_fwbios_update.py",
        test=f"{_HERE}test_firmware_is_said_to_be_not_updatable",
    )
    .quirk(
        "power-in-oem",
        Replace(Sensors, by=ChassisPower),
        title="The whole chassis' power is in an Oem section; there's Thermal only",
        standard="DSP0268 'Power': PowerControl",
        bmc="Power.Oem.ts_fujitsu.ChassisPowerConsumption; no ThermalSubsystem",
        action="It's read as a measurement, and Thermal beside it",
        source="FTS-013, FTS-014, idrac_exporter:internal/collector; check_redfish",
        test=f"{_HERE}test_the_chassis_power_is_measured",
    )
    .quirk(
        "typed-attributes",
        title="BIOS attributes are numbers, objects and lists, too",
        standard="DSP0268 'AttributeRegistry': Type",
        bmc="BootSources is a list; PersistentBootConfigOrder is the lasting boot order",
        action="Values are sent as they are given, whatever their type",
        source="FTS-007, FTS-022, terraform-provider-irmc-redfish:internal/provider/"
        "resource_bios.go",
        test=f"{_HERE}test_an_attribute_may_be_a_list",
    )
    .quirk(
        "after-bios-and-raid",
        title="The host may end powered off; features need licences",
        standard="DSP0268 'Bios', 'Storage'",
        bmc="After BIOS settings are applied the host may be off; RAID needs eLCM's licence; the "
        "inventory is empty until the host was on once; code 0x180055 in logs means nothing",
        action="Told to people (fleetctl driver explain)",
        source="FTS-008, FTS-012, FTS-017, FTS-018, terraform-provider-irmc-redfish; "
        "check_redfish; ironic:irmc/inspect.py",
        test=_TOLD,
    )
    .quirk(
        "health-and-serials",
        title="Health is told in other places, serials are padded",
        standard="DSP0268 'Resource': Status",
        bmc="Memory says Oem SignalStatus; Health comes without HealthRollup; the serial of "
        "storage is the parent's and padded",
        action="Health is what Status says, else unknown; padding is taken off",
        source="FTS-015, FTS-016, check_redfish:cr_module/mem.py, cr_module/storage.py",
        test=f"{_HERE}test_padding_is_no_part_of_a_serial",
    )
)
