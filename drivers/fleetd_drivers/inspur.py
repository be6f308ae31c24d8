"""Inspur, IEIT and Kaytus servers behind ISBMC.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fleetd.driverkit.behaviours.sensors import Measurement, Sensors
from fleetd.driverkit.documents import Documents
from fleetd.driverkit.effects import Replace, Trait
from fleetd.driverkit.payload import number
from fleetd.driverkit.spec import Driver
from fleetd.driverkit.standard import GENERIC

_TOLD: Final = "tests/drivers/test_driver_laws.py::test_every_quirk_is_said_whole"
_HERE: Final = "tests/drivers/test_inspur.py::"
_MAKERS: Final = "^Inspur|^IEIT|^Kaytus"
_TOTAL: Final = "Oem/Public/TotalPower"


class TotalPower(Sensors):
    """The whole machine's power is told in Oem.Public of Power."""

    def legacy(self, documents: Documents) -> Iterator[Measurement]:
        """The standard's readings, and the whole machine's power."""
        yield from super().legacy(documents)
        for power in documents.of_kind("Power"):
            reading = number(power.body, _TOTAL)
            if reading is not None:
                yield Measurement(
                    key=f"{power.key}#/{_TOTAL}",
                    name="Total power",
                    reading=reading,
                    reading_type="Power",
                    units="W",
                )


ISBMC: Final[Driver] = (
    GENERIC.derive("inspur.isbmc", title="Inspur / IEIT / Kaytus ISBMC", vendor="Inspur")
    .matches(vendor=_MAKERS)
    .matches(manufacturer=_MAKERS, without_oem=("OpenBmc",))
    .matches(manufacturer=_MAKERS, oem="Public")
    .quirk(
        "storages",
        title="Storage is linked as Storages, and network cards at the chassis",
        standard="DSP0268 'ComputerSystem': Storage, NetworkInterfaces",
        bmc="The system links Storages, and has no NetworkInterfaces",
        action="Storages is read where there's no Storage; cards are read from the chassis",
        source="INS-001, INS-004, idrac_exporter#50, #55",
        test=f"{_HERE}test_storages_and_cards_are_found",
    )
    .quirk(
        "power-in-oem",
        Replace(Sensors, by=TotalPower),
        title="The machine's power is in an Oem section",
        standard="DSP0268 'Power': PowerControl",
        bmc="Power.Oem.Public.TotalPower",
        action="It's read as a measurement",
        source="INS-002, idrac_exporter:internal/collector/client.go",
        test=f"{_HERE}test_the_total_power_is_measured",
    )
    .quirk(
        "life-in-oem",
        title="A drive's life is in an Oem section",
        standard="DSP0268 'Drive': PredictedMediaLifeLeftPercent",
        bmc="Drive.Oem.Public.TimeLeft",
        action="Told to people (fleetctl driver explain): the standard's property alone is read",
        source="INS-003, idrac_exporter:internal/collector/client.go",
        test=_TOLD,
    )
    .quirk(
        "slow",
        Trait("requests_in_flight", 1),
        title="A GET takes a second and a half",
        standard="DSP0266 sets no time",
        bmc="About 1.5 s each, longer when several are asked at once",
        action="One request at a time",
        source="INS-005, idrac_exporter#55",
        test=f"{_HERE}test_a_slow_bmc_is_asked_one_thing_at_a_time",
    )
)
