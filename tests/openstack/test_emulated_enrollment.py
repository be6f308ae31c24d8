"""From BMC to ``available``: servers of every personality, read by fleetd and by Ironic."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from fleetd.config.classification import load_classification
from fleetd.config.redfish import TlsSection, Trust
from fleetd.domain.bare_metal import Interfaces
from fleetd.domain.device import Device, DeviceId, EndpointId
from fleetd.domain.endpoint import Endpoint, Source
from fleetd.domain.enrollment import DesiredNode, PatchNode, Provision, Standing, Verb
from fleetd.domain.lifecycle import State
from fleetd.domain.ports import Credential
from fleetd.driverkit.registry import Registry
from fleetd.openstack.ironic import Ironic
from fleetd.redfish.client import RedfishClient
from fleetd.services.enrollment.desired import Surroundings, desired_node
from fleetd.services.enrollment.plan import Policy
from fleetd.services.enrollment.reconcile import Reconciler
from fleetd.services.inventory.collect import read_endpoint
from fleetd_emulators.hardware import Personality
from fleetd_emulators.lab import IronicEndpoint
from fleetd_emulators.rack import Bmc, Rack
from tests.support.emulators import rack_of
from tests.support.enrollment import Calendar, MemoryEnrollments
from tests.support.ironic import IronicProxy
from tests.support.redfish_side import Witness, section

pytestmark = [pytest.mark.lab, pytest.mark.asyncio, pytest.mark.timeout(300)]

TLS = TlsSection(trust=Trust.NONE)
PERSONALITIES = [one for one in Personality if one is not Personality.GENERIC]
NOW = datetime(2026, 11, 24, tzinfo=UTC)
DEADLINE_S = 240


@pytest_asyncio.fixture
async def rack() -> AsyncIterator[Rack]:
    servers = [{"personality": str(one)} for one in PERSONALITIES]
    async with rack_of(servers=servers, switches=1, pdus=1, pace=0.02) as one:
        yield one


async def read_device(client: RedfishClient, registry: Registry, bmc: Bmc) -> Device:
    probed = await client.probe(bmc.url, tls=TLS, fingerprint=None, timeout=10)
    choice = registry.select(probed.root)
    connection = client.connect(
        bmc.url,
        credential=Credential(name="bmc", username=bmc.username, password=bmc.password),
        tls=TLS,
        fingerprint=None,
        traits=choice.traits,
        driver=choice.name,
    )
    endpoint_id = EndpointId(bmc.name)
    reading = await read_endpoint(connection, probed.root, choice, endpoint_id=endpoint_id)
    (description,) = reading.descriptions
    return Device(
        id=DeviceId(f"device-{bmc.serial}"),
        endpoint_id=endpoint_id,
        description=description,
        state=State.INVENTORIED,
        driver=reading.driver,
        vendor=reading.vendor,
        first_seen=NOW,
        last_seen=NOW,
    )


async def wanted(rack: Rack, drivers: Mapping[str, Interfaces]) -> list[DesiredNode]:
    """What fleetd reads of the rack's servers, as nodes."""
    registry = Registry.load()
    surroundings = Surroundings(
        classification=load_classification(None),
        drivers=drivers,
        verify_ca=False,
        family=lambda name: registry.driver(name).ironic,
    )
    desired = []
    async with RedfishClient(section(), observer=Witness()) as client:
        for bmc in rack.of_kind("server"):
            node = desired_node(
                await read_device(client, registry, bmc),
                Endpoint(id=EndpointId(bmc.name), address=bmc.url, source=Source.API),
                Credential(name="bmc", username=bmc.username, password=bmc.password),
                surroundings,
                sole_system=True,
            )
            assert node is not None
            desired.append(node)
    return desired


async def inspected(ironic: IronicEndpoint, uuid: str) -> dict[str, Any]:
    """What Ironic's own inspection of the same BMC found."""
    headers = {
        "X-OpenStack-Ironic-API-Version": "1.81",
        "Authorization": aiohttp.encode_basic_auth(str(ironic.username), str(ironic.password)),
    }
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{ironic.url}/v1/nodes/{uuid}/inventory") as answer,
    ):
        found: dict[str, Any] = (await answer.json())["inventory"]
        return found


async def until(bare_metal: Ironic, uuid: str, state: str) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while True:
            node = next(one for one in await bare_metal.nodes() if one.uuid == uuid)
            if node.provision_state == state:
                return
            assert not node.provision_state.endswith("failed"), node.last_error
            await asyncio.sleep(0.2)


async def test_every_personality_becomes_available_and_ironic_finds_the_same_in_it(
    rack: Rack,
    bare_metal: Ironic,
    proxy: IronicProxy,
    ironic: IronicEndpoint,
    store: MemoryEnrollments,
) -> None:
    desired = await wanted(rack, await bare_metal.drivers())
    devices = frozenset(one.device_id for one in desired)
    reconciler = Reconciler(
        bare_metal,
        store,
        Calendar(),
        policy=Policy(),
        concurrency=4,
        transition_timeout_s=DEADLINE_S,
    )

    async with asyncio.timeout(DEADLINE_S):
        report = await reconciler.run(desired, devices=devices)
    proxy.forget()
    again = await reconciler.run(desired, devices=devices)

    reasons = {one.device_id: one.reason for one in report.enrollments.values()}
    assert report.count(Standing.AVAILABLE) == len(PERSONALITIES), reasons
    assert again.actions == proxy.changes == 0
    nodes = {node.uuid: node for node in await bare_metal.nodes()}
    ports = await bare_metal.ports()
    for one in desired:
        found = await inspected(ironic, one.uuid)
        assert found["memory"]["physical_mb"] == one.properties["memory_mb"], one.name
        assert found["cpu"]["count"] == one.properties["cpus"], one.name
        assert found["cpu"]["architecture"] == one.properties["cpu_arch"], one.name
        macs = {port.address for port in one.ports}
        assert {nic["mac_address"] for nic in found["interfaces"]} == macs, one.name
        assert {port.address for port in ports if port.node_uuid == one.uuid} == macs
        assert any(port.local_link for port in ports if port.node_uuid == one.uuid), one.name
        node = nodes[one.uuid]
        dell = one.name.startswith("dell")
        assert node.driver == ("idrac" if dell else "redfish")
        assert node.interfaces["inspect"] == ("idrac-redfish" if dell else "redfish")
        assert one.properties.items() <= node.properties.items()

    server = next(one for one in desired if one.driver == "redfish")
    entries = (
        {"op": "add", "path": "/boot_interface", "value": "redfish-virtual-media"},
        {"op": "add", "path": "/deploy_interface", "value": "ramdisk"},
        {"op": "add", "path": "/instance_info", "value": {"boot_iso": ironic.boot_iso}},
    )
    await bare_metal.perform(PatchNode(uuid=server.uuid, patch=entries))
    await bare_metal.perform(Provision(uuid=server.uuid, verb=Verb.DEPLOY))
    await until(bare_metal, server.uuid, "active")
    in_use = await reconciler.run(desired, devices=devices)
    await bare_metal.perform(Provision(uuid=server.uuid, verb=Verb.UNDEPLOY))
    await until(bare_metal, server.uuid, "available")

    assert in_use.enrollments[server.device_id].standing is Standing.IN_USE
    assert in_use.actions == 0
