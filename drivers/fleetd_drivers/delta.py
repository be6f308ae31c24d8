"""Delta power shelves.

Sources: DSP0268 'PowerSupply', 'PowerEquipment', and those that each quirk names.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.spec import Driver
from fleetd.driverkit.standard import GENERIC

POWER_SHELF: Final[Driver] = (
    GENERIC.derive("delta.powershelf", title="Delta power shelves", vendor="Delta")
    .matches(vendor=r"^Delta\b")
    .matches(oem="deltaenergysystems")
    .matches(manufacturer=r"^Delta\b")
    .quirk(
        "output-as-supply-type",
        title="PowerSupplyType tells the output",
        standard="DSP0268 'PowerSupply': PowerSupplyType is the type of the input, AC or DC",
        bmc="It reads DC while InputNominalVoltageType is AC200To240V",
        action="The nominal input voltage goes before PowerSupplyType",
        source="delta-powershelf-ahe50v-lambda capture",
        test="tests/drivers/test_power_drivers.py::test_a_delta_shelf_takes_alternating_current",
    )
    .quirk(
        "shelf-is-a-chassis",
        title="The shelf is a chassis of type RackMount",
        standard="DSP0268 'PowerEquipment': PowerShelves",
        bmc="Chassis 'PowerShelf_0' with a PowerSubsystem; supplies are numbered from 1",
        action="A chassis that is named a power shelf and holds supplies is one",
        source="PDU-013, nv-redfish#234",
        test="tests/drivers/test_power_drivers.py::test_a_delta_shelf_takes_alternating_current",
    )
)
