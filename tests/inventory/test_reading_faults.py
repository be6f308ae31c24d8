"""A bad resource costs only itself; what was read of a BMC that goes away is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from fleetd.domain.device import ComponentKind
from fleetd.domain.errors import (
    CircuitOpen,
    DeviceError,
    Faulted,
    Malformed,
    Missing,
    Refused,
    ShuttingDown,
    Unauthorised,
    Unreachable,
)
from fleetd.domain.inventory import DEVICE_SECTION, Reading
from fleetd.driverkit.registry import Registry
from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.documents import documents
from tests.support.trees import TreeReader, emulated_server, read

ROOT = "/redfish/v1"
SYSTEM = f"{ROOT}/Systems/1"
CHASSIS = f"{ROOT}/Chassis/1U"


def at(kind: type[DeviceError], uri: str) -> DeviceError:
    return kind("on purpose", endpoint="https://bmc", uri=uri)


def tree(**changes: Any) -> dict[str, dict[str, Any]]:
    return {**documents(emulated_server(Personality.GENERIC)), **changes}


def failing(kind: type[DeviceError], *paths: str) -> TreeReader:
    return TreeReader(tree(), {path: at(kind, path) for path in paths})


def kinds(reading: Reading) -> set[ComponentKind]:
    return {part.kind for part in reading.descriptions[0].components}


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", [Faulted, Malformed, Refused, Unreachable, Unauthorised])
async def test_a_collection_that_fails_leaves_its_sections_stale_and_the_rest_whole(
    kind: type[DeviceError], registry: Registry
) -> None:
    reading = await read(failing(kind, f"{SYSTEM}/Memory"), registry)

    (server,) = reading.descriptions
    assert server.stale == {"memory"}
    assert ComponentKind.PROCESSOR in kinds(reading)
    assert ComponentKind.MEMORY not in kinds(reading)
    assert [(item.uri, item.code) for item in reading.problems] == [(f"{SYSTEM}/Memory", kind.code)]


@pytest.mark.asyncio
@pytest.mark.parametrize("path", [f"{CHASSIS}/PCIeDevices", f"{SYSTEM}/EthernetInterfaces"])
async def test_a_link_to_what_the_bmc_does_not_have_is_neither_stale_nor_a_problem(
    path: str, registry: Registry
) -> None:
    reading = await read(failing(Missing, path), registry)

    assert reading.problems == ()
    assert reading.descriptions[0].stale == frozenset()


@pytest.mark.asyncio
async def test_what_a_system_counts_and_does_not_show_is_stale(registry: Registry) -> None:
    """A BMC that boots answers so for a while."""
    reading = await read(failing(Missing, f"{SYSTEM}/Memory"), registry)

    assert reading.problems == ()
    assert reading.descriptions[0].stale == {"memory"}


@pytest.mark.asyncio
async def test_one_broken_member_costs_only_that_member(registry: Registry) -> None:
    reading = await read(failing(Malformed, f"{SYSTEM}/Memory/dimm3"), registry)

    modules = [
        part for part in reading.descriptions[0].components if part.kind is ComponentKind.MEMORY
    ]
    assert len(modules) == 7
    assert reading.descriptions[0].stale == {"memory"}


@pytest.mark.asyncio
async def test_a_chassis_that_fails_leaves_all_that_hangs_on_it_stale(registry: Registry) -> None:
    reading = await read(failing(Faulted, CHASSIS), registry)

    assert {"nic", "port", "psu", "fan", DEVICE_SECTION} <= reading.descriptions[0].stale
    assert "memory" not in reading.descriptions[0].stale


@pytest.mark.asyncio
async def test_where_the_new_resource_is_missing_the_older_is_read(registry: Registry) -> None:
    older = {
        "@odata.id": f"{CHASSIS}/Power",
        "PowerSupplies": [{"MemberId": "0", "Model": "P1", "PowerCapacityWatts": 500}],
    }
    reader = TreeReader(
        tree(**{f"{CHASSIS}/Power": older}),
        {f"{CHASSIS}/PowerSubsystem": at(Missing, f"{CHASSIS}/PowerSubsystem")},
    )

    reading = await read(reader, registry)

    supplies = [
        part for part in reading.descriptions[0].components if part.kind is ComponentKind.PSU
    ]
    assert [(part.model, part.key) for part in supplies] == [
        ("P1", "Chassis/1U/Power#/PowerSupplies/0")
    ]


class Fading(TreeReader):
    """Answers so many times, then fails for ever."""

    def __init__(self, answers: int, error: Exception) -> None:
        super().__init__(tree())
        self._left = answers + 1  # the root is read once more, for the probe
        self._error = error
        self.refused = 0

    async def get(self, path: str, *, expand: bool = False) -> dict[str, Any]:
        if self._left <= 0:
            self.refused += 1
            raise self._error
        self._left -= 1
        return await super().get(path, expand=expand)


@pytest.mark.asyncio
async def test_a_bmc_lost_in_mid_sweep_keeps_what_was_read_and_is_not_asked_for_the_rest(
    registry: Registry,
) -> None:
    reader = Fading(20, at(Unreachable, ROOT))

    reading = await read(reader, registry)

    (server,) = reading.descriptions
    assert server.identity.serial
    assert {"memory", "port", "psu", "fan", "firmware", "drive"} <= server.stale
    assert reader.refused <= 8


@pytest.mark.asyncio
async def test_a_right_that_is_missing_for_many_resources_does_not_end_the_reading(
    registry: Registry,
) -> None:
    modules = [f"{SYSTEM}/Memory/dimm{number}" for number in range(1, 9)]

    reading = await read(failing(Unauthorised, *modules), registry)

    assert reading.descriptions[0].stale == {"memory"}
    assert {item.code for item in reading.problems} == {"unauthorised"}


@pytest.mark.asyncio
async def test_an_open_circuit_ends_the_asking_at_once(registry: Registry) -> None:
    reader = Fading(20, at(CircuitOpen, ROOT))

    reading = await read(reader, registry)

    assert reading.descriptions
    assert reader.refused <= 4


@pytest.mark.asyncio
@pytest.mark.parametrize("answers", [1, 2])
@pytest.mark.parametrize("kind", [Unreachable, Unauthorised])
async def test_an_endpoint_of_which_nothing_can_be_read_is_an_error(
    answers: int, kind: type[DeviceError], registry: Registry
) -> None:
    with pytest.raises(kind):
        await read(Fading(answers, at(kind, ROOT)), registry)


@pytest.mark.asyncio
async def test_what_is_not_the_bmc_s_fault_ends_the_reading(registry: Registry) -> None:
    with pytest.raises(ShuttingDown):
        await read(Fading(20, ShuttingDown("the client stops")), registry)


@pytest.mark.asyncio
async def test_no_resource_is_asked_for_twice(registry: Registry) -> None:
    reader = TreeReader(tree())

    reading = await read(reader, registry)

    asked = [path.rstrip("/").lower() for path in reader.asked]
    assert len(asked) == len(set(asked)) == reading.requests


@pytest.mark.asyncio
async def test_a_sweep_reads_a_bounded_number_of_resources(registry: Registry) -> None:
    reader = TreeReader(tree())

    reading = await read(reader, registry, resources=20)

    assert reading.requests <= 21
    assert len(reading.problems) < 20
    assert any("more than 20 resources" in item.message for item in reading.problems)
    assert reading.descriptions[0].stale


@pytest.mark.asyncio
async def test_links_in_a_circle_end(registry: Registry) -> None:
    circle = {
        "Members": [{"@odata.id": f"{SYSTEM}/Memory"}],
        "Members@odata.nextLink": f"{SYSTEM}/Memory",
    }

    reading = await read(TreeReader(tree(**{f"{SYSTEM}/Memory": circle})), registry)

    assert reading.descriptions


@pytest.mark.asyncio
async def test_every_page_of_a_collection_is_read(registry: Registry) -> None:
    whole = tree()
    members = whole[f"{SYSTEM}/Memory"]["Members"]
    first = {"Members": members[:3], "Members@odata.nextLink": f"{SYSTEM}/Memory?$skip=3"}
    pages: Mapping[str, Any] = {
        f"{SYSTEM}/Memory": first,
        f"{SYSTEM}/Memory?$skip=3": {"Members": members[3:]},
    }

    reading = await read(TreeReader({**whole, **pages}), registry)

    modules = [
        part for part in reading.descriptions[0].components if part.kind is ComponentKind.MEMORY
    ]
    assert len(modules) == 8


FIRST = tree()[f"{SYSTEM}/Memory"]["Members"][0]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("members", "modules"),
    [
        (None, 0),
        ({}, 0),
        (FIRST, 1),
        ([None, {}, {"@odata.id": ""}, FIRST["@odata.id"]], 1),
        ([{"@odata.id": FIRST["@odata.id"] + "/"}, FIRST], 1),
    ],
    ids=["null", "empty object", "object", "holes and a bare string", "doubled by a slash"],
)
async def test_sloppy_members_are_taken_for_what_they_are(
    registry: Registry, members: object, modules: int
) -> None:
    sloppy = {"Members": members}

    reading = await read(TreeReader(tree(**{f"{SYSTEM}/Memory": sloppy})), registry)

    found = [part.kind for part in reading.descriptions[0].components]
    assert found.count(ComponentKind.MEMORY) == modules


@pytest.mark.asyncio
async def test_expanded_members_are_not_fetched_again(registry: Registry) -> None:
    whole = tree()
    paths = [item["@odata.id"] for item in whole[f"{SYSTEM}/Memory"]["Members"]]
    expanded = {"Members": [whole[path] for path in paths]}
    reader = TreeReader({**whole, f"{SYSTEM}/Memory": expanded})

    reading = await read(reader, registry)

    assert f"{SYSTEM}/Memory" in reader.expanded
    assert not set(paths) & set(reader.asked)
    assert ComponentKind.MEMORY in kinds(reading)


@pytest.mark.asyncio
async def test_a_driver_can_forbid_expansion(registry: Registry) -> None:
    reader = TreeReader(documents(emulated_server(Personality.OPENBMC)))

    await read(reader, registry)

    assert not [path for path in reader.expanded if "/Memory" in path]


@pytest.mark.asyncio
async def test_an_empty_slot_is_no_component(registry: Registry) -> None:
    absent = {
        "@odata.id": f"{SYSTEM}/Memory/dimm1",
        "Name": "DIMM 1",
        "CapacityMiB": 8192,
        "Status": {"State": "Absent"},
    }

    reading = await read(TreeReader(tree(**{f"{SYSTEM}/Memory/dimm1": absent})), registry)

    keys = {part.key for part in reading.descriptions[0].components}
    assert "Systems/1/Memory/dimm1" not in keys
    assert "Systems/1/Memory/dimm2" in keys


@pytest.mark.asyncio
async def test_a_service_without_machines_gives_no_server(registry: Registry) -> None:
    whole = tree()
    machines = {"Systems", "Chassis", "Managers"}
    bare = {key: body for key, body in whole[ROOT].items() if key not in machines}

    reading = await read(TreeReader({**whole, ROOT: bare}), registry)

    assert not [item for item in reading.descriptions if item.kind == "server"]


@pytest.mark.asyncio
async def test_a_machine_that_only_its_manager_names_is_read(registry: Registry) -> None:
    whole = tree()
    bare = {key: body for key, body in whole[ROOT].items() if key not in {"Systems", "Chassis"}}

    reading = await read(TreeReader({**whole, ROOT: bare}), registry)

    assert [str(item.kind) for item in reading.descriptions] == ["server"]


@pytest.mark.asyncio
async def test_nothing_is_expanded_before_the_driver_is_known(registry: Registry) -> None:
    reader = TreeReader(tree())

    await read(reader, registry)

    first = {f"{ROOT}/Managers", f"{ROOT}/Systems", f"{ROOT}/Chassis"}
    assert first <= set(reader.asked)
    assert not first & set(reader.expanded)
    assert f"{SYSTEM}/Memory" in reader.expanded
