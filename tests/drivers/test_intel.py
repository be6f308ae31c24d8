"""Intel's S2600, and its boards under OpenBMC."""

from __future__ import annotations

from typing import Final

import pytest

from fleetd.domain.device import ComponentKind
from fleetd.domain.inventory import Reading
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from tests.support.trees import TreeReader, captured, captures, read

TREE: Final = "intel-bmc-1.93-s2600bpb-csm"


async def reading_of(registry: Registry) -> Reading:
    if TREE not in captures():
        pytest.skip("this tree isn't here")
    return await read(TreeReader(captured(TREE)), registry)


@pytest.mark.asyncio
async def test_software_of_an_s2600_is_its_firmware(registry: Registry) -> None:
    reading = await reading_of(registry)

    (server,) = reading.descriptions
    found = {
        part.key.rpartition("/")[2]
        for part in server.components
        if part.kind is ComponentKind.FIRMWARE
    }
    assert (reading.driver, reading.vendor) == ("intel.bmc", "Intel")
    assert found == {"BMC", "BIOS", "ME", "SDR", "HSBP1"}


@pytest.mark.asyncio
async def test_no_mac_of_an_s2600_is_guessed(registry: Registry) -> None:
    (server,) = (await reading_of(registry)).descriptions

    assert server.identity.macs == ()


@pytest.mark.asyncio
async def test_the_chassis_of_an_s2600_are_one_device(registry: Registry) -> None:
    reading = await reading_of(registry)

    assert [str(item.kind) for item in reading.descriptions] == ["server"]


def test_a_board_under_openbmc_runs_openbmc(registry: Registry) -> None:
    facts = Facts(
        manager_model="OpenBmc", oem=frozenset({"OpenBmc"}), manufacturer="Intel Corporation"
    )

    choice = registry.choose(facts)

    assert (choice.name, choice.vendor) == ("openbmc", "Intel")
    assert any(quirk.id == "update-service-fails-now-and-then" for quirk in choice.quirks)
