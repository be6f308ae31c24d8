"""OpenBMC under many makers' names: what must not be asked for, and whose board it is."""

from __future__ import annotations

import pytest

from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.documents import documents
from tests.support.trees import TreeReader, emulated_server, read

CHASSIS = "/redfish/v1/Chassis"


@pytest.mark.asyncio
@pytest.mark.parametrize("name", ["HGX_ERoT_CPU_0", "EROT_BIOS_0", "Bluefield_ERoT"])
async def test_a_root_of_trust_is_never_asked_for(name: str, registry: Registry) -> None:
    tree = documents(emulated_server(Personality.OPENBMC))
    hanging = f"{CHASSIS}/{name}"
    tree[CHASSIS]["Members"] = [{"@odata.id": hanging}, *tree[CHASSIS]["Members"]]
    reader = TreeReader(tree)

    reading = await read(reader, registry)

    assert hanging not in reader.asked
    assert [str(item.kind) for item in reading.descriptions] == ["server"]


@pytest.mark.parametrize(
    ("manufacturer", "vendor"),
    [("Supermicro", "Supermicro"), ("Lenovo", "Lenovo"), ("WIWYNN", "WIWYNN"), (None, "unknown")],
)
def test_the_board_says_whose_it_is(
    manufacturer: str | None, vendor: str, registry: Registry
) -> None:
    facts = Facts(
        manager_model="OpenBmc", oem=frozenset({"OpenBmc", "Nvidia"}), manufacturer=manufacturer
    )

    choice = registry.choose(facts)

    assert (choice.name, choice.vendor) == ("openbmc", vendor)


def test_a_supermicro_board_with_openbmc_is_read_as_openbmc(registry: Registry) -> None:
    facts = Facts(
        vendor="Supermicro",
        product="GB NVL",
        oem=frozenset({"OpenBmc", "Supermicro"}),
        manager_model="OpenBmc",
        manufacturer="Supermicro",
    )

    assert registry.choose(facts).name == "openbmc"
