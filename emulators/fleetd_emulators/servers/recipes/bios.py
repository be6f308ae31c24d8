"""The BIOS attributes of each family, named and valued as its registry does."""

from __future__ import annotations

from typing import Final

from fleetd_emulators.hardware import BiosSetting
from fleetd_emulators.servers.recipes.parts import setting

Settings = tuple[BiosSetting, ...]

_UEFI_ONLY: Final = ("BootMode", "Uefi")


def _pxe(number: int, value: str, interface: str) -> Settings:
    """A network boot device of a PowerEdge; its interface is fixed while it is off (DEL-087)."""
    enabled = f"PxeDev{number}EnDis"
    return (
        setting(enabled, value, needs=_UEFI_ONLY),
        setting(f"PxeDev{number}Interface", interface, *_NICS, needs=(enabled, "Enabled")),
    )


_NICS: Final = (
    *("NIC.Integrated.1-1-1", "NIC.Integrated.1-2-1"),
    *("NIC.Embedded.1-1-1", "NIC.Embedded.2-1-1"),
)
_BOOT_TYPES: Final = ("HardDiskDrive", "DVDROMDrive", "PXE", "Others")
DELL: Final[Settings] = (
    setting("SystemModelName", "PowerEdge R760", read_only=True),
    setting("BootMode", "Uefi", "Uefi", "Bios"),
    setting("LogicalProc", "Enabled"),
    setting("ProcVirtualization", "Enabled"),
    setting("SriovGlobalEnable", "Disabled"),
    setting(
        "SysProfile",
        "PerfPerWattOptimizedDapc",
        *("PerfPerWattOptimizedDapc", "PerfPerWattOptimizedOs", "PerfOptimized", "Custom"),
    ),
    setting(
        "ProcPwrPerf", "SysDbpm", "SysDbpm", "OsDbpm", "MaxPerf", needs=("SysProfile", "Custom")
    ),
    setting("NumLock", "On", "On", "Off"),
    setting("AcPwrRcvry", "Last", "On", "Off", "Last"),
    setting("AcPwrRcvryUserDelay", 120, bounds=(120, 600)),
    setting("SerialComm", "Off", "Off", "OnConRedirAuto", "OnNoConRedir"),
    setting("TpmSecurity", "On", "On", "Off"),
    *_pxe(1, "Enabled", "NIC.Integrated.1-1-1"),
    *_pxe(2, "Disabled", "NIC.Integrated.1-2-1"),
    *_pxe(3, "Disabled", "NIC.Embedded.1-1-1"),
    *_pxe(4, "Disabled", "NIC.Embedded.2-1-1"),
    # An HTTP boot needs a device set up here first (quirk DEL-024).
    setting("HttpDev1EnDis", "Disabled", needs=_UEFI_ONLY),
    setting("HttpDev1Uri", "", needs=("HttpDev1EnDis", "Enabled")),
    setting(
        "HttpDev1Interface", "NIC.Integrated.1-1-1", *_NICS, needs=("HttpDev1EnDis", "Enabled")
    ),
)
HPE: Final[Settings] = (
    setting("SerialNumber", "", read_only=True),
    setting("BootMode", "Uefi", "Uefi", "LegacyBios"),
    setting("ProcHyperthreading", "Enabled"),
    setting("ProcVirtualization", "Enabled"),
    setting("Sriov", "Enabled"),
    setting(
        "WorkloadProfile",
        "GeneralPowerEfficientCompute",
        *("GeneralPowerEfficientCompute", "GeneralPeakFrequencyCompute"),
        *("VirtualizationMaxPerformance", "HighPerformanceCompute", "LowLatency", "Custom"),
    ),
    setting(
        "PowerRegulator",
        "DynamicPowerSavings",
        *("DynamicPowerSavings", "StaticLowPower", "StaticHighPerf", "OsControl"),
        needs=("WorkloadProfile", "Custom"),
    ),
    setting(
        "BootOrderPolicy",
        "RetryIndefinitely",
        *("RetryIndefinitely", "AttemptOnce", "ResetAfterFailed"),
    ),
    setting(
        "AutoPowerOn", "RestoreLastState", "AlwaysPowerOn", "AlwaysPowerOff", "RestoreLastState"
    ),
    setting("PowerOnDelay", "NoDelay", "NoDelay", "Random"),
    setting("UrlBootFile", ""),
    setting("AdminName", ""),
    setting("PostF1Prompt", "Delayed20Sec", "Delayed20Sec", "Delayed2Sec", "Prompt"),
)
SUPERMICRO: Final[Settings] = (
    setting("BootModeSelect", "UEFI", "Legacy", "UEFI", "Dual"),
    # The suffix is the firmware's question id and may change with a version (quirk SMC-014);
    # what is off and on has another word in every attribute (quirk SMC-015).
    setting("HyperThreading__ALL___00F7", "Enable", "Enable", "Disable"),
    setting("SR_IOVSupport_0066", "Enabled"),
    setting("QuietBoot_0011", value=True),
    setting("WaitFor_F1_IfError", "Disabled"),
    setting("IntelVMXVirtualizationTechnology_00F8", "Enable", "Enable", "Disable"),
    setting("RestoreOnACPowerLoss", "LastState", "StayOff", "PowerOn", "LastState"),
    setting("PowerTechnology", "Energy Efficient", "Disable", "Energy Efficient", "Custom"),
    setting(
        "HTTPBootPolicy", "Boot Priority", "Apply to all LANs", "Apply to each LAN", "Boot Priority"
    ),
    setting("PendingOperation_00C2", "None", "None", "TPM Clear"),
    setting("WatchDogFunction", "Disabled"),
    setting("CPUVersion", "Intel(R) Xeon(R)", read_only=True),
    setting("ConsoleRedirectionTimeout", 5, bounds=(0, 120)),
)
LENOVO: Final[Settings] = (
    setting("BootModes_SystemBootMode", "UEFIMode", "UEFIMode", "LegacyMode"),
    setting("Processors_HyperThreading", "Enabled"),
    setting("Processors_IntelVirtualizationTechnology", "Enabled"),
    setting(
        "OperatingModes_ChooseOperatingMode",
        "MaximumEfficiency",
        *("MaximumEfficiency", "MaximumPerformance", "CustomMode"),
    ),
    setting(
        "Processors_CStates",
        "Legacy",
        *("Legacy", "Autonomous", "Disabled"),
        needs=("OperatingModes_ChooseOperatingMode", "CustomMode"),
    ),
    setting("DevicesandIOPorts_SRIOV", "Enabled"),
    setting("Power_PowerRestorePolicy", "Restore", "Restore", "AlwaysOn", "AlwaysOff"),
    setting("SystemRecovery_POSTWatchdogTimerValue", 5, bounds=(5, 20)),
    setting("NetworkStackSettings_IPv4PXESupport", "Enabled"),
    setting("NetworkStackSettings_IPv4HTTPSupport", "Disabled"),
    setting("SystemInformation_MachineType", "7X06", read_only=True),
)
OPENBMC: Final[Settings] = (
    setting("SMT", "Enabled"),
    setting("IOMMU", "Enabled"),
    setting("BootTimeout", 5, bounds=(0, 60)),
)
# AMI's names are codes; only the registry tells what they mean (quirk AMI-007).
AMI: Final[Settings] = (
    setting("SETUP001", "Enabled"),
    setting("TER001", "Enabled"),
    setting("NWSK000", "Enabled"),
    setting("NWSK001", "Disabled", needs=("NWSK000", "Enabled")),
    setting("PCIS007", "Enabled"),
    setting("FBO001", "UEFI", "UEFI", "LEGACY"),
    setting("CPU007", "Auto", "Auto", "Enabled", "Disabled"),
    setting("BOOT001", 3, bounds=(1, 65535)),
)
NVIDIA: Final[Settings] = (
    # Disabled is what lets the boot order be retried for ever (quirk NVD-025).
    setting("EmbeddedUefiShell", "Enabled"),
    setting("SocketEgmMode", "Disabled"),
    setting("SMMU", "Enabled"),
    setting("TPM", "Enabled"),
    setting("L1InfoRom", 0, bounds=(0, 3)),
)
FUJITSU: Final[Settings] = (
    setting("HyperThreading", "Enabled"),
    setting("VirtualizationTechnology", "Enabled"),
    setting("SRIOVSupport", "Enabled"),
    setting("PowerOnSource", "BiosControlled", "BiosControlled", "AcpiControlled"),
    setting("AsPostErrorHalt", "Disabled"),
    # The persistent boot order lives here (quirk FTS-022).
    setting("PersistentBootConfigOrder", "1,2,3"),
    setting("QuietBootTimeout", 5, bounds=(0, 30)),
)
HUAWEI: Final[Settings] = (
    setting("BootType", "UEFIBoot", "UEFIBoot", "LegacyBoot"),
    *(
        setting(f"BootTypeOrder{place}", device, *_BOOT_TYPES)
        for place, device in enumerate(_BOOT_TYPES)
    ),
    setting("HyperThreading", "Enabled"),
    setting("VTdSupport", "Enabled"),
    setting("SRIOVEnable", "Enabled"),
    setting("BootTimeoutValue", 5, bounds=(0, 60)),
)
GENERIC: Final[Settings] = (
    setting("BootMode", "Uefi", "Uefi", "LegacyBios"),
    setting("HyperThreading", "Enabled"),
    setting("Virtualization", "Enabled"),
    setting("PowerProfile", "Balanced", "Balanced", "Performance", "Custom"),
    setting("TurboMode", "Enabled", needs=("PowerProfile", "Custom")),
    setting("BootTimeoutSeconds", 5, bounds=(0, 600)),
    setting("QuietBoot", value=True),
    setting("AdminName", ""),
    setting("FirmwareFamily", "P79", read_only=True),
)
