"""A rack of emulated BMCs is read over real sockets, and what is read is what was built."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from fleetd.config.redfish import TlsSection, Trust
from fleetd.domain.device import Component, ComponentKind, Description, EndpointId
from fleetd.domain.inventory import Reading
from fleetd.domain.ports import Credential
from fleetd.driverkit.registry import Registry
from fleetd.redfish.client import RedfishClient
from fleetd.services.inventory.collect import read_endpoint
from fleetd_emulators.hardware import Personality
from fleetd_emulators.rack import Bmc, Rack
from tests.support.emulators import rack_of
from tests.support.redfish_side import Witness, section

TLS = TlsSection(trust=Trust.NONE)
SERVERS = [{"personality": str(one), "gpus": 1} for one in Personality]


@pytest_asyncio.fixture
async def rack() -> AsyncIterator[Rack]:
    async with rack_of(servers=SERVERS, storage=1, switches=1, pdus=1) as one:
        yield one


@pytest_asyncio.fixture
async def client() -> AsyncIterator[RedfishClient]:
    async with RedfishClient(section(), observer=Witness()) as one:
        yield one


async def read(client: RedfishClient, registry: Registry, bmc: Bmc) -> Reading:
    probed = await client.probe(bmc.url, tls=TLS, fingerprint=None, timeout=10)
    choice = registry.select(probed.root)
    connection = client.connect(
        bmc.url,
        credential=Credential(name="c", username=bmc.username, password=bmc.password),
        tls=TLS,
        fingerprint=None,
        traits=choice.traits,
        driver=choice.name,
    )
    return await read_endpoint(connection, probed.root, choice, endpoint_id=EndpointId(bmc.name))


def of_kind(device: Description, kind: ComponentKind) -> list[Component]:
    return [part for part in device.components if part.kind is kind]


@pytest.mark.asyncio
async def test_every_server_of_the_rack_is_known_exactly(
    rack: Rack, client: RedfishClient, registry: Registry
) -> None:
    servers = [bmc for bmc in rack.bmcs if bmc.kind == "server"]
    assert len(servers) == len(Personality)
    for bmc in servers:
        reading = await read(client, registry, bmc)

        assert reading.problems == ()
        assert [str(item.kind) for item in reading.descriptions] == ["server"]
        server = reading.descriptions[0]
        assert server.identity.uuid == bmc.uuid
        assert server.identity.macs == tuple(sorted(bmc.macs))
        assert server.placement.rack == "R01"
        assert server.stale == frozenset()
        assert len(of_kind(server, ComponentKind.GPU)) == 1
        ports = of_kind(server, ComponentKind.PORT)
        heard = [port for port in ports if "neighbour_port_id" in port.attributes]
        assert len(heard) == sum(bool(port.attributes["link_up"]) for port in ports)


@pytest.mark.asyncio
async def test_the_storage_array_has_its_pool_volumes_and_drives_once(
    rack: Rack, client: RedfishClient, registry: Registry
) -> None:
    array = next(bmc for bmc in rack.bmcs if bmc.kind == "storage")

    reading = await read(client, registry, array)

    (device,) = reading.descriptions
    assert (str(device.kind), device.identity.serial) == ("storage", array.serial)
    (pool,) = of_kind(device, ComponentKind.STORAGE_POOL)
    drives = of_kind(device, ComponentKind.DRIVE)
    volumes = of_kind(device, ComponentKind.VOLUME)
    assert len({drive.serial for drive in drives}) == len(drives) > 0
    assert volumes
    assert all(volume.attributes["pool"] == pool.key for volume in volumes)
    assert len(of_kind(device, ComponentKind.STORAGE_CONTROLLER)) == 2


@pytest.mark.asyncio
async def test_switch_and_servers_hear_each_other(
    rack: Rack, client: RedfishClient, registry: Registry
) -> None:
    switch = next(bmc for bmc in rack.bmcs if bmc.kind == "switch")
    server = next(bmc for bmc in rack.bmcs if bmc.kind == "server")

    (one,) = (await read(client, registry, switch)).descriptions
    (other,) = (await read(client, registry, server)).descriptions

    assert (str(one.kind), one.identity.serial) == ("switch", switch.serial)
    ports = {port.name: port for port in of_kind(one, ComponentKind.PORT)}
    assert len(ports) == 48
    nics = [
        port
        for port in of_kind(other, ComponentKind.PORT)
        if "neighbour_port_id" in port.attributes
    ]
    assert nics
    for nic in nics:
        heard = ports[nic.attributes["neighbour_port_id"]].attributes
        assert heard["neighbour_port_id"] == nic.attributes["mac"]


@pytest.mark.asyncio
async def test_a_pdu_has_its_outlets_and_says_what_each_feeds(
    rack: Rack, client: RedfishClient, registry: Registry
) -> None:
    pdu = next(bmc for bmc in rack.bmcs if bmc.kind == "pdu")

    reading = await read(client, registry, pdu)

    (device,) = reading.descriptions
    assert (str(device.kind), device.identity.serial) == ("pdu", pdu.serial)
    outlets = of_kind(device, ComponentKind.OUTLET)
    assert len(outlets) == 24
    assert {outlet.attributes["power_state"] for outlet in outlets} == {"On"}
    assert any("feeds" in outlet.attributes for outlet in outlets)
    kinds = {part.attributes["circuit_type"] for part in of_kind(device, ComponentKind.CIRCUIT)}
    assert {"Mains", "Branch"} <= kinds


@pytest.mark.asyncio
async def test_reading_twice_gives_the_same(
    rack: Rack, client: RedfishClient, registry: Registry
) -> None:
    for bmc in rack.bmcs:
        first = await read(client, registry, bmc)
        again = await read(client, registry, bmc)

        assert again.descriptions == first.descriptions, bmc.name
