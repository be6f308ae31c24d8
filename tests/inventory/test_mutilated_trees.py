"""Whatever is dropped or altered in a captured tree, reading it ends in a reading or an error."""

from __future__ import annotations

import asyncio
import json
import random
from functools import cache, lru_cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleetd.domain.errors import DeviceError
from fleetd.driverkit.registry import Registry
from tests.inventory.test_captured_trees import check_honest
from tests.support.trees import TreeReader, captured, captures, read

SMALL_BYTES = 700_000
ROOT = "/redfish/v1"
NOTHING_DROPPED = object()
ODD: list[Any] = [
    *(None, True, 0, -1, 1e308, "", " ", "N/A", "0", "x" * 5000, [], {}, [None], [[]], {"": None}),
    *({"@odata.id": None}, {"@odata.id": "/redfish/v1"}, {"@odata.id": "file:///etc/passwd"}),
    *([{"@odata.id": "../../x"}], [{"@odata.id": "http://elsewhere/redfish/v1/Systems"}]),
    *("/redfish/v1/Systems", [1, "a", None, {"@odata.id": 3}], {"State": []}, {"Health": {}}),
]

NAMES = captures()
pytestmark = pytest.mark.skipif(not NAMES, reason="no captured trees on this machine")


@cache
def bodies(name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path, content in captured(name).items():
        try:
            found[path] = json.loads(content)
        except ValueError:
            continue
    return {path: body for path, body in found.items() if isinstance(body, dict)}


@lru_cache(maxsize=1)
def readable() -> list[str]:
    """Trees with a root that are quickly read, of many makers."""
    small = [name for name in NAMES if sum(map(len, captured(name).values())) < SMALL_BYTES]
    return [name for name in small if ROOT in bodies(name)]


def mutilated_tree(name: str, dice: random.Random, share: float) -> dict[str, Any]:
    """A tree's bodies, all but the root maybe gone; a client takes nothing but objects."""
    kept = {path: body for path, body in bodies(name).items() if dice.random() >= share / 4}
    kept[ROOT] = bodies(name)[ROOT]
    return {
        path: {
            key: item
            for key, value in body.items()
            if (item := mutilated(value, dice, share)) is not NOTHING_DROPPED
        }
        for path, body in kept.items()
    }


def mutilated(value: Any, dice: random.Random, share: float) -> Any:
    """The value with about that share of all properties and items dropped or altered."""
    if dice.random() < share:
        return NOTHING_DROPPED if dice.random() < 0.4 else dice.choice(ODD)
    if isinstance(value, dict):
        kept = {key: mutilated(item, dice, share) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not NOTHING_DROPPED}
    if isinstance(value, list):
        return [
            None if item is NOTHING_DROPPED else item
            for item in (mutilated(one, dice, share) for one in value)
        ]
    return value


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    which=st.integers(min_value=0, max_value=10_000),
    seed=st.integers(min_value=0, max_value=2**32),
    share=st.sampled_from([0.002, 0.01, 0.05, 0.2]),
)
def test_a_mutilated_tree_never_ends_in_an_exception(
    which: int, seed: int, share: float, registry: Registry
) -> None:
    dice = random.Random(seed)
    name = readable()[which % len(readable())]
    documents = mutilated_tree(name, dice, share)

    try:
        reading = asyncio.run(read(TreeReader(documents), registry))
    except DeviceError:
        return

    for device in reading.descriptions:
        check_honest(device)
