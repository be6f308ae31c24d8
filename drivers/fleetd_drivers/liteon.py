"""LITE-ON power shelves.

Sources: DSP0268 'PowerSupply', 'Resource.Location', and those that each quirk names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fleetd.driverkit.effects import Patch
from fleetd.driverkit.payload import value
from fleetd.driverkit.spec import Driver
from fleetd.driverkit.standard import GENERIC

Body = Mapping[str, Any]


def capacity_of_supply(body: Body) -> Body:
    """CapacityWatts, a number written as text, under the standard's name."""
    if "CapacityWatts" not in body or "PowerCapacityWatts" in body:
        return body
    return {**body, "PowerCapacityWatts": body["CapacityWatts"]}


def part_location(body: Body) -> Body:
    """A Location that is itself what PartLocation should be."""
    location = value(body, "Location")
    if not isinstance(location, dict) or "ServiceLabel" not in location:
        return body
    return {**body, "Location": {"PartLocation": location}}


POWER_SHELF: Final[Driver] = (
    GENERIC.derive("liteon.powershelf", title="LITE-ON power shelves", vendor="LITE-ON")
    .matches(manufacturer="^LITE-?ON")
    .quirk(
        "capacity-as-text",
        Patch("PowerSupply", capacity_of_supply),
        title="A supply's capacity has another name, and is text",
        standard="DSP0268 'PowerSupply': PowerCapacityWatts is a number",
        bmc='CapacityWatts reads "5500"',
        action="It is read as PowerCapacityWatts",
        source="PDU-012, liteon-powershelf-pf1333-lambda capture",
        test="tests/drivers/test_power_drivers.py::test_a_lite_on_shelf_is_one_device_with_its_supplies",
    )
    .quirk(
        "flat-location",
        Patch("PowerSupply", part_location),
        title="A supply's location lacks PartLocation",
        standard="DSP0268 'Resource': Location.PartLocation.ServiceLabel",
        bmc="ServiceLabel stands in Location itself",
        action="It is read as PartLocation",
        source="liteon-powershelf-pf1333-lambda capture",
        test="tests/drivers/test_power_drivers.py::test_a_lite_on_shelf_is_one_device_with_its_supplies",
    )
    .quirk(
        "shelf-shown-twice",
        title="The shelf is two chassis, and none of PowerEquipment",
        standard="DSP0268 'PowerEquipment': PowerShelves",
        bmc="Chassis 'PowerShelf_0' and 'powershelf' are one shelf; supplies are at the second",
        action="Chassis with the same plate are one device; a shelf of supplies is a power shelf",
        source="PDU-012, libredfish:src/liteon_powershelf.rs",
        test="tests/drivers/test_power_drivers.py::test_a_lite_on_shelf_is_one_device_with_its_supplies",
    )
    .quirk(
        "supplies-in-standby",
        title="Supplies that run are in Standby",
        standard="DSP0268 'Resource': Status.State is Enabled for what is in use",
        bmc="State reads Standby, a value that the standard doesn't have, on shelf and supplies",
        action="Only Absent means that a bay is empty",
        source="PDU-012, nv-redfish:redfish/src/bmc_quirks.rs",
        test="tests/drivers/test_power_drivers.py::test_a_lite_on_shelf_is_one_device_with_its_supplies",
    )
)
