"""Whatever a BMC puts in the place of a value, the reading goes on and invents nothing."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleetd.domain.attributes import ATTRIBUTES
from fleetd.domain.errors import DeviceError
from fleetd.driverkit.registry import Registry
from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.documents import documents
from tests.support.trees import TreeReader, emulated_server, read

REGISTRY = Registry.load()
TREES = {one: documents(emulated_server(one, gpus=1)) for one in Personality}
GARBAGE: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        -1,
        1e300,
        "",
        "   ",
        "N/A",
        "#fragment",
        "/redfish/v1/",
        [],
        [None],
        [[]],
        {},
        {"@odata.id": None},
        {"@odata.id": "/redfish/v1"},
        {"@odata.id": "/redfish/v1/nowhere"},
        {"Members": None},
        {"Members": [None, "x", {}]},
        {"State": None, "Health": 3},
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_garbage_in_any_place_is_survived(data: st.DataObject) -> None:
    personality = data.draw(st.sampled_from(list(Personality)))
    tree = dict(TREES[personality])
    for _ in range(data.draw(st.integers(1, 6))):
        spoil(tree, data)

    try:
        reading = asyncio.run(read(TreeReader(tree), REGISTRY))
    except DeviceError:
        return  # the endpoint as a whole can't be read, which is an answer too

    for device in reading.descriptions:
        for part in device.components:
            assert set(part.attributes) <= set(ATTRIBUTES[part.kind])


def spoil(tree: dict[str, Any], data: st.DataObject) -> None:
    """Put garbage in the place of one value, at any depth."""
    path = data.draw(st.sampled_from(sorted(tree)))
    body = copy.deepcopy(tree[path])
    holder: Any = body
    while True:
        places: list[Any] = sorted(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not places:
            break
        place = data.draw(st.sampled_from(places))
        deeper = holder[place]
        if isinstance(deeper, dict | list) and deeper and data.draw(st.booleans()):
            holder = deeper
            continue
        holder[place] = data.draw(GARBAGE)
        break
    tree[path] = body
