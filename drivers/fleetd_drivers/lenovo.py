"""Lenovo ThinkSystem behind XCC to XCC3, and Lenovo's boards under another stack.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.effects import Hide
from fleetd.driverkit.spec import Axis, Driver
from fleetd.driverkit.standard import GENERIC

XCC: Final[Driver] = (
    GENERIC.derive("lenovo.xcc", title="Lenovo XClarity Controller", vendor="Lenovo")
    .matches(vendor="^Lenovo", without_oem=("Ami",))
    .matches(oem="Lenovo", without_oem=("Ami",))
    .matches(oem="Lenovo", manager_model="XClarity Controller", without_oem=("Ami",))
    .generation("XCC3", manager_model=r"XClarity Controller 3")
    .generation("XCC2", manager_model=r"XClarity Controller 2")
    .generation("XCC", manager_model=r"XClarity Controller$")
    .quirk(
        "spare-and-staged-firmware-listed",
        Hide("SoftwareInventory", r"-(?:Backup|Pending)/?$"),
        title="Spare and staged firmware is listed with what runs",
        standard="DSP0268 'UpdateService': FirmwareInventory is the firmware that's installed",
        bmc="Beside BMC-Primary and UEFI come BMC-Backup and, while an update waits, -Pending",
        action="Only what runs is read",
        source="LEN-009, fwupd:redfish.quirk",
        test="tests/drivers/test_lenovo.py::test_spare_and_staged_firmware_is_not_listed",
    )
    .quirk(
        "supplies-in-the-enclosure",
        title="Dense nodes have no power supplies and fans of their own",
        standard="DSP0268 'Chassis': PowerSubsystem, ThermalSubsystem",
        bmc="SD530, SN550 and SD650 leave them to the enclosure's manager: none is no fault",
        action="A node without supplies and fans is whole",
        source="LEN-042, check_redfish#79",
        test="tests/inventory/test_devices_of_an_endpoint.py::"
        "test_blades_and_their_enclosure_are_devices_of_their_own",
    )
    .quirk(
        "few-sessions",
        title="Sixteen sessions at most",
        standard="DSP0266 'Session management' sets no number",
        bmc="The seventeenth login fails until a session ends, so each must be closed",
        action="One session is shared by all work, and closed at the end",
        source="LEN-028",
        test="tests/redfish/test_redfish_sessions.py::test_connecting_twice_reuses_the_session",
    )
)

BOARD: Final[Driver] = GENERIC.derive(
    "lenovo.board",
    title="Lenovo boards under AMI or OpenBMC",
    vendor="Lenovo",
    axis=Axis.BOARD,
).matches(manufacturer="^Lenovo")
