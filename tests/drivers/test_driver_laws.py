"""Laws that hold for every driver that is installed, without a test of its own."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from fleetd.driverkit.effects import Patch
from fleetd.driverkit.quirk import Quirk
from fleetd.driverkit.registry import Registry
from fleetd.driverkit.spec import Axis, Driver
from fleetd_emulators.devices.storage_seagate import SeagateArray
from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.documents import documents
from tests.support.trees import TreeReader, captured, captures, emulated_server, read

REPOSITORY = Path(__file__).parents[2]
REGISTRY = Registry.load()
PATCHES = [
    pytest.param(driver, quirk, patch, id=f"{driver.name}-{quirk.id}-{patch.resource}")
    for driver in REGISTRY.drivers
    for quirk in driver.quirks
    for patch in quirk.effects
    if isinstance(patch, Patch)
]
PATCHED = tuple(
    {
        driver.name.partition(".")[0]
        for driver in REGISTRY.drivers
        for quirk in driver.quirks
        if any(isinstance(effect, Patch) for effect in quirk.effects)
    }
)
EXPECTED = {
    Personality.DELL: ("dell.idrac", "Dell"),
    Personality.HPE: ("hpe.ilo", "HPE"),
    Personality.SUPERMICRO: ("supermicro.bmc", "Supermicro"),
    Personality.LENOVO: ("lenovo.xcc", "Lenovo"),
    Personality.OPENBMC: ("openbmc", "Quanta"),
    Personality.AMI: ("ami.megarac", "Gigabyte"),
    Personality.NVIDIA: ("nvidia.openbmc", "NVIDIA"),
    Personality.FUJITSU: ("fujitsu.irmc", "Fujitsu"),
    Personality.HUAWEI: ("huawei.ibmc", "Huawei"),
    Personality.GENERIC: ("generic", "Contoso"),
}


@lru_cache(maxsize=1)
def payloads() -> tuple[Mapping[str, Any], ...]:
    """Every body of the emulated machines, and of captured trees of makers with patches."""
    bodies: list[Mapping[str, Any]] = [
        body for one in Personality for body in documents(emulated_server(one)).values()
    ]
    bodies.extend(SeagateArray().documents.values())
    for name in captures():
        if not name.startswith(PATCHED):
            continue
        bodies.extend(_parsed(captured(name)))
    return tuple(bodies)


def _parsed(tree: Mapping[str, bytes]) -> Iterator[Mapping[str, Any]]:
    for content in tree.values():
        try:
            body = json.loads(content)
        except ValueError:
            continue
        if isinstance(body, dict):
            yield body
            listed = body.get("Members")
            # Some services write members out where a link would do.
            yield from (item for item in listed or () if isinstance(item, dict) and len(item) > 1)


@pytest.mark.asyncio
@pytest.mark.parametrize("personality", list(Personality))
async def test_each_personality_is_claimed_by_exactly_one_driver(personality: Personality) -> None:
    tree = TreeReader(documents(emulated_server(personality)))

    reading = await read(tree, REGISTRY)

    assert (reading.driver, reading.vendor) == EXPECTED[personality]


@pytest.mark.parametrize(("driver", "quirk", "patch"), PATCHES)
def test_a_patch_repairs_something_and_once_is_enough(
    driver: Driver, quirk: Quirk, patch: Patch
) -> None:
    changed = [body for body in payloads() if patch.repair(body) != body]
    if not changed and not captures():
        pytest.skip(f"{driver.name} {quirk.id} is proven by captured trees, which aren't here")

    assert changed, "no payload needs this patch any more"
    for body in changed:
        once = patch.repair(body)
        assert patch.repair(once) == once


@pytest.mark.parametrize("driver", REGISTRY.drivers, ids=lambda driver: driver.name)
def test_every_quirk_is_said_whole(driver: Driver) -> None:
    for quirk in driver.quirks:
        words = (quirk.title, quirk.standard, quirk.bmc, quirk.action, quirk.source, quirk.test)
        assert all(words), quirk.id


@pytest.mark.parametrize("driver", REGISTRY.drivers, ids=lambda driver: driver.name)
def test_every_quirk_names_a_test_that_is_there(driver: Driver) -> None:
    for quirk in driver.quirks:
        file, _, name = quirk.test.partition("::")
        module = ast.parse((REPOSITORY / file).read_text())
        functions = {
            node.name
            for node in module.body
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        }
        assert name in functions, f"{driver.name} {quirk.id}: {quirk.test}"


@pytest.mark.parametrize("driver", REGISTRY.drivers, ids=lambda driver: driver.name)
def test_every_stack_can_be_enrolled_as_plain_redfish(driver: Driver) -> None:
    names = [hardware.hardware_type for hardware in driver.ironic.hardware]

    assert names[-1] == "redfish"


def test_an_overlay_says_whose_boards_it_is_for() -> None:
    overlays = [driver for driver in REGISTRY.drivers if driver.axis is Axis.BOARD]

    assert overlays
    assert all(driver.vendor for driver in overlays)


def test_every_installed_driver_loads() -> None:
    assert REGISTRY.rejected == ()
