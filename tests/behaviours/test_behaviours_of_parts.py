"""Behaviours about storage, events, certificates, outlets and ports, read back from the BMC."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.bmc_settings import BmcSettings
from fleetd.driverkit.behaviours.certificates import Certificates, Subject
from fleetd.driverkit.behaviours.event_subscriptions import EventSubscriptions
from fleetd.driverkit.behaviours.outlets import OutletPower, Outlets
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.behaviours.switch_ports import SwitchPorts
from fleetd.driverkit.behaviours.volumes import Volumes, VolumeWish
from fleetd_emulators.hardware import Personality
from tests.support.kept import one
from tests.support.operating import ROOT, OperatedBmc, operated

HTTPS_ONLY = {Personality.OPENBMC, Personality.NVIDIA}
every_personality = pytest.mark.parametrize("personality", list(Personality))


async def volumes_of(bmc: OperatedBmc, place: str) -> tuple[Any, Any]:
    documents, begun = await bmc.gather(Volumes, Storage=place)
    return documents, begun["Storage"]


@pytest.mark.asyncio
async def test_a_volume_is_made_of_drives_and_deleted() -> None:
    async with operated(personality="generic") as bmc:
        behaviour = bmc.behaviour(Volumes)
        place = await bmc.first(await bmc.get(bmc.system), "Storage")
        documents, storage = await volumes_of(bmc, place)
        before = {item.path for item in documents.of_kind("Volume")}
        drives = tuple(item.path for item in documents.of_kind("Drive"))[:2]
        wish = VolumeWish(raid_type="RAID1", drives=drives, name="system")

        await bmc.send(*behaviour.create(storage, documents, wish))

        documents, _ = await volumes_of(bmc, place)
        (made,) = (item for item in documents.of_kind("Volume") if item.path not in before)
        assert behaviour.raid_type(made) == "RAID1"
        await bmc.send(*behaviour.delete(made, documents))
        documents, _ = await volumes_of(bmc, place)
        assert {item.path for item in documents.of_kind("Volume")} == before


@pytest.mark.parametrize(("fast", "kind"), [(True, "Fast"), (False, "Slow")])
def test_a_volume_is_cleared_by_its_action(kind: str, *, fast: bool) -> None:
    target = "/redfish/v1/V/1/Actions/Volume.Initialize"
    documents, volume = one(
        "Volume", "/redfish/v1/V/1", {"Actions": {"#Volume.Initialize": {"target": target}}}
    )

    (request,) = Volumes().initialise(volume, documents, fast=fast)

    assert (request.path, request.body) == (target, {"InitializeType": kind})


@pytest.mark.asyncio
async def test_a_raid_type_that_no_controller_has_is_refused_before() -> None:
    async with operated(personality="generic") as bmc:
        place = await bmc.first(await bmc.get(bmc.system), "Storage")
        documents, storage = await volumes_of(bmc, place)
        wish = VolumeWish(raid_type="RAID99", drives=())

        with pytest.raises(Unsupported, match="there's no RAID99 here, only"):
            bmc.behaviour(Volumes).create(storage, documents, wish)


@asynccontextmanager
async def a_listener() -> AsyncIterator[tuple[str, asyncio.Queue[Any]]]:
    """Where events are posted to."""
    heard: asyncio.Queue[Any] = asyncio.Queue()

    async def hear(request: web.BaseRequest) -> web.StreamResponse:
        await heard.put(await request.json())
        return web.Response()

    server = web.Server(hear)
    listener = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/events", heard
    finally:
        listener.close()
        await server.shutdown(0.01)


@pytest.mark.asyncio
@pytest.mark.parametrize("personality", sorted(HTTPS_ONLY))
async def test_a_bmc_that_sends_events_by_https_only_is_not_asked_otherwise(
    personality: Personality,
) -> None:
    async with operated(personality=personality) as bmc:
        place = (await bmc.get(ROOT))["EventService"]["@odata.id"]
        _, begun = await bmc.gather(EventSubscriptions, EventService=place)

        with pytest.raises(Unsupported, match="by HTTPS only"):
            bmc.behaviour(EventSubscriptions).subscribe(
                begun["EventService"], "http://192.0.2.1/events", "fleetd"
            )


@pytest.mark.asyncio
@pytest.mark.parametrize("personality", sorted(set(Personality) - HTTPS_ONLY))
async def test_what_happens_is_told_to_a_subscriber(personality: Personality) -> None:
    async with a_listener() as (destination, heard), operated(personality=personality) as bmc:
        behaviour = bmc.behaviour(EventSubscriptions)
        root = await bmc.get(ROOT)
        if "EventService" not in root:
            pytest.skip("this BMC sends no events")
        place = root["EventService"]["@odata.id"]
        _, begun = await bmc.gather(EventSubscriptions, EventService=place)

        await bmc.send(*behaviour.subscribe(begun["EventService"], destination, "fleetd"))
        documents, started = await bmc.gather(PowerControl, ComputerSystem=bmc.system)
        power = bmc.behaviour(PowerControl)
        await bmc.send(power.reset(started["ComputerSystem"], documents, "On"))

        async with asyncio.timeout(10):
            event = await heard.get()
        assert event["Events"]
        documents, _ = await bmc.gather(EventSubscriptions, EventService=place)
        (ours,) = behaviour.existing(documents, destination)
        await bmc.send(*behaviour.unsubscribe(ours))
        documents, _ = await bmc.gather(EventSubscriptions, EventService=place)
        assert behaviour.existing(documents, destination) == ()


def signed(csr_pem: str) -> str:
    """A certificate for the request, by an authority of this test's own."""
    request = x509.load_pem_x509_csr(csr_pem.encode())
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(issuer)
        .public_key(request.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def served_certificate(url: str) -> str:
    place = urlsplit(url)
    assert place.hostname
    assert place.port
    return ssl.get_server_certificate((place.hostname, place.port))


@pytest.mark.asyncio
async def test_a_certificate_that_was_signed_for_the_bmc_is_served() -> None:
    async with operated(personality="generic", tls="self-signed") as bmc:
        behaviour = bmc.behaviour(Certificates)
        place = (await bmc.get(ROOT))["CertificateService"]["@odata.id"]
        starts = {"CertificateService": place, "Manager": bmc.manager}
        documents, begun = await bmc.gather(Certificates, **starts)
        (protocol,) = documents.of_kind("ManagerNetworkProtocol")
        service = begun["CertificateService"]
        subject = Subject(common_name="bmc.example.org")

        *_, answered = await bmc.send(
            *behaviour.signing_request(service, documents, protocol, subject)
        )
        pem = signed(answered.body["CSRString"])
        (certificate,) = documents.of_kind("Certificate")
        await bmc.send(*behaviour.replace(service, documents, certificate, pem))

        served = await asyncio.to_thread(served_certificate, bmc.bmc.url)
        assert "".join(served.split()) == "".join(pem.split())


@pytest.mark.asyncio
@every_personality
async def test_time_servers_are_set(personality: Personality) -> None:
    async with operated(personality=personality) as bmc:
        behaviour = bmc.behaviour(BmcSettings)
        documents, _ = await bmc.gather(BmcSettings, Manager=bmc.manager)
        (protocol,) = documents.of_kind("ManagerNetworkProtocol")
        wanted = ("192.0.2.1", "192.0.2.2")

        await bmc.send(*behaviour.time_servers(protocol, wanted))

        said = (await bmc.get(protocol.path))["NTP"]
        assert [item for item in said["NTPServers"] if item] == list(wanted)


@pytest.mark.asyncio
async def test_the_bmc_is_named_on_its_network() -> None:
    async with operated(personality="generic") as bmc:
        behaviour = bmc.behaviour(BmcSettings)
        documents, _ = await bmc.gather(BmcSettings, Manager=bmc.manager)
        (interface,) = documents.of_kind("ManagerInterface")

        await bmc.send(*behaviour.host_name(interface, "bmc-4711"))

        assert (await bmc.get(interface.path))["HostName"] == "bmc-4711"


STATES = {OutletPower.OFF: "Off", OutletPower.ON: "On", OutletPower.CYCLE: "On"}


def is_in(state: str, outlet: Mapping[str, Any]) -> bool:
    return bool(outlet["PowerState"] == state)


@pytest.mark.asyncio
async def test_an_outlet_goes_off_on_and_round_again() -> None:
    async with operated(kind="pdus") as bmc:
        behaviour = bmc.behaviour(Outlets)
        equipment = await bmc.get((await bmc.get(ROOT))["PowerEquipment"]["@odata.id"])
        place = await bmc.first(equipment, "RackPDUs")
        documents, _ = await bmc.gather(Outlets, PowerDistribution=place)
        outlet = documents.of_kind("Outlet")[0]

        for power, state in STATES.items():
            await bmc.send(*behaviour.control(outlet, documents, power))
            await bmc.until(outlet.path, partial(is_in, state))


@pytest.mark.asyncio
async def test_a_switch_s_port_is_disabled_and_enabled() -> None:
    async with operated(kind="switches") as bmc:
        behaviour = bmc.behaviour(SwitchPorts)
        root = await bmc.get(ROOT)
        fabric = await bmc.get(await bmc.first(root, "Fabrics"))
        switch = await bmc.get(await bmc.first(fabric, "Switches"))
        place = await bmc.first(switch, "Ports")

        for enabled in (False, True):
            _, begun = await bmc.gather(SwitchPorts, Port=place)
            await bmc.send(*behaviour.enable(begun["Port"], enabled=enabled))
            _, begun = await bmc.gather(SwitchPorts, Port=place)
            assert behaviour.is_enabled(begun["Port"]) is enabled
