"""Inspur's ISBMC and H3C's HDM, which share places and slowness."""

from __future__ import annotations

from typing import Any, Final

import pytest

from fleetd.domain.device import ComponentKind
from fleetd.driverkit.behaviours.sensors import Sensors
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.documents import documents as emulated
from tests.support.kept import chosen, one
from tests.support.trees import TreeReader, emulated_server, read

MAKERS: Final = [
    ("Inspur", "inspur.isbmc", "Inspur"),
    ("IEIT SYSTEMS", "inspur.isbmc", "Inspur"),
    ("Kaytus", "inspur.isbmc", "Inspur"),
    ("H3C", "h3c.hdm", "H3C"),
    ("New H3C Technologies Co., Ltd.", "h3c.hdm", "H3C"),
]


@pytest.mark.parametrize(("maker", "driver", "vendor"), MAKERS)
@pytest.mark.parametrize("known_by", ["vendor", "manufacturer"])
def test_each_is_known_by_its_maker(
    maker: str, driver: str, vendor: str, known_by: str, registry: Registry
) -> None:
    said: dict[str, Any] = {known_by: maker}

    choice = registry.choose(Facts(**said, oem=frozenset({"Public"})))

    assert (choice.name, choice.vendor) == (driver, vendor)


def test_an_oem_key_that_two_makers_share_tells_neither(registry: Registry) -> None:
    assert registry.choose(Facts(oem=frozenset({"Public"}))).name == "generic"


@pytest.mark.asyncio
@pytest.mark.parametrize(("maker", "driver"), [("Inspur", "inspur.isbmc"), ("H3C", "h3c.hdm")])
async def test_storages_and_cards_are_found(maker: str, driver: str, registry: Registry) -> None:
    tree = emulated(emulated_server(Personality.GENERIC))
    plain = (await read(TreeReader(tree), registry)).descriptions[0]
    for body in tree.values():
        if "#ComputerSystem." in str(body.get("@odata.type")):
            body["Storages"] = body.pop("Storage")
            body["Manufacturer"] = maker
            body.pop("NetworkInterfaces", None)

    reading = await read(TreeReader(tree), registry)

    def parts(device: Any, kind: ComponentKind) -> set[str]:
        return {part.key for part in device.components if part.kind is kind}

    assert reading.driver == driver
    for kind in (ComponentKind.DRIVE, ComponentKind.NIC):
        assert parts(reading.descriptions[0], kind) == parts(plain, kind) != set()


@pytest.mark.parametrize("maker", ["Inspur", "H3C"])
def test_the_total_power_is_measured(maker: str, registry: Registry) -> None:
    power = {"Oem": {"Public": {"TotalPower": "431"}}, "PowerControl": [{}]}
    documents, _ = one("Power", "/redfish/v1/Chassis/1/Power", power)

    (measured,) = chosen(registry, Sensors, vendor=maker).measurements(documents)

    assert (measured.reading, measured.units, measured.reading_type) == (431, "W", "Power")


@pytest.mark.parametrize("maker", ["Inspur", "H3C"])
def test_a_slow_bmc_is_asked_one_thing_at_a_time(maker: str, registry: Registry) -> None:
    assert registry.choose(Facts(vendor=maker)).traits.requests_in_flight == 1
