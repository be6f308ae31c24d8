"""What is known of Supermicro's firmware and needs no procedure of its own.

Each is met by what fleetd does for every BMC, or is told to people.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.spec import Driver
from fleetd.driverkit.version import Range

_TOLD: Final = "tests/drivers/test_driver_laws.py::test_every_quirk_is_said_whole"
_HERE: Final = "tests/drivers/test_supermicro.py::"


def with_knowledge(driver: Driver) -> Driver:
    """The driver with what is known besides its procedures."""
    return _of_operation(_of_inventory(driver))


def _of_inventory(driver: Driver) -> Driver:
    return (
        driver.quirk(
            "two-spellings",
            title="The maker is spelt in two ways, and boards tell generations apart",
            standard="DSP0268 'ComputerSystem': Manufacturer",
            bmc="Vendor says Supermicro, SMBIOS SMCI; X11 and X12 have the same root",
            action="Both are Supermicro; the firmware's number tells the generation",
            source="SMC-001, SMC-002, fwupd:plugins/redfish/redfish.quirk; "
            "bmclib:providers/supermicro",
            test=f"{_HERE}test_both_spellings_and_each_generation_are_known",
        )
        .quirk(
            "board-serial-in-oem",
            title="The board's serial is in an Oem property",
            standard="DSP0268 'Chassis': SerialNumber",
            bmc="SerialNumber is the chassis'; the board's is Oem.Supermicro.BoardSerialNumber",
            action="The machine's serial stays the chassis'",
            source="SMC-034, bmclib:internal/redfishwrapper/inventory",
            test=f"{_HERE}test_the_board_s_serial_is_not_the_machine_s",
        )
        .quirk(
            "licence-for-some-resources",
            title="Storage, BIOS and firmware need a licence",
            standard="DSP0266 'Security': 403 is a right that the account lacks",
            bmc="Without SFT-OOB-LIC or SFT-DCMS these resources answer 403 whatever the account",
            action="A 403 to one resource costs that resource; the login stays good",
            source="SMC-003, fwupd#4836, check_redfish#74",
            test="tests/inventory/test_reading_faults.py::"
            "test_a_right_that_is_missing_for_many_resources_does_not_end_the_reading",
        )
        .quirk(
            "pcie-devices-under-chassis",
            title="PCIe devices are under the chassis",
            standard="DSP0268 'ComputerSystem': PCIeDevices",
            bmc="Only Chassis links them",
            action="PCIe devices are read from systems and from chassis",
            source="SMC-036, gofish, bmclib",
            test=f"{_HERE}test_cards_that_only_the_chassis_links_are_found",
        )
        .quirk(
            "ids-not-distinct",
            title="Drives and firmware have Ids that aren't distinct or lasting",
            standard="DSP0268 'Resource': Id is unique in its collection",
            bmc="Drives of two controllers have one Id; FirmwareInventory is numbered",
            action="Parts are known by their paths, not by their Ids",
            source="SMC-024, SMC-037, check_redfish#164; metal-operator",
            test=f"{_HERE}test_drives_of_one_id_are_two_drives",
        )
        .quirk(
            "uuid-in-either-byte-order",
            title="The UUID is in the other byte order than SMBIOS'",
            standard="DSP0268 'ComputerSystem': UUID",
            bmc="Its first half may be in SMBIOS' other byte order",
            action="Both orders are one machine",
            source="SMC-038, go-hal:TODO.md",
            test="tests/domain/test_identity.py::test_a_uuid_in_the_other_byte_order_is_the_same",
        )
        .quirk(
            "required-properties-missing",
            title="Required properties are missing, null or misspelt",
            standard="DSP0268 'Chassis', 'Power', 'TelemetryService'",
            bmc="Chassis of SmartNICs have no Name or ChassisType; supplies' capacity is null; "
            "TelemetryService says SupportedCollectionFuntions",
            action="What is missing is absent, and the member is read all the same",
            source="SMC-035, SMC-039, SMC-040, nv-redfish#165; infra-controller#3715; "
            "check_redfish; gofish:schemas/telemetryservice.go",
            test=f"{_HERE}test_a_supply_without_capacity_is_a_supply",
        )
        .quirk(
            "neighbours-of-the-bmc",
            title="LLDP is told for the BMC's own port only",
            standard="DSP0268 'Port': Ethernet.LLDPReceive",
            bmc="Managers/1/Oem/Supermicro/LLDP has LLDPReceive of the BMC's port",
            action="Told to people (fleetctl driver explain): host ports have no neighbour by it",
            source="SMC-042, gofish:oem/smc/lldp.go",
            test=_TOLD,
            firmware=Range(generation="X12 to X14"),
        )
    )


def _of_operation(driver: Driver) -> Driver:
    return (
        driver.quirk(
            "boot-reads-back-otherwise",
            title="Boot targets come and go, and read back otherwise",
            standard="DSP0268 'ComputerSystem': Boot",
            bmc="Pxe reads back as UefiBootNext; UefiHttp is offered only after a BIOS change and "
            "a boot; under lockdown the order is stale",
            action="Told to people (fleetctl driver explain)",
            source="SMC-008, SMC-009, SMC-012, libredfish:src/supermicro.rs; infra-controller#505",
            test=_TOLD,
        )
        .quirk(
            "update-mode-stuck",
            title="An update leaves the BMC in update mode, or answers no task",
            standard="DSP0266 'Asynchronous operations'",
            bmc="OemFirmwareAlreadyInUpdateMode until the BMC restarts; the answer may be no Task",
            action="Without a task in the answer the one that is new is followed",
            source="SMC-022, SMC-023, bmclib:providers/supermicro/x12.go; "
            "bmclib:internal/redfishwrapper",
            test=f"{_HERE}test_the_task_that_is_new_is_followed",
        )
        .quirk(
            "lockdown",
            title="Lockdown holds back BIOS, boot and accounts",
            standard="DSP0266 'Error responses'",
            bmc="Oem/Supermicro/SysLockdown; a Grace board has no KCSInterface, and needs its host "
            "interface to boot by network",
            action="Told to people (fleetctl driver explain): what is refused is refused",
            source="SMC-032, SMC-033, libredfish:src/supermicro.rs; nv-redfish:oem/supermicro",
            test=_TOLD,
        )
        .quirk(
            "factory-reset-by-oem",
            title="ResetToDefaults is refused; the TPM is cleared by BIOS attributes",
            standard="DSP0268 'Manager': ResetToDefaults",
            bmc="SmcManagerConfig.Reset with ClearConfig, PreserveUser or ResetToADMIN; "
            "PendingOperation* attributes clear the TPM; the serial console can't be switched",
            action="Told to people (fleetctl driver explain)",
            source="SMC-017, SMC-031, SMC-044, libredfish#95; libredfish:src/supermicro.rs",
            test=_TOLD,
        )
        .quirk(
            "log-oldest-first",
            title="The log's oldest entry comes first",
            standard="DSP0268 'LogEntryCollection' sets no order",
            bmc="LogServices/Log1 lists the oldest first",
            action="Told to people: entries are given in the BMC's order, with their times",
            source="SMC-041, check_redfish:cr_module/event.py",
            test=_TOLD,
        )
        .quirk(
            "boot-progress",
            title="POST has ended when BootProgress says that hardware is initialised",
            standard="DSP0268 'ComputerSystem': BootProgress.LastState",
            bmc="SystemHardwareInitializationComplete is the state in which POST has ended",
            action="Told to people (fleetctl driver explain)",
            source="SMC-043, bmclib:providers/supermicro/x12.go",
            test=_TOLD,
            firmware=Range(generation="X12 to X14"),
        )
    )
