"""H3C servers behind HDM.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.behaviours.sensors import Sensors
from fleetd.driverkit.effects import Replace, Trait
from fleetd.driverkit.spec import Driver
from fleetd.driverkit.standard import GENERIC
from fleetd_drivers.inspur import TotalPower

_HERE: Final = "tests/drivers/test_inspur.py::"
_MAKERS: Final = "^H3C|^New H3C"

HDM: Final[Driver] = (
    GENERIC.derive("h3c.hdm", title="H3C HDM", vendor="H3C")
    .matches(vendor=_MAKERS)
    .matches(manufacturer=_MAKERS, without_oem=("OpenBmc",))
    .matches(manufacturer=_MAKERS, oem="Public")
    .quirk(
        "storages",
        title="Storage is linked as Storages, and drives at the chassis",
        standard="DSP0268 'ComputerSystem': Storage",
        bmc="Systems/1/Storages, Chassis/1/Drives",
        action="Storages is read where there's no Storage; drives are read from the chassis",
        source="OTH-001, idrac_exporter#56; hdm-redfish-script",
        test=f"{_HERE}test_storages_and_cards_are_found",
    )
    .quirk(
        "power-in-oem",
        Replace(Sensors, by=TotalPower),
        title="The machine's power is in an Oem section",
        standard="DSP0268 'Power': PowerControl",
        bmc="Power.Oem.Public.TotalPower",
        action="It's read as a measurement",
        source="OTH-002, idrac_exporter",
        test=f"{_HERE}test_the_total_power_is_measured",
    )
    .quirk(
        "slow",
        Trait("requests_in_flight", 1),
        title="A GET takes a second",
        standard="DSP0266 sets no time",
        bmc="About 1 s each",
        action="One request at a time",
        source="OTH-003, idrac_exporter#56",
        test=f"{_HERE}test_a_slow_bmc_is_asked_one_thing_at_a_time",
    )
)
