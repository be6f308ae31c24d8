"""Each captured tree of a server family gets its driver, its maker's name and its generation."""

from __future__ import annotations

from typing import Final

import pytest

from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd.redfish.probe import read_root
from fleetd.services.inventory.collect import walk_endpoint
from tests.support.trees import TreeReader, captured, captures

CLAIMS: Final[dict[str, tuple[str, str, str | None]]] = {
    "cray-cmm-smd": ("cray.controller", "HPE", None),
    "cray-nodecard-a-smd": ("cray.controller", "HPE", None),
    "cray-slingshot-routerbmc-smd": ("cray.controller", "HPE", None),
    "gigabyte-ami-12.03-h262z63-smd": ("ami.megarac", "Gigabyte", None),
    "hpecray-cmm-csm": ("cray.controller", "HPE", None),
    "hpecray-ex235a-bardpeak-csm": ("cray.controller", "HPE", None),
    "hpecray-ex420-csm": ("cray.controller", "HPE", None),
    "hpecray-ex425-csm": ("cray.controller", "HPE", None),
    "hpecray-ex4252-csm": ("cray.controller", "HPE", None),
    "huawei-ibmc-3.12-2288hv5-ibmcclient": ("huawei.ibmc", "Huawei", None),
    "intel-bmc-1.93-s2600bpb-csm": ("intel.bmc", "Intel", None),
    "nvidia-dgxh100-ami-23.11.20-libredfish": ("ami.megarac", "NVIDIA", None),
    "nvidia-gb200-lambda": ("nvidia.openbmc", "Supermicro", "GB NVL"),
    "nvidia-nvlinkswitch-n5110ld-88.0002-libredfish": (
        "nvidia.openbmc",
        "NVIDIA",
        "NVLink switch",
    ),
    "nvidia-openbmc-gh200-24.05-libredfish": ("nvidia.openbmc", "NVIDIA", "GH200"),
    "openbmc-bmcweb-2.15.0-dev-csm": ("openbmc", "unknown", None),
    "supermicro-a21ge-nbrt-lambda": ("supermicro.bmc", "Supermicro", None),
    "supermicro-gb300-lambda": ("nvidia.openbmc", "Supermicro", "GB NVL"),
    "supermicro-openbmc-gb300-70.01-redfishctl": ("nvidia.openbmc", "Supermicro", "GB NVL"),
    "supermicro-x12-01.13-510t-bmclib": ("supermicro.bmc", "Supermicro", "X12 to X14"),
    "supermicro-x13-821ge-gofish": ("supermicro.bmc", "Supermicro", None),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("name", CLAIMS)
async def test_a_captured_tree_is_claimed_by_its_family(name: str, registry: Registry) -> None:
    if name not in captures():
        pytest.skip("this tree isn't here")
    reader = TreeReader(captured(name))
    root = read_root(await reader.get("/redfish/v1/"))

    choice = (await walk_endpoint(reader, registry.select(root))).choice

    generation = choice.stack.generation_of(choice.facts)
    assert (choice.name, choice.vendor, generation) == CLAIMS[name]


@pytest.mark.parametrize(
    "key", ["Supermicro", "Lenovo", "Hpe", "Dell", "Cisco", "Ami", "Huawei", "ts_fujitsu"]
)
def test_openbmc_is_openbmc_whatever_other_oem_keys_there_are(key: str, registry: Registry) -> None:
    for keys in ({key}, {key, "OpenBmc"}):
        facts = Facts(oem=frozenset(keys), manager_model="OpenBmc")

        assert registry.choose(facts).name == "openbmc", keys


@pytest.mark.parametrize("keys", [{"OpenBmc"}, {"Nvidia"}, {"OpenBmc", "Nvidia"}, set()])
def test_a_dpu_is_a_dpu_by_its_root_alone(keys: set[str], registry: Registry) -> None:
    facts = Facts(vendor="Nvidia", product="BlueField-3 DPU", oem=frozenset(keys))

    assert registry.choose(facts).name == "nvidia.bluefield"
