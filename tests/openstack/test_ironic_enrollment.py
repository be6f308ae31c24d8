"""Enrollment against a real Ironic on its fake hardware: every state, without any BMC."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fleetd.domain.enrollment import (
    DEVICE_KEY,
    Action,
    CreateNode,
    CreatePort,
    DesiredNode,
    Enrollment,
    ObservedNode,
    ObservedPort,
    PatchNode,
    Provision,
    Standing,
    Verb,
)
from fleetd.domain.errors import CloudUnavailable
from fleetd.openstack.ironic import Ironic
from fleetd.services.enrollment.difference import creation
from fleetd.services.enrollment.plan import Policy
from fleetd.services.enrollment.reconcile import PassReport, Reconciler
from fleetd_emulators.lab import IronicEndpoint
from tests.support.enrollment import Calendar, MemoryEnrollments, desired_node
from tests.support.ironic import IronicProxy

pytestmark = [pytest.mark.lab, pytest.mark.asyncio]

DEADLINE_S = 40


class Fleet:
    """A reconciler with what it works on."""

    def __init__(self, bare_metal: Ironic, store: MemoryEnrollments, calendar: Calendar) -> None:
        self.bare_metal = bare_metal
        self.store = store
        self.calendar = calendar
        self.reconciler = self.restarted()

    def restarted(self, **changes: Any) -> Reconciler:
        """A reconciler that remembers nothing but what was kept."""
        values = {"policy": Policy(), "concurrency": 4, "transition_timeout_s": 30, **changes}
        self.reconciler = Reconciler(self.bare_metal, self.store, self.calendar, **values)
        return self.reconciler

    async def reconcile(self, *desired: DesiredNode) -> PassReport:
        async with asyncio.timeout(DEADLINE_S):
            devices = frozenset(one.device_id for one in desired)
            return await self.reconciler.run(desired, devices=devices)

    async def standing(self, desired: DesiredNode) -> Enrollment:
        return (await self.reconcile(desired)).enrollments[desired.device_id]

    async def nodes(self, mark: str) -> list[ObservedNode]:
        return [one for one in await self.bare_metal.nodes() if mark in str(one.driver_info)]

    async def node(self, mark: str) -> ObservedNode:
        (found,) = await self.nodes(mark)
        return found

    async def ports(self, node: ObservedNode) -> dict[str, ObservedPort]:
        ports = await self.bare_metal.ports()
        return {one.address: one for one in ports if one.node_uuid == node.uuid}

    async def perform(self, *actions: Action) -> None:
        for action in actions:
            await self.bare_metal.perform(action)

    async def until(self, mark: str, state: str) -> ObservedNode:
        async with asyncio.timeout(DEADLINE_S):
            while (node := await self.node(mark)).provision_state != state:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            return node


@pytest.fixture
def fleet(bare_metal: Ironic, store: MemoryEnrollments, calendar: Calendar) -> Fleet:
    return Fleet(bare_metal, store, calendar)


async def test_a_new_server_becomes_available_with_all_that_nova_needs(
    fleet: Fleet, mark: str
) -> None:
    desired = desired_node(mark, capabilities={"boot_mode": "uefi", "rack": "r1"})

    enrollment = await fleet.standing(desired)

    node = await fleet.node(mark)
    assert enrollment.standing is Standing.AVAILABLE
    assert enrollment.node_uuid == node.uuid == desired.uuid
    assert node.provision_state == "available"
    assert node.inspected
    assert node.name == desired.name
    assert node.resource_class == "baremetal"
    assert node.traits == {"CUSTOM_NVME"}
    assert node.extra == {DEVICE_KEY: desired.device_id}
    assert node.properties["capabilities"] == "boot_mode:uefi,rack:r1"
    assert desired.properties.items() <= node.properties.items()
    ports = await fleet.ports(node)
    assert {one.address for one in desired.ports} == set(ports)
    for wanted in desired.ports:
        assert ports[wanted.address].pxe_enabled is wanted.pxe_enabled
        assert ports[wanted.address].physical_network == "provisioning"
        assert ports[wanted.address].local_link == wanted.local_link


async def test_a_second_run_only_reads(fleet: Fleet, proxy: IronicProxy, mark: str) -> None:
    desired = desired_node(mark)
    await fleet.reconcile(desired)
    saves = fleet.store.saves
    fleet.restarted()
    proxy.forget()

    report = await fleet.reconcile(desired)

    assert report.actions == 0
    assert report.count(Standing.AVAILABLE) == 1
    assert set(proxy.requests) == {"GET"}
    assert fleet.store.saves == saves


async def test_a_pass_lists_and_never_asks_for_single_nodes(
    fleet: Fleet, proxy: IronicProxy, mark: str
) -> None:
    await fleet.reconcile(desired_node(mark))

    reads = [path for path in proxy.paths if path.startswith("GET")]
    assert all(
        path.startswith(("GET /v1/nodes/?", "GET /v1/ports/?")) or path == "GET /v1"
        for path in reads
    )


@pytest.mark.parametrize("stop_after", range(7))
async def test_a_killed_enrollment_is_taken_up_without_a_duplicate(
    fleet: Fleet, mark: str, stop_after: int
) -> None:
    desired = desired_node(mark)
    fleet.reconciler = Reconciler(
        Killed(fleet.bare_metal, after=stop_after),
        fleet.store,
        fleet.calendar,
        policy=Policy(),
        concurrency=4,
        transition_timeout_s=30,
    )
    with pytest.raises(asyncio.CancelledError):
        await fleet.reconcile(desired)
    fleet.restarted()

    enrollment = await fleet.standing(desired)

    node = await fleet.node(mark)
    assert enrollment.standing is Standing.AVAILABLE
    assert node.provision_state == "available"
    assert len(await fleet.ports(node)) == len(desired.ports)


class Killed:
    """Ironic for a process that dies after so many changes."""

    def __init__(self, inner: Ironic, *, after: int) -> None:
        self._inner = inner
        self._left = after
        self.nodes = inner.nodes
        self.ports = inner.ports
        self.drivers = inner.drivers

    async def perform(self, action: Action) -> None:
        if self._left == 0:
            raise asyncio.CancelledError
        self._left -= 1
        await self._inner.perform(action)


async def test_a_node_whose_creation_was_not_answered_is_found_again(
    fleet: Fleet, proxy: IronicProxy, mark: str
) -> None:
    desired = desired_node(mark)
    proxy.disturb("POST", "/v1/nodes", status=504, after=True)

    enrollment = await fleet.standing(desired)

    assert enrollment.standing is Standing.AVAILABLE
    assert (await fleet.node(mark)).uuid == desired.uuid


def _by_mark(desired: DesiredNode) -> dict[str, Any]:
    return {"extra": {DEVICE_KEY: desired.device_id}}


def _by_address(desired: DesiredNode) -> dict[str, Any]:
    address = str(desired.driver_info["redfish_address"])
    return {
        "driver_info": {
            "redfish_address": f"{address}:443/",
            "redfish_system_id": "/redfish/v1/Systems/1/",
            "redfish_username": "somebody",
            "redfish_password": "else",
        }
    }


def _by_address_alone(desired: DesiredNode) -> dict[str, Any]:
    return {"driver_info": {"redfish_address": desired.driver_info["redfish_address"]}}


def _by_system_uuid(desired: DesiredNode) -> dict[str, Any]:
    return {"uuid": desired.system_uuid}


def _by_mac(desired: DesiredNode) -> dict[str, Any]:
    return {"port": desired.ports[1].address.upper()}


@pytest.mark.parametrize(
    "known", [_by_mark, _by_address, _by_address_alone, _by_system_uuid, _by_mac]
)
async def test_a_node_that_is_there_is_adopted(fleet: Fleet, mark: str, known: Any) -> None:
    desired = desired_node(mark, system_uuid=f"{mark}-0000-4000-8000-00000000abcd")
    attributes = {
        "uuid": f"{mark}-0000-4000-8000-000000000001",
        "driver": "fake-hardware",
        "name": f"by-hand-{mark}",
        "properties": {"capabilities": "cpu_vt:true", "bay": "7"},
        **known(desired),
    }
    port = attributes.pop("port", None)
    await fleet.perform(CreateNode(uuid=attributes["uuid"], attributes=attributes))
    if port is not None:
        await fleet.perform(CreatePort(node_uuid=attributes["uuid"], attributes={"address": port}))

    enrollment = await fleet.standing(desired)

    node = await fleet.node(mark)
    assert enrollment.standing is Standing.AVAILABLE
    assert enrollment.node_uuid == node.uuid == attributes["uuid"]
    assert node.name == f"by-hand-{mark}"
    assert node.extra[DEVICE_KEY] == desired.device_id
    assert node.properties["bay"] == "7"
    assert node.properties["capabilities"] == "boot_mode:uefi,cpu_vt:true"
    assert set(await fleet.ports(node)) == {one.address for one in desired.ports}


async def test_a_node_of_another_device_is_not_taken(fleet: Fleet, mark: str) -> None:
    first = desired_node(mark)
    await fleet.reconcile(first)
    second = replace(first, device_id=type(first.device_id)(f"other-{mark}"), uuid=first.uuid[::-1])

    async with asyncio.timeout(DEADLINE_S):
        report = await fleet.reconciler.run(
            [second], devices=frozenset({first.device_id, second.device_id})
        )

    enrollment = report.enrollments[second.device_id]
    assert enrollment.standing is Standing.HELD
    assert first.device_id in str(enrollment.reason)
    assert report.actions == 0


async def test_drift_is_put_right_and_what_is_not_ours_stays(fleet: Fleet, mark: str) -> None:
    desired = desired_node(mark)
    await fleet.reconcile(desired)
    node = await fleet.node(mark)
    await fleet.perform(
        PatchNode(
            uuid=node.uuid,
            patch=(
                {"op": "add", "path": "/properties/memory_mb", "value": 1},
                {"op": "add", "path": "/properties/note", "value": "keep"},
                {"op": "add", "path": "/resource_class", "value": "wrong"},
                {"op": "add", "path": "/extra/note", "value": "keep"},
            ),
        ),
    )

    report = await fleet.reconcile(desired)

    node = await fleet.node(mark)
    assert report.actions == 1
    assert node.provision_state == "available"
    assert node.resource_class == "baremetal"
    assert node.properties["memory_mb"] == desired.properties["memory_mb"]
    assert node.properties["note"] == "keep"
    assert node.extra["note"] == "keep"


async def test_another_switch_port_is_told_by_leaving_the_cloud_for_a_moment(
    fleet: Fleet, mark: str
) -> None:
    desired = desired_node(mark)
    await fleet.reconcile(desired)
    moved = replace(desired.ports[0], local_link={"switch_id": "02:00:00:00:00:02", "port_id": "9"})
    desired = replace(desired, ports=(moved, desired.ports[1]))

    enrollment = await fleet.standing(desired)

    node = await fleet.node(mark)
    assert enrollment.standing is Standing.AVAILABLE
    assert (await fleet.ports(node))[moved.address].local_link == moved.local_link


async def test_a_removed_nic_loses_its_port_but_a_foreign_port_stays(
    fleet: Fleet, mark: str
) -> None:
    desired = desired_node(mark)
    await fleet.reconcile(desired)
    node = await fleet.node(mark)
    foreign = desired.ports[0].address[:-1] + "f"
    await fleet.perform(CreatePort(node_uuid=node.uuid, attributes={"address": foreign}))

    await fleet.reconcile(replace(desired, ports=desired.ports[:1]))

    assert set(await fleet.ports(node)) == {desired.ports[0].address, foreign}


async def test_a_new_password_is_sent_once(fleet: Fleet, proxy: IronicProxy, mark: str) -> None:
    desired = desired_node(mark)
    await fleet.reconcile(desired)
    desired = replace(desired, password="rotated")

    first = await fleet.reconcile(desired)
    fleet.restarted()
    second = await fleet.reconcile(desired)

    assert (first.actions, second.actions) == (1, 0)
    assert any(path.startswith(f"PATCH /v1/nodes/{desired.uuid}") for path in proxy.paths)


async def test_an_active_node_is_left_as_it_is(fleet: Fleet, proxy: IronicProxy, mark: str) -> None:
    desired = desired_node(mark)
    await fleet.reconcile(desired)
    await fleet.perform(Provision(uuid=desired.uuid, verb=Verb.DEPLOY))
    before = await fleet.until(mark, "active")
    proxy.forget()

    enrollment = await fleet.standing(replace(desired, resource_class="other", password="new"))

    assert enrollment.standing is Standing.IN_USE
    assert proxy.changes == 0
    assert await fleet.node(mark) == before


async def test_a_node_reserved_for_an_instance_is_left_as_it_is(
    fleet: Fleet, proxy: IronicProxy, mark: str
) -> None:
    desired = desired_node(mark)
    await fleet.reconcile(desired)
    instance = {"op": "add", "path": "/instance_uuid", "value": desired.uuid}
    await fleet.perform(PatchNode(uuid=desired.uuid, patch=(instance,)))
    proxy.forget()

    enrollment = await fleet.standing(replace(desired, resource_class="other"))

    assert enrollment.standing is Standing.IN_USE
    assert proxy.changes == 0


async def test_a_node_in_somebodys_maintenance_is_left_as_it_is(
    fleet: Fleet, proxy: IronicProxy, mark: str
) -> None:
    desired = desired_node(mark)
    await fleet.reconcile(desired)
    maintenance = (
        {"op": "add", "path": "/maintenance", "value": True},
        {"op": "add", "path": "/maintenance_reason", "value": "fan replaced on Monday"},
    )
    await fleet.perform(PatchNode(uuid=desired.uuid, patch=maintenance[:1]))
    proxy.forget()

    enrollment = await fleet.standing(replace(desired, resource_class="other"))

    assert enrollment.standing is Standing.HELD
    assert "maintenance" in str(enrollment.reason)
    assert proxy.changes == 0


async def test_a_server_that_ironic_cannot_verify_is_reported_and_tried_again_later(
    fleet: Fleet, proxy: IronicProxy, ironic: IronicEndpoint, mark: str
) -> None:
    no_redfish_there = {"redfish_address": ironic.url, "redfish_system_id": f"/Systems/{mark}"}
    desired = desired_node(mark, driver="redfish", driver_info=no_redfish_there, ports=())

    first = await fleet.standing(desired)
    proxy.forget()
    at_once = await fleet.standing(desired)
    quiet = proxy.changes
    fleet.calendar.ahead = timedelta(minutes=1)
    later = await fleet.standing(desired)

    assert first.standing is Standing.FAILED
    assert ironic.url in str(first.reason)
    assert first.provision_state == "enroll"
    assert at_once == first
    assert quiet == 0
    assert later.failures == first.failures + 1


async def test_what_ironic_refuses_is_reported_without_the_password(
    fleet: Fleet, mark: str
) -> None:
    desired = desired_node(mark, resource_class="x" * 300)

    enrollment = await fleet.standing(desired)

    assert enrollment.standing is Standing.FAILED
    assert "Schema error" in str(enrollment.reason)
    assert desired.password not in str(enrollment.reason)
    assert await fleet.nodes(mark) == []


async def test_a_corrected_wish_is_tried_at_once_after_a_refusal(fleet: Fleet, mark: str) -> None:
    await fleet.reconcile(desired_node(mark, resource_class="x" * 300))

    enrollment = await fleet.standing(desired_node(mark))

    assert enrollment.standing is Standing.AVAILABLE
    assert enrollment.failures == 0


async def test_a_locked_node_is_waited_for(fleet: Fleet, proxy: IronicProxy, mark: str) -> None:
    proxy.disturb("PUT", "/states/provision", times=2, status=409, message="Node is locked")
    proxy.disturb("POST", "/v1/ports", status=409, message="Node is locked")

    enrollment = await fleet.standing(desired_node(mark))

    assert enrollment.standing is Standing.AVAILABLE


async def test_a_conflict_that_lasts_is_reported(
    fleet: Fleet, proxy: IronicProxy, mark: str
) -> None:
    proxy.disturb("POST", "/v1/nodes", times=100, status=409, message="taken by another")

    enrollment = await fleet.standing(desired_node(mark))

    assert enrollment.standing is Standing.FAILED
    assert "taken by another" in str(enrollment.reason)


async def test_an_ironic_that_is_busy_for_a_moment_is_asked_again(
    fleet: Fleet, proxy: IronicProxy, mark: str
) -> None:
    proxy.disturb("GET", "/v1/nodes", times=2, status=503)
    proxy.disturb("PUT", "/traits", times=2, status=503)

    enrollment = await fleet.standing(desired_node(mark))

    assert enrollment.standing is Standing.AVAILABLE


async def test_an_ironic_that_is_down_ends_the_pass_and_loses_nothing(
    fleet: Fleet, proxy: IronicProxy, mark: str
) -> None:
    desired = desired_node(mark)
    before = await fleet.standing(desired)
    proxy.disturb("*", "/", times=100, status=503)

    with pytest.raises(CloudUnavailable):
        await fleet.reconcile(desired)

    assert await fleet.store.enrollment(desired.device_id) == before


async def test_a_retired_server_leaves_ironic(fleet: Fleet, mark: str) -> None:
    desired = desired_node(mark)
    await fleet.reconcile(desired)

    enrollment = await fleet.standing(replace(desired, retired=True))

    assert enrollment.standing is Standing.WITHDRAWN
    assert await fleet.nodes(mark) == []


async def test_a_retired_server_that_is_in_use_stays(fleet: Fleet, mark: str) -> None:
    desired = desired_node(mark)
    await fleet.reconcile(desired)
    await fleet.perform(Provision(uuid=desired.uuid, verb=Verb.DEPLOY))
    await fleet.until(mark, "active")

    enrollment = await fleet.standing(replace(desired, retired=True))

    assert enrollment.standing is Standing.IN_USE
    assert len(await fleet.nodes(mark)) == 1


async def test_a_retired_server_whose_node_is_not_ours_stays(fleet: Fleet, mark: str) -> None:
    desired = desired_node(mark)
    attributes = {**creation(desired, taken_names=frozenset()).attributes, "extra": {}}
    await fleet.perform(CreateNode(uuid=desired.uuid, attributes=attributes))

    enrollment = await fleet.standing(replace(desired, retired=True))

    assert enrollment.standing is Standing.WITHDRAWN
    assert len(await fleet.nodes(mark)) == 1


async def test_one_server_that_fails_does_not_keep_the_others(fleet: Fleet, mark: str) -> None:
    good = [desired_node(f"{mark[:-1]}{digit}") for digit in "012"]
    bad = replace(desired_node(mark[::-1]), resource_class="x" * 300)

    report = await fleet.reconcile(*good, bad)

    assert report.count(Standing.AVAILABLE) == 3
    assert report.count(Standing.FAILED) == 1
