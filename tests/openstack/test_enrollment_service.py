"""The service from the database to a real Ironic and back: who is enrolled, held, and let go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from fleetd.config.classification import parse_classification
from fleetd.config.daemon import StoreSection
from fleetd.domain.device import (
    Component,
    ComponentKind,
    Device,
    DeviceId,
    DeviceKind,
    EndpointId,
)
from fleetd.domain.endpoint import Endpoint, Source
from fleetd.domain.enrollment import CreateNode, Enrollment, Provision, Standing, Verb
from fleetd.domain.errors import SecretUnavailable
from fleetd.domain.lifecycle import State
from fleetd.domain.ports import Credential, StoredDevice
from fleetd.driverkit.standard import GENERIC
from fleetd.openstack.ironic import Ironic
from fleetd.services.devices import DeviceUses
from fleetd.services.enrollment.plan import Policy
from fleetd.services.enrollment.reconcile import Reconciler
from fleetd.services.enrollment.service import EnrollmentService, Rules, Stores
from fleetd.services.enrollment.uses import EnrollmentUses
from fleetd.services.work import Operations
from fleetd.store.database import Database, open_database
from tests.support.enrollment import Calendar
from tests.support.ironic import IronicProxy
from tests.support.stored import NOW, a_description

pytestmark = [pytest.mark.lab, pytest.mark.asyncio]

DEADLINE_S = 60
RULES = """
rules:
  - name: gpu
    when: {gpus: {min: 1}}
    set: {resource_class: baremetal-gpu, traits: [CUSTOM_GPU]}
  - name: elsewhere
    when: {labels: {enroll: elsewhere}}
    set: {drivers: [no-such-driver]}
defaults: {resource_class: baremetal, drivers: [fake-hardware]}
"""


class Passwords:
    """The Credentials port: one that is there, and none other."""

    async def credential(self, name: str) -> Credential:
        if name != "bmc":
            raise SecretUnavailable(f"credential {name!r} cannot be read")
        return Credential(name=name, username="root", password="hidden")


class Site:
    """A database with servers, and the service over it."""

    def __init__(self, database: Database, bare_metal: Ironic, mark: str) -> None:
        self.database = database
        self.bare_metal = bare_metal
        self.mark = mark
        clock = Calendar()
        self.service = EnrollmentService(
            bare_metal=bare_metal,
            reconciler=Reconciler(
                bare_metal,
                database.enrollments,
                clock,
                policy=Policy(),
                concurrency=4,
                transition_timeout_s=DEADLINE_S,
            ),
            stores=Stores(
                endpoints=database.endpoints,
                devices=database.devices,
                enrollments=database.enrollments,
            ),
            credentials=Passwords(),
            lifecycle=DeviceUses(
                devices=database.devices,
                clock=clock,
                changed=self._changed,
                writing=asyncio.Lock(),
            ),
            clock=clock,
            rules=Rules(classification=parse_classification(RULES, source="rules.yaml")),
            family=lambda _: GENERIC.ironic,
        )

    async def _changed(self, device_id: DeviceId) -> None:
        """Nobody listens."""

    async def add(
        self,
        name: str,
        *,
        state: State = State.INVENTORIED,
        kind: DeviceKind = DeviceKind.SERVER,
        gpu: bool = False,
        **endpoint: Any,
    ) -> DeviceId:
        endpoint_id = EndpointId(f"endpoint-{name}-{self.mark}")
        values = {"credential": "bmc", **endpoint}
        address = f"https://{name}-{self.mark}.example"
        await self.database.endpoints.save_endpoints(
            [Endpoint(id=endpoint_id, address=address, source=Source.STATIC, **values)]
        )
        described = a_description(f"{name}{self.mark}")
        identity = replace(described.identity, uuid=None, serial=f"{name}-{self.mark}")
        part = Component(kind=ComponentKind.GPU, key="gpu", name="gpu")
        parts = (part,) if gpu else ()
        device = Device(
            id=DeviceId(f"{name}-{self.mark}"),
            endpoint_id=endpoint_id,
            description=replace(described, kind=kind, identity=identity, components=parts),
            state=state,
            driver="generic",
            vendor="Contoso",
            first_seen=NOW,
            last_seen=NOW,
        )
        await self.database.devices.save([StoredDevice(device=device, changes=())])
        return device.id

    async def reconcile(self, device_id: DeviceId | None = None) -> dict[DeviceId, Enrollment]:
        async with asyncio.timeout(DEADLINE_S):
            report = await self.service.reconcile(device_id)
        return dict(report.enrollments)

    async def state(self, device_id: DeviceId) -> State:
        device = await self.database.devices.device(device_id)
        assert device is not None
        return device.state

    async def names(self) -> set[str]:
        names = [str(node.name) for node in await self.bare_metal.nodes()]
        return {name for name in names if self.mark in name}


@pytest_asyncio.fixture
async def site(tmp_path: Path, bare_metal: Ironic, mark: str) -> AsyncIterator[Site]:
    async with open_database(StoreSection(), tmp_path) as database:
        await database.upgrade()
        yield Site(database, bare_metal, mark)


async def test_servers_become_nodes_of_their_class_and_devices_follow(site: Site) -> None:
    plain = await site.add("plain")
    gpu = await site.add("gpu", gpu=True)

    found = await site.reconcile()

    assert {one.standing for one in found.values()} == {Standing.AVAILABLE}
    assert await site.state(plain) is await site.state(gpu) is State.ENROLLED
    classes = {node.device_id: node.resource_class for node in await site.bare_metal.nodes()}
    assert classes[plain] == "baremetal"
    assert classes[gpu] == "baremetal-gpu"
    history = await site.database.devices.history(plain, limit=10)
    assert [(one.field, one.after) for one in history.items] == [("state", "enrolled")]


async def test_a_dpu_is_no_server_that_is_free(site: Site) -> None:
    """It runs an operating system and can be reset, but belongs to the server that it's in."""
    server = await site.add("host")
    dpu = await site.add("dpu", kind=DeviceKind.DPU)

    found = await site.reconcile()

    assert set(found) == {server}
    assert await site.state(dpu) is State.INVENTORIED
    assert len(await site.names()) == 1


async def test_what_turns_out_to_be_a_dpu_leaves_ironic(site: Site) -> None:
    """It was read by a fleetd, or a BMC's firmware, that did not tell."""
    device_id = await site.add("dpu")
    await site.reconcile()
    device = await site.database.devices.device(device_id)
    assert device is not None
    told = replace(device, description=replace(device.description, kind=DeviceKind.DPU))
    await site.database.devices.save([StoredDevice(device=told, changes=())])

    await site.reconcile()

    assert await site.names() == set()
    assert await site.reconcile() == {}


async def test_a_second_pass_changes_neither_ironic_nor_the_database(
    site: Site, proxy: IronicProxy
) -> None:
    device = await site.add("one")
    first = await site.reconcile()
    proxy.forget()

    second = await site.reconcile()

    assert proxy.changes == 0
    assert second == first
    assert second[device] == await site.database.enrollments.enrollment(device)
    assert len((await site.database.devices.history(device, limit=10)).items) == 1


async def test_why_a_server_cannot_be_enrolled_is_kept(site: Site) -> None:
    nameless = await site.add("nameless", credential=None)
    secret = await site.add("secret", credential="locked")
    elsewhere = await site.add("elsewhere", labels=(("enroll", "elsewhere"),))

    await site.reconcile()

    reasons = {
        device: await site.database.enrollments.enrollment(device)
        for device in (nameless, secret, elsewhere)
    }
    assert [(one and one.standing, one and one.reason) for one in reasons.values()] == [
        (Standing.HELD, "no credential is known for its BMC"),
        (Standing.HELD, "credential 'locked' cannot be read"),
        (Standing.HELD, "Ironic has none of its drivers enabled"),
    ]
    assert await site.names() == set()


@pytest.mark.parametrize(
    "state", [State.DISCOVERED, State.QUARANTINED, State.MAINTENANCE, State.UNREACHABLE]
)
async def test_a_server_that_is_set_aside_is_not_touched(
    site: Site, proxy: IronicProxy, state: State
) -> None:
    device = await site.add("one", state=state)

    found = await site.reconcile()

    assert found == {}
    assert proxy.changes == 0
    assert await site.state(device) is state


async def test_one_server_can_be_reconciled_alone(site: Site) -> None:
    one = await site.add("one")
    await site.add("two")

    found = await site.reconcile(one)

    assert set(found) == {one}
    assert await site.names() == {f"contoso-one-{site.mark}"}


async def test_a_server_in_use_is_in_use_until_it_is_released(site: Site) -> None:
    device = await site.add("one")
    node = (await site.reconcile())[device].node_uuid
    assert node is not None
    await site.bare_metal.perform(Provision(uuid=node, verb=Verb.DEPLOY))
    await until(site, node, "active")

    in_use = (await site.reconcile())[device]
    state_in_use = await site.state(device)
    await site.bare_metal.perform(Provision(uuid=node, verb=Verb.UNDEPLOY))
    await until(site, node, "available")
    released = (await site.reconcile())[device]

    assert (in_use.standing, state_in_use) == (Standing.IN_USE, State.IN_USE)
    assert (released.standing, await site.state(device)) == (Standing.AVAILABLE, State.ENROLLED)


async def test_a_retired_server_leaves_ironic_without_its_bmc(site: Site) -> None:
    device = await site.add("one")
    await site.reconcile()
    stored = await site.database.devices.device(device)
    assert stored is not None
    retired = replace(stored, state=State.RETIRED)
    await site.database.devices.save([StoredDevice(device=retired, changes=())])
    endpoint = await site.database.endpoints.endpoint(stored.endpoint_id)
    assert endpoint is not None
    await site.database.endpoints.save_endpoints([replace(endpoint, credential="locked")])

    found = await site.reconcile()

    assert found[device].standing is Standing.WITHDRAWN
    assert await site.names() == set()
    assert await site.state(device) is State.RETIRED


async def test_a_retired_server_takes_no_node_along_that_another_has_at_its_address(
    site: Site,
) -> None:
    retired = await site.add("old", state=State.RETIRED)
    uuid = f"{site.mark}-0000-4000-8000-000000000002"
    attributes = {
        "uuid": uuid,
        "name": f"by-hand-{site.mark}",
        "driver": "fake-hardware",
        "driver_info": {"redfish_address": f"https://old-{site.mark}.example"},
    }
    await site.bare_metal.perform(CreateNode(uuid=uuid, attributes=attributes))

    found = await site.reconcile()

    assert found[retired].standing is Standing.WITHDRAWN
    assert await site.names() == {f"by-hand-{site.mark}"}


async def test_the_standings_are_listed_page_by_page(site: Site) -> None:
    devices = sorted([await site.add(name, credential=None) for name in ("a", "b", "c")])
    await site.reconcile()
    uses = EnrollmentUses(
        service=site.service,
        enrollments=site.database.enrollments,
        devices=site.database.devices,
        operations=Operations(Calendar()),
        finished=lambda _: None,
    )

    first = await uses.enrollments(standing=Standing.HELD, limit=2)
    second = await uses.enrollments(standing=Standing.HELD, limit=2, marker=first.marker)
    others = await uses.enrollments(standing=Standing.AVAILABLE, limit=2)

    assert [one.device_id for one in first.items + second.items] == devices
    assert second.marker is None
    assert others.items == ()


async def until(site: Site, uuid: str, state: str) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while True:
            states = {node.uuid: node.provision_state for node in await site.bare_metal.nodes()}
            if states[uuid] == state:
                return
            await asyncio.sleep(0.1)
