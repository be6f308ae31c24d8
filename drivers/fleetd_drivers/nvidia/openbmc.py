"""NVIDIA's OpenBMC: GH200, GB200 and GB300 trays of any maker, HGX, and NVLink switches.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.behaviours.boot_override import BootOverride
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.effects import Replace
from fleetd.driverkit.facts import Match
from fleetd.driverkit.spec import Driver
from fleetd_drivers.nvidia.behaviours import AuxiliaryPower, PrefixedVersions, UnlistedHttpBoot
from fleetd_drivers.openbmc.bmcweb import BMCWEB

_TOLD: Final = "tests/drivers/test_driver_laws.py::test_every_quirk_is_said_whole"
_TRAY: Final = r"^GB\d* ?NVL|^GB[23]00\b|^VR NVL|^P3809\b"

OPENBMC: Final[Driver] = (
    BMCWEB.derive("nvidia.openbmc", title="NVIDIA OpenBMC (GH200, GB200, GB300, NVLink switch)")
    .matches(oem="Nvidia", manager_model="^OpenBMC$", without_oem=("Ami",))
    .matches(oem="Nvidia", product=_TRAY, without_oem=("Ami",))
    .matches(oem="Nvidia", product=_TRAY, manager_model="^OpenBMC$", without_oem=("Ami",))
    .matches(vendor="^NVIDIA$", product=_TRAY, without_oem=("Ami",))
    .matches(vendor="^NVIDIA$", oem="Nvidia", product=_TRAY, without_oem=("Ami",))
    .generation("NVLink switch", model=r"^N\d{4}_")
    .generation("GH200", manager_firmware="^GH200")
    .generation("GB300", model=r"GB300")
    .generation("GB300", product=r"GB300")
    .generation("GB200", product="^GB200")
    .generation("GB NVL", product="^GB NVL")
    .generation("Vera Rubin", product="^VR NVL")
    .quirk(
        "trays-of-many-makers",
        title="Trays carry the name of who built them, or share a product's name",
        standard="DSP0268 'ServiceRoot': Vendor, Product",
        bmc="A GB200 says NVIDIA, WIWYNN or Supermicro; P3809 is a GH200 and an NVLink switch",
        action="The stack is matched by Oem.Nvidia; the system's model tells switch from server",
        source="NVD-002, NVD-003, nv-redfish:redfish/src/bmc_quirks.rs; libredfish:src/standard.rs",
        test="tests/drivers/test_nvidia.py::test_a_tray_of_any_maker_runs_nvidia_s_openbmc",
    )
    .quirk(
        "auxiliary-power-cycle",
        Replace(PowerControl, by=AuxiliaryPower),
        title="A full power cycle is an action of the BMC's chassis",
        standard="DSP0268 'ComputerSystem': Reset with FullPowerCycle",
        bmc="Chassis/BMC_0 has NvidiaChassis.AuxPowerReset, with AuxPowerCycle; firmware of the "
        "HGX baseboard becomes active by it only",
        action="FullPowerCycle is offered, and sent to it",
        source="NVD-017, NVD-023, libredfish:src/nvidia_gbx00.rs; infra-controller",
        test="tests/drivers/test_nvidia.py::test_a_full_power_cycle_is_the_chassis_own_action",
    )
    .quirk(
        "platform-before-version",
        Replace(FirmwareUpdate, by=PrefixedVersions),
        title="Versions carry the platform's name",
        standard="DSP0268 'SoftwareInventory': Version",
        bmc="GB200Nvl-25.07-7 where the image says 25.07-7",
        action="The platform's name is left out in comparing",
        source="NVD-022, infra-controller:crates/bmc-mock/src/hw/wiwynn_gb200_nvl.rs",
        test="tests/drivers/test_nvidia.py::test_a_version_is_compared_without_its_platform",
    )
    .quirk(
        "http-boot-unlisted",
        Replace(BootOverride, by=UnlistedHttpBoot),
        title="UefiHttp works and isn't listed",
        standard="DSP0266 'AllowableValues'",
        bmc="BootSourceOverrideTarget's allowable values leave it out",
        action="It's taken to be listed",
        source="NVD-027, libredfish:src/nvidia_gh200.rs",
        test="tests/drivers/test_nvidia.py::test_a_gh200_boots_by_http_though_it_does_not_say_so",
        when=Match(manager_firmware="^GH200"),
    )
    .quirk(
        "boards-without-supplies",
        title="Power and temperatures are at chassis of boards",
        standard="DSP0268 'PowerSubsystem': PowerSupplies",
        bmc="PowerSupplies is empty; Sensors of PDB_0 and other chassis have the readings; a GH200 "
        "may have no PowerSubsystem",
        action="The Sensors of every chassis are read",
        source="NVD-020, NVD-028, libredfish:src/nvidia_gbx00.rs",
        test="tests/drivers/test_nvidia.py::test_a_tray_is_measured_by_the_sensors_of_its_boards",
    )
    .quirk(
        "first-password-must-change",
        title="Until the factory password is changed, all is forbidden",
        standard="DSP0266 'Password change required responses'",
        bmc="403 PasswordChangeRequired to everything but the account; accounts are called by "
        "their user, lockout is at least 600 s, and newer trays refuse a threshold of 0",
        action="Told to people (fleetctl driver explain): the login is refused, and not sent again",
        source="NVD-018, NVD-019, libredfish:src/nvidia_gbx00.rs",
        test=_TOLD,
    )
    .quirk(
        "bios-and-boot-oddities",
        title="BIOS attributes and boot options mean other things than they say",
        standard="DSP0268 'Bios', 'ComputerSystem': Boot",
        bmc="EmbeddedUefiShell Disabled has the boot order retried for ever; ResetBios demands a "
        "body; a Vera Rubin's BootOrder says 'Boot0019: Ubuntu'",
        action="ResetBios is sent an empty object; the rest is told to people",
        source="NVD-005, NVD-025, NVD-026, libredfish:src/nvidia_gbx00.rs; "
        "nv-redfish:redfish/src/bmc_quirks.rs",
        test="tests/drivers/test_nvidia.py::test_resetting_the_bios_sends_an_object",
    )
    .quirk(
        "serial-of-the-rack-in-assembly",
        title="The asset's serial is in an Assembly",
        standard="DSP0268 'ComputerSystem': SerialNumber",
        bmc="The serial on the label is Chassis_0's Assembly of model 'GB200 NVL'",
        action="Told to people: the machine's serial stays the system's",
        source="NVD-024, infra-controller:crates/bmc-explorer/src/lib.rs",
        test=_TOLD,
    )
    .quirk(
        "events-lack-members",
        title="Server-sent events lack what they must have",
        standard="DSP0266 'Server-sent events'; DSP0268 'Event'",
        bmc="Events have no MemberId, EventType or @odata.id",
        action="Told to people: fleetd subscribes by URI, and listens to no stream",
        source="NVD-021, nv-redfish:redfish/src/bmc_quirks.rs",
        test=_TOLD,
    )
    .quirk(
        "switch-without-boot-options",
        title="An NVLink switch has no boot options and no interfaces",
        standard="DSP0268 'ComputerSystem': BootOptions, EthernetInterfaces",
        bmc="Both answer 404",
        action="What isn't there is passed over, and the switch is a switch",
        source="NVD-042, libredfish:src/nvidia_gbswitch.rs",
        test="tests/drivers/test_nvidia.py::test_an_nvlink_switch_is_a_switch",
        when=Match(model=r"^N\d{4}_"),
    )
)
