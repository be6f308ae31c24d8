"""The driver for HPE servers behind iLO 4 to 7.

Sources: DSP0268 (properties), HPE's Redfish documentation, and those that each quirk names.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.spec import Driver
from fleetd.driverkit.standard import GENERIC
from fleetd_drivers.hpe import boot_quirks, inventory, service_quirks

ILO: Final[Driver] = (
    GENERIC.derive("hpe.ilo", title="HPE iLO 4 to 7", vendor="HPE")
    .matches(vendor=r"^HPE?\b|^Hewlett")
    .matches(oem="Hpe|Hp")
    .matches(oem="Hpe|Hp", manager_model=r"\biLO\b")
    .generation("iLO 4", manager_firmware=r"^iLO 4\b")
    .generation("iLO 5", manager_firmware=r"^iLO 5\b")
    .generation("iLO 6", manager_firmware=r"^iLO 6\b")
    .generation("iLO 4", manager_model=r"^iLO 4\b")
    .generation("iLO 5", manager_model=r"^iLO 5\b")
    .generation("iLO 6", manager_model=r"^iLO 6\b")
    .generation("iLO 7", manager_model=r"^iLO 7\b")
    .also(*inventory.QUIRKS, *boot_quirks.QUIRKS, *service_quirks.QUIRKS)
)
