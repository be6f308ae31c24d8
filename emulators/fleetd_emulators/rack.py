"""A running fleet: every BMC of a ``Fleet`` on its socket, wired, with the admin's side channel."""

from __future__ import annotations

import resource
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from fleetd_emulators.admin import serve_admin
from fleetd_emulators.assembly import Assembly, Built, assemble
from fleetd_emulators.devices.incidents import Incident, incidents_of
from fleetd_emulators.fleet import Fleet, Light, generated_password
from fleetd_emulators.light import LightBmc, LightFleet, light_bmcs
from fleetd_emulators.protocol.front import Front, Place, listening_socket
from fleetd_emulators.protocol.gate import Gate
from fleetd_emulators.protocol.journal import Journal
from fleetd_emulators.protocol.problems import Json
from fleetd_emulators.protocol.ssdp import Announced, serve_ssdp
from fleetd_emulators.protocol.tls import Certificate, self_signed
from fleetd_emulators.weather import Weather

PORT_TRIES: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Bmc:
    """One running BMC and what a client must know to reach it."""

    name: str
    kind: str
    personality: str | None
    url: str
    username: str
    password: str = field(repr=False)
    fingerprint_sha256: str | None
    serial: str
    uuid: str
    macs: tuple[str, ...]
    front: Front | None = None
    incidents: Mapping[str, Incident] = field(default_factory=dict, repr=False)

    def as_json(self, *, with_password: bool) -> Json:
        """For the ready file, or without the password for the admin's side channel."""
        answer: Json = {
            "name": self.name,
            "kind": self.kind,
            "personality": self.personality,
            "url": self.url,
            "username": self.username,
            "password": self.password,
            "fingerprint_sha256": self.fingerprint_sha256,
            "serial": self.serial,
            "uuid": self.uuid,
            "macs": list(self.macs),
        }
        return answer if with_password else {k: v for k, v in answer.items() if k != "password"}


@dataclass(slots=True, kw_only=True)
class Rack:
    """The fleet while it runs."""

    bmcs: tuple[Bmc, ...]
    weather: Weather
    journal: Journal
    light: LightFleet | None
    assembly: Assembly
    admin_url: str = ""
    ssdp: str | None = None

    def bmc(self, name: str) -> Bmc:
        """The BMC with this name; KeyError where there is none."""
        for bmc in self.bmcs:
            if bmc.name == name:
                return bmc
        raise KeyError(name)

    def of_kind(self, kind: str) -> tuple[Bmc, ...]:
        """The BMCs of a kind, in the fleet's order."""
        return tuple(bmc for bmc in self.bmcs if bmc.kind == kind)

    def ready(self) -> Json:
        """What the ready file says."""
        return {
            "bmcs": [bmc.as_json(with_password=True) for bmc in self.bmcs],
            "admin": self.admin_url,
            "ssdp": self.ssdp,
        }

    def announced(self) -> Iterator[Announced]:
        """What an SSDP search finds: every BMC that is on the network now."""
        for bmc in self.bmcs:
            if bmc.front is None or bmc.front.is_up:
                yield Announced(url=bmc.url, uuid=bmc.uuid)


@asynccontextmanager
async def running_fleet(fleet: Fleet) -> AsyncIterator[Rack]:
    """Start every BMC of the fleet and its admin channel; stop them all at exit.

    Raises:
        OSError: No port is free, or the given one is taken on one of the addresses.
    """
    raise_file_limit()
    plans = fleet.plan()
    light_places = _light_places(fleet.light) if fleet.light is not None else []
    addresses = [plan.address for plan in plans] + [address for _, address in light_places]
    async with AsyncExitStack() as stack:
        port, listeners = bind_all(addresses, fleet.port)
        # Closed here if a front does not come to own it; closing twice does no harm.
        for listener in listeners:
            stack.callback(listener.close)
        journal, weather = Journal(), Weather(fleet.faults, seed=fleet.seed)
        assembly = await assemble(fleet, port)
        bmcs = []
        for built, listener in zip(assembly.built, listeners, strict=False):
            bmc = _bmc(fleet, built, port, weather, journal)
            assert bmc.front is not None  # noqa: S101 (only light ones have none)
            stack.push_async_callback(bmc.front.stop)
            assembly.fronts[bmc.name] = bmc.front
            await bmc.front.start(listener)
            bmcs.append(bmc)
        light = None
        if fleet.light is not None:
            light, light_ones = await _start_light(
                fleet, light_places, listeners[len(plans) :], port, journal
            )
            stack.push_async_callback(light.stop)
            bmcs += light_ones
        rack = Rack(
            bmcs=tuple(bmcs), weather=weather, journal=journal, light=light, assembly=assembly
        )
        rack.admin_url = await stack.enter_async_context(serve_admin(rack))
        if fleet.ssdp:
            rack.ssdp = await stack.enter_async_context(serve_ssdp(rack.announced))
        yield rack


def _bmc(fleet: Fleet, built: Built, port: int, weather: Weather, journal: Journal) -> Bmc:
    plan = built.plan
    username, password = fleet.credentials_of(plan)
    certificate = _certificate(fleet, plan.name, plan.address) if plan.tls else None
    front = Front(
        Place(
            name=plan.name,
            address=plan.address,
            port=port,
            context=certificate.context if certificate else None,
        ),
        built.backend,
        Gate({username: password}, built.features),
        features=built.features,
        weather=weather,
        journal=journal,
    )
    return Bmc(
        name=plan.name,
        kind=plan.kind,
        personality=plan.personality,
        url=f"{'https' if plan.tls else 'http'}://{plan.address}:{port}",
        username=username,
        password=password,
        fingerprint_sha256=certificate.fingerprint_sha256 if certificate else None,
        serial=built.serial,
        uuid=built.uuid,
        macs=built.macs,
        front=front,
        incidents=incidents_of(built.backend),
    )


def _certificate(fleet: Fleet, name: str, address: str) -> Certificate:
    return self_signed(str(fleet.seed), name, (address,))


def _light_places(light: Light) -> list[tuple[str, str]]:
    hosts = islice(light.network.hosts(), light.count)
    return [(f"light-{nth:05d}", str(host)) for nth, host in enumerate(hosts, start=1)]


async def _start_light(
    fleet: Fleet,
    places: list[tuple[str, str]],
    listeners: Sequence[socket.socket],
    port: int,
    journal: Journal,
) -> tuple[LightFleet, list[Bmc]]:
    """Light BMCs share one certificate and one account, as they are many."""
    light = fleet.light or Light(count=0)
    credentials = ("admin", generated_password(fleet.seed, "light"))
    ones = light_bmcs(light.personality, places, credentials)
    certificate = None
    if light.tls == "self-signed" and places:
        certificate = _certificate(fleet, "light", places[0][1])
    served = LightFleet(ones, journal=journal, latency_s=light.latency_ms / 1000)
    await served.start(listeners, certificate.context if certificate else None)
    return served, [_light_bmc(one, port, certificate) for one in ones]


def _light_bmc(one: LightBmc, port: int, certificate: Certificate | None) -> Bmc:
    return Bmc(
        name=one.name,
        kind="server",
        personality=one.server.personality,
        url=f"{'https' if certificate else 'http'}://{one.address}:{port}",
        username=one.username,
        password=one.password,
        fingerprint_sha256=certificate.fingerprint_sha256 if certificate else None,
        serial=one.server.serial,
        uuid=one.server.uuid,
        macs=one.server.macs,
    )


def bind_all(addresses: Sequence[str], port: int) -> tuple[int, list[socket.socket]]:
    """Bind one port on every address; 0 takes one that is free on all of them.

    Raises:
        OSError: It cannot be had.
    """
    if not addresses:
        return port, []
    for attempt in range(PORT_TRIES):
        sockets = []
        wanted = port
        try:
            for address in addresses:
                bound = listening_socket(address, wanted)
                sockets.append(bound)
                wanted = wanted or bound.getsockname()[1]
        except OSError:
            for bound in sockets:
                bound.close()
            if port or attempt == PORT_TRIES - 1:
                raise
        else:
            return wanted, sockets
    raise AssertionError("unreachable: the last try returns or raises")


def raise_file_limit() -> None:
    """Let this process hold as many sockets as it may; a thousand BMCs need some thousands."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
