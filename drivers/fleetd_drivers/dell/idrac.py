"""The driver for Dell PowerEdge servers behind iDRAC 7 to 10.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.ironic import REDFISH_HARDWARE, IronicHardware
from fleetd.driverkit.spec import Driver
from fleetd.driverkit.standard import GENERIC
from fleetd.driverkit.version import Range
from fleetd_drivers.dell import (
    bios,
    boot_quirks,
    inventory,
    jobs,
    raid,
    service_quirks,
    updates,
)

_IDRAC_HARDWARE: Final = IronicHardware(
    hardware_type="idrac", interfaces={"inspect": ("idrac-redfish",)}
)

IDRAC: Final[Driver] = (
    GENERIC.derive("dell.idrac", title="Dell iDRAC 7 to 10", vendor="Dell")
    .matches(vendor="^Dell")
    .matches(oem="Dell")
    .matches(manager_model=r"^1[2-9]G ")
    .matches(vendor="^Dell", manager_model=r"^1[2-9]G ")
    .generation("iDRAC8", manager_model=r"^1[23]G ")
    .generation("iDRAC9", manager_model=r"^1[456]G ")
    .generation("iDRAC10", manager_model=r"^1[7-9]G ")
    .generation("iDRAC9", firmware=Range(since="3.0", before="8.0"))
    .also(*service_quirks.QUIRKS, *inventory.QUIRKS, *boot_quirks.QUIRKS, *bios.QUIRKS)
    .also(*jobs.QUIRKS, *updates.QUIRKS, *raid.QUIRKS)
    .for_ironic(_IDRAC_HARDWARE, REDFISH_HARDWARE)
)
