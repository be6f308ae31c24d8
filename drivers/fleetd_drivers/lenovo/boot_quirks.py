"""Booting, BIOS, power and RAID: where an XCC leaves the standard."""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.behaviours.bios import BiosSettings
from fleetd.driverkit.behaviours.boot_override import BootOverride
from fleetd.driverkit.behaviours.indicator import LocationIndicator
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.effects import Replace
from fleetd.driverkit.facts import Match
from fleetd.driverkit.quirk import Quirk
from fleetd.driverkit.version import Range
from fleetd_drivers.lenovo.boot import PlainBios, SystemLight, XccBoot, XccPower
from fleetd_drivers.told import told

_TESTS: Final = "tests/drivers/test_lenovo_boot.py"
_BOOT: Final = "DSP0268 'ComputerSystem', Boot"
_RESET: Final = "DSP0268 'ComputerSystem': Reset"

QUIRKS: Final = (
    Quirk(
        id="override-holds-once",
        effects=(Replace(BootOverride, by=XccBoot),),
        title="An override holds once; the order is staged and must be whole",
        standard=f"{_BOOT}.BootSourceOverrideEnabled, BootOrder",
        bmc="Continuous isn't known; the order is changed at Systems/1/Pending, an order that "
        "leaves Hard Disk out may lose it, and BootOptions come in no order",
        action="A lasting override is refused; an order goes to the settings resource, with every "
        "option that wasn't named behind",
        source="LEN-015, LEN-017, LEN-018, libredfish:src/lenovo.rs; libredfish#125",
        test=f"{_TESTS}::test_an_order_is_staged_and_whole",
    ),
    told(
        "boot-settings-lazy",
        title="Older XCCs have the order in Oem BootSettings",
        standard=_BOOT,
        bmc="Its children are made when the parent is read; a PATCH takes ten seconds; an XCC3 "
        "has the order of networks in BIOS attributes (BootOrder_NetworkPriority_n)",
        advice="read the parent first; set the attributes on an XCC3",
        source="LEN-016, LEN-019, libredfish#127; libredfish:src/lenovo.rs",
    ),
    told(
        "os-entry-undone",
        title="Choosing the disk by the BMC undoes the OS' own entry",
        standard=_BOOT,
        bmc='"Boot Option Restoration" in UEFI mode; V4 machines have no Legacy mode',
        advice="don't choose the disk after a deployment in UEFI mode",
        source="LEN-020, LEN-043, ironic:releasenotes limit-boot-to-disk-calls-lenovo; "
        "lenovo scripts",
    ),
    Quirk(
        id="bios-attributes-only",
        effects=(Replace(BiosSettings, by=PlainBios),),
        title="BIOS changes take nothing but attributes",
        standard="DSP0266 'Settings resource': @Redfish.SettingsApplyTime",
        bmc="PropertyUnknown answers an apply time; what waits is at Bios/Pending",
        action="No apply time is said, and another than OnReset is refused",
        source="LEN-013, LEN-014, lenovo scripts; libredfish:src/lenovo.rs",
        test=f"{_TESTS}::test_bios_changes_say_nothing_but_attributes",
    ),
    told(
        "values-prefixed",
        title="Values of BIOS attributes begin with their name",
        standard="DSP0268 'AttributeRegistry'",
        bmc='"NWSK001Disabled" on a GB300; network boot options compete; LEM0001 must be 0',
        advice="take the values from the machine's registry",
        source="LEN-045, libredfish#104",
    ),
    Quirk(
        id="ac-cycle",
        effects=(Replace(PowerControl, by=XccPower),),
        title="A full power cycle is Lenovo's own action",
        standard=f"{_RESET}: FullPowerCycle",
        bmc="LenovoComputerSystem.SystemReset with ACPowerCycle",
        action="FullPowerCycle is offered and means that",
        source="LEN-036, libredfish:src/lenovo.rs",
        test=f"{_TESTS}::test_a_full_power_cycle_is_lenovos_action",
    ),
    Quirk(
        id="forced-restart-hangs",
        title="A forced restart can hang an SR675 V3 OVX",
        standard=_RESET,
        bmc="ForceRestart on machines of SKU 7D9RCTOLWW",
        action="It isn't offered there: the host is turned off, then on",
        source="LEN-034, libredfish:src/lenovo.rs",
        test=f"{_TESTS}::test_a_restart_that_may_hang_is_refused",
    ),
    told(
        "restart-cuts-the-dpu",
        title="Restarts cut the power of a DPU",
        standard=_RESET,
        bmc="On an SR650 V4 ForceRestart and GracefulRestart do, so PXE fails",
        advice="use IPMI's chassis reset",
        source="LEN-035, infra-controller:crates/machine-controller/src/handler.rs",
        when=Match(model="SR650 V4"),
    ),
    Quirk(
        id="light-at-the-system",
        effects=(Replace(LocationIndicator, by=SystemLight),),
        title="The light is switched at the system",
        standard="DSP0268 'Chassis': IndicatorLED",
        bmc="An SD665-N V3 refuses it at the chassis",
        action="It's refused there, with a word where it's taken",
        source="LEN-044, confluent:confluent_server/aiohmi/redfish/command.py",
        test=f"{_TESTS}::test_the_light_is_switched_at_the_system",
        when=Match(model="SD665-N V3"),
    ),
    told(
        "volumes-in-two-forms",
        title="Volumes are made in two forms, and some controllers make none",
        standard="DSP0268 'Volume'",
        bmc="Policies and pools are in Oem.Lenovo, on SR645 and SR665 standard; older builds take "
        "a number of drives or a pool; directly attached NVMe and VROC have no actions; an XCC3 "
        "lists values that it doesn't take",
        advice="try the standard's form, and read back what was made",
        source="LEN-038, LEN-039, LEN-040, LEN-041, lenovo:examples/lenovo_create_raid_volume.py; "
        "lenovo#306",
    ),
    told(
        "secure-boot-at-the-machine",
        title="Secure Boot may want a person at the machine",
        standard="DSP0268 'SecureBoot'",
        bmc="On AMD one-socket machines a PATCH is refused without jumper or physical presence",
        advice="set it at the machine",
        source="LEN-047, lenovo scripts",
    ),
    told(
        "serial-console-shared",
        title="The serial console has one mode",
        standard="DSP0268 'Manager': SerialConsole",
        bmc='SerialPortAccessMode is always "Shared"',
        advice="take it for enabled",
        source="LEN-048, lenovo scripts",
        firmware=Range(generation="XCC"),
    ),
)
