"""Supermicro: its own BMC firmware (X10 to X14), and its boards under another stack.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.spec import Axis, Driver
from fleetd.driverkit.standard import GENERIC

BMC: Final[Driver] = (
    GENERIC.derive("supermicro.bmc", title="Supermicro BMC", vendor="Supermicro")
    .matches(vendor=r"^Super ?micro|^SMCI", without_oem=("OpenBmc", "Ami"))
    .matches(oem="Supermicro", without_oem=("OpenBmc", "Ami"))
    .matches(oem="Supermicro", manager_model="^ASPEED", without_oem=("OpenBmc", "Ami"))
    .matches(
        manager_model="^ASPEED",
        manufacturer=r"^Super ?micro|^SMCI",
        without_oem=("OpenBmc", "Ami"),
    )
    .quirk(
        "board-serial-in-oem",
        title="The board's serial is in an Oem property",
        standard="DSP0268 'Chassis': SerialNumber",
        bmc="SerialNumber is the chassis'; the board's is Oem.Supermicro.BoardSerialNumber",
        action="The machine's serial stays the chassis'",
        source="SMC-034, bmclib:internal/redfishwrapper/inventory",
        test="tests/inventory/test_reading_emulated_bmcs.py::"
        "test_every_server_of_the_rack_is_known_exactly",
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
        bmc="Only Chassis links them, so they are looked for in both",
        action="PCIe devices are read from systems and from chassis",
        source="SMC-036, gofish, bmclib",
        test="tests/inventory/test_reading_emulated_bmcs.py::"
        "test_every_server_of_the_rack_is_known_exactly",
    )
)

BOARD: Final[Driver] = GENERIC.derive(
    "supermicro.board",
    title="Supermicro boards under OpenBMC or AMI",
    vendor="Supermicro",
    axis=Axis.BOARD,
).matches(manufacturer=r"^Super ?micro|^SMCI")
