"""Supermicro's own firmware, and its boards under OpenBMC or AMI: the declarations.

Sources: DSP0266 (protocol), DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.behaviours.bios import BiosSettings
from fleetd.driverkit.behaviours.boot_override import BootOverride
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.effects import Replace
from fleetd.driverkit.facts import Match
from fleetd.driverkit.spec import Axis, Driver
from fleetd.driverkit.standard import GENERIC
from fleetd.driverkit.version import Range
from fleetd_drivers.supermicro.behaviours import (
    AcCycle,
    ConfiguredMedia,
    PlainCdBootOverride,
    SpareMedia,
    StagedUpdate,
    SuffixedBios,
    WholeBootOverride,
)
from fleetd_drivers.supermicro.knowledge import with_knowledge

_NAMES: Final = r"^Super ?micro|^SMCI"
_OTHER_STACKS: Final = ("OpenBmc", "Ami")
_HERE: Final = "tests/drivers/test_supermicro.py::"
NEWER: Final = "X12 to X14"

_OPERATED: Final[Driver] = (
    GENERIC.derive("supermicro.bmc", title="Supermicro BMC", vendor="Supermicro")
    .matches(vendor=_NAMES, without_oem=_OTHER_STACKS)
    .matches(oem="Supermicro", without_oem=_OTHER_STACKS)
    .matches(oem="Supermicro", manager_model="^ASPEED", without_oem=_OTHER_STACKS)
    .matches(manager_model="^ASPEED", manufacturer=_NAMES, without_oem=_OTHER_STACKS)
    .generation(NEWER, manager_firmware=r"^0\d\.")
    .generation("X11", manager_firmware=r"^1\.\d")
    .generation("X10", manager_firmware=r"^[34]\.\d")
    .quirk(
        "boot-override-whole",
        Replace(BootOverride, by=WholeBootOverride),
        title="A boot override is said whole; a virtual CD is UsbCd",
        standard="DSP0268 'ComputerSystem': Boot; DSP0266 'Modifying resources' (PATCH)",
        bmc="Without Enabled it falls back to Once, without Mode to another mode; an X10 knows no "
        "Mode and refuses it; Cd is a real drive; BootOrder is refused, FixedBootOrder taken",
        action="Target, Enabled and Mode are sent together, Mode only where the system has it; Cd "
        "is sent as UsbCd where that's offered; an order is sent to FixedBootOrder",
        source="SMC-004, SMC-005, SMC-006, SMC-007, SMC-010, SMC-011, "
        "ironic:redfish/management.py; Redfishtool#106; metal-operator#982; "
        "sushy:resources/system/system.py; gofish:oem/smc/fixedbootorder.go",
        test=f"{_HERE}test_an_override_says_target_enabled_and_mode_together",
    )
    .quirk(
        "plain-cd",
        Replace(BootOverride, by=PlainCdBootOverride),
        title="An ARS-111GL-NHR's virtual CD is Cd",
        standard="DSP0268 'ComputerSystem': BootSourceOverrideTarget",
        bmc="Unlike the others it boots a virtual CD as Cd",
        action="Cd is sent as Cd",
        source="SMC-007, sushy:resources/system/system.py",
        test=f"{_HERE}test_an_ars_111gl_boots_a_cd_as_cd",
        when=Match(model="ARS-111GL-NHR"),
    )
    .quirk(
        "attributes-with-suffix",
        Replace(BiosSettings, by=SuffixedBios),
        title="BIOS attributes' names end in numbers that change",
        standard="DSP0268 'Bios': Attributes",
        bmc="QuietBoot#00F7 or QuietBoot_009F; the same stem may come twice; values are spelt "
        "differently by attribute, as the registry says",
        action="An attribute is found without its number, where one only has that stem",
        source="SMC-014, SMC-015, libredfish:src/supermicro.rs",
        test=f"{_HERE}test_an_attribute_is_found_without_its_number",
    )
    .quirk(
        "pending-bios",
        title="What waits is at /Bios/SD, and can't be cleared",
        standard="DSP0268 'Bios'; DSP0266 'Settings resource'",
        bmc="Attributes is absent where nothing waits; there's no clearing",
        action="Nothing waits then; what waits is overwritten by what holds",
        source="SMC-013, SMC-016, metal-operator:bmc/redfish_supermicro.go; "
        "libredfish:src/supermicro.rs",
        test=f"{_HERE}test_what_waits_in_the_bios_is_overwritten_by_what_holds",
    )
    .quirk(
        "update-in-two-steps",
        Replace(FirmwareUpdate, by=StagedUpdate),
        title="An update is uploaded, verified and then started",
        standard="DSP0266 'Multipart HTTP push updates'",
        bmc="OnStartUpdateRequest only verifies; StartUpdate installs; the two tasks are told "
        "apart by their Names; targets are Systems/1/Bios and Managers/1; wrong Preserve flags of "
        "a board are refused",
        action="The upload waits for its start; what every board knows to preserve is preserved",
        source="SMC-018, SMC-019, SMC-020, SMC-021, bmclib:providers/supermicro/firmware.go, "
        "bmclib:providers/supermicro/x12.go",
        test=f"{_HERE}test_an_update_is_uploaded_and_then_started",
        firmware=Range(generation=NEWER),
    )
    .quirk(
        "ac-cycle",
        Replace(PowerControl, by=AcCycle),
        title="A full power cycle is the maker's own action",
        standard="DSP0268 'ComputerSystem': Reset with FullPowerCycle",
        bmc="OemSystemExtensions.Reset with ACCycle",
        action="FullPowerCycle is offered, and sent to it",
        source="SMC-030, libredfish:src/supermicro.rs",
        test=f"{_HERE}test_a_full_power_cycle_is_the_maker_s_own_action",
    )
    .quirk(
        "media-takes-an-image-alone",
        Replace(VirtualMedia, by=SpareMedia),
        title="InsertMedia refuses to be told more than the image; ejected ones stay written",
        standard="DSP0268 'VirtualMedia': Inserted, WriteProtected are optional; Image",
        bmc="Inserted and WriteProtected are a 400; Image stays after ejecting (X12STW-TF, "
        "H13SRD-F) with ConnectedVia NotConnected",
        action="Only the image is sent; ConnectedVia tells whether something is inserted",
        source="SMC-027, SMC-028, sushy:resources/manager/virtual_media.py; "
        "community.general#12537",
        test=f"{_HERE}test_media_are_told_the_image_alone",
    )
    .quirk(
        "media-configured-first",
        Replace(VirtualMedia, by=ConfiguredMedia),
        title="The CD is configured and then mounted by an action of the maker",
        standard="DSP0268 'VirtualMedia': InsertMedia",
        bmc="Managers/1/VM1 has no members but a VirtualMediaConfig with Host, Path and Mount",
        action="It's configured and mounted",
        source="SMC-029, badfish:src/badfish; supermicro-x10-4.0-node119-redfishctl capture",
        test=f"{_HERE}test_an_x10_s_cd_is_configured_and_mounted",
        firmware=Range(generation="X10"),
    )
)

BMC: Final[Driver] = with_knowledge(_OPERATED)

BOARD: Final[Driver] = (
    GENERIC.derive(
        "supermicro.board",
        title="Supermicro boards under OpenBMC or AMI",
        vendor="Supermicro",
        axis=Axis.BOARD,
    )
    .matches(manufacturer=_NAMES)
    .quirk(
        "gb300-of-its-own",
        title="A GB300 board has ways of its own",
        standard="DSP0268 'SecureBoot': SecureBootEnable",
        bmc="Under OpenBMC it has no SecureBootEnable, and boots the DPU before the disk",
        action="What SecureBoot doesn't say is not known; the stack's driver does the rest",
        source="SMC-045, libredfish#111, #126; infra-controller#5066",
        test=f"{_HERE}test_a_gb300_says_nothing_of_secure_boot",
    )
)
