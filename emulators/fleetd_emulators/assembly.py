"""From a plan to backends: hardware from the catalogues, cables plugged in, power that flows."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from typing import Any, Final, Literal

import orjson

from fleetd_emulators import wiring
from fleetd_emulators.devices import catalogue as device_catalogue
from fleetd_emulators.devices.cooling_unit import CoolingUnitBackend
from fleetd_emulators.devices.enclosure import EnclosureBackend
from fleetd_emulators.devices.pdu import PDU, Feed, PduBackend
from fleetd_emulators.devices.resources import Identity, link
from fleetd_emulators.devices.shelf import ShelfBackend
from fleetd_emulators.devices.storage import ArrayBackend
from fleetd_emulators.devices.switch import SwitchBackend
from fleetd_emulators.devices.transfer_switch import TransferSwitchBackend
from fleetd_emulators.fleet import BmcPlan, Fleet
from fleetd_emulators.hardware import Server
from fleetd_emulators.protocol.exchange import (
    Backend,
    MayBeAway,
    MayChangeCertificate,
    Request,
    Response,
)
from fleetd_emulators.protocol.features import PERSONALITIES, Features
from fleetd_emulators.protocol.front import Front
from fleetd_emulators.protocol.problems import Json
from fleetd_emulators.protocol.tls import self_signed
from fleetd_emulators.servers import catalogue
from fleetd_emulators.servers.documents import LAYOUTS, ROOT
from fleetd_emulators.servers.documents.enclosure import consumed_watts
from fleetd_emulators.servers.documents.tree import Names
from fleetd_emulators.servers.habits import habits_of
from fleetd_emulators.weather import merged

# A PDU measures this often; asking every server at every GET would make a sweep of it slow.
METERING_S: Final = 0.05

_ALONE: Final[dict[str, device_catalogue.Kind]] = {
    kind: kind for kind in ("transfer-switch", "power-shelf", "cdu", "enclosure")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """One BMC's backend and what identifies its device."""

    plan: BmcPlan
    backend: Backend
    features: Features
    serial: str
    uuid: str
    macs: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Assembly:
    """The fleet's hardware with its wiring; ``fronts`` is filled as BMCs go on the network."""

    built: tuple[Built, ...]
    servers: tuple[Server, ...]
    wiring: wiring.Wiring
    fronts: dict[str, Front] = field(default_factory=dict)


class Cabled:
    """A backend whose answers gain what only the rack around it knows."""

    def __init__(self, inner: Backend, additions: dict[str, Json]) -> None:
        self._inner = inner
        self._additions = additions

    @property
    def available(self) -> bool:
        """Whether the inner backend's BMC is on the network."""
        return not isinstance(self._inner, MayBeAway) or self._inner.available

    @property
    def certificate(self) -> bytes | None:
        """What the inner backend was given to serve."""
        inner = self._inner
        return inner.certificate if isinstance(inner, MayChangeCertificate) else None

    async def handle(self, request: Request) -> Response:
        """Answer as the inner backend, with the additions merged into a GET's document."""
        response = await self._inner.handle(request)
        addition = self._additions.get(request.path)
        if addition is None or request.method != "GET" or response.status != HTTPStatus.OK:
            return response
        document = merged(orjson.loads(response.body), addition)
        return replace(response, body=orjson.dumps(document))

    async def close(self) -> None:
        """Close the inner backend."""
        await self._inner.close()


async def assemble(fleet: Fleet, port: int) -> Assembly:
    """Build every backend of the fleet's plan, in its order.

    ``port`` is where the BMCs will listen; absolute links between them need it.
    """
    plans = fleet.plan()
    urls = {
        plan.name: f"{'https' if plan.tls else 'http'}://{plan.address}:{port}" for plan in plans
    }
    servers = [_server(plan, nth) for nth, plan in enumerate(_of(plans, "server"))]
    cables = wiring.wire(servers, _in_racks("switch", plans), _in_racks("pdu", plans))
    servers = [wiring.plug_in(server, cables) for server in servers]
    backends = {
        server.name: Cabled(
            _server_backend(fleet, plan, server), _outlet_links(server, cables, urls)
        )
        for plan, server in zip(_of(plans, "server"), servers, strict=True)
    }
    assembly = Assembly(built=(), servers=tuple(servers), wiring=cables)
    built = [
        await _built_server(fleet, plan, server, backends[server.name])
        for plan, server in zip(_of(plans, "server"), servers, strict=True)
    ]
    built += [_built_storage(fleet, plan) for plan in _of(plans, "storage")]
    grid = _Grid(assembly, backends, urls)
    for nth, plan in enumerate(_of(plans, "switch")):
        switch = SwitchBackend(wiring.switch(nth, cables), has_power=grid.has_power)
        built.append(_built_device(fleet, plan, switch, cables.switches[nth]))
    for nth, plan in enumerate(_of(plans, "pdu")):
        pdu = PduBackend(
            wiring.pdu(nth, cables, grid.feeds()),
            pace=fleet.pace,
            on_switch=partial(grid.switched, nth),
        )
        grid.pdus.append(pdu)
        built.append(_built_device(fleet, plan, pdu, cables.pdus[nth]))
    built += [_built_alone(fleet, plan) for plan in plans if plan.kind in _ALONE]
    assembly.built = tuple(built)
    return assembly


def _of(plans: tuple[BmcPlan, ...], kind: str) -> list[BmcPlan]:
    return [plan for plan in plans if plan.kind == kind]


def _in_racks(kind: Literal["switch", "pdu"], plans: tuple[BmcPlan, ...]) -> list[Identity]:
    """The devices of a kind, one rack after another in turn."""
    racks = wiring.racks(len(_of(plans, "server")))
    return [
        device_catalogue.identity(kind, plan.number, plan.name, f"R{nth % racks + 1:02d}")
        for nth, plan in enumerate(_of(plans, kind))
    ]


def _server(plan: BmcPlan, nth: int) -> Server:
    if plan.personality is None:
        raise ValueError(f"server {plan.name} has no personality")
    rack, unit = wiring.place(nth)
    server = catalogue.server(
        plan.personality, plan.number, name=plan.name, rack=rack, unit=unit, gpus=plan.gpus
    )
    return replace(server, powered_on=plan.powered_on)


def _server_backend(fleet: Fleet, plan: BmcPlan, server: Server) -> Backend:
    # sushy-tools and Flask take a while to import; a fleet without full servers starts at once.
    from fleetd_emulators.servers.emulated import server_backend  # noqa: PLC0415

    habits = habits_of(server.personality)
    for rule in fleet.habits:
        if rule.fits(plan):
            habits = rule.changed(habits)
    certificate = self_signed(str(fleet.seed), plan.name, (plan.address,)).pem
    return server_backend(server, pace=fleet.pace, habits=habits, certificate=certificate)


def _features(fleet: Fleet, plan: BmcPlan, root: Json) -> Features:
    features = Features() if plan.personality is None else PERSONALITIES[plan.personality]
    features = features.agreeing_with(root)
    for rule in fleet.protocol:
        if rule.fits(plan):
            features = replace(features, **rule.changes())
    return features


async def _built_server(fleet: Fleet, plan: BmcPlan, server: Server, backend: Backend) -> Built:
    root = await _document(backend, ROOT)
    return Built(
        plan=plan,
        backend=backend,
        features=_features(fleet, plan, root),
        serial=server.serial,
        uuid=server.uuid,
        macs=server.macs,
    )


def _built_storage(fleet: Fleet, plan: BmcPlan) -> Built:
    array = device_catalogue.array(plan.number, plan.name)
    return _built_device(fleet, plan, ArrayBackend(array), array.identity)


def _built_alone(fleet: Fleet, plan: BmcPlan) -> Built:
    """What isn't cabled to the servers."""
    kind = _ALONE[plan.kind]
    identity = device_catalogue.identity(kind, plan.number, plan.name)
    backend: Backend
    match kind:
        case "transfer-switch":
            backend = TransferSwitchBackend(identity, pace=fleet.pace)
        case "power-shelf":
            backend = ShelfBackend(identity)
        case "enclosure":
            blades = device_catalogue.blades(plan.number)
            backend = EnclosureBackend(identity, blades)
        case _:
            backend = CoolingUnitBackend(identity)
    return _built_device(fleet, plan, backend, identity)


def _built_device(fleet: Fleet, plan: BmcPlan, backend: Backend, identity: Identity) -> Built:
    return Built(
        plan=plan,
        backend=backend,
        features=_features(fleet, plan, {}),
        serial=identity.serial,
        uuid=identity.uuid,
        macs=(identity.mac,),
    )


async def _document(backend: Backend, path: str) -> Json:
    response = await backend.handle(Request(method="GET", path=path))
    document: Any = orjson.loads(response.body)
    return document if isinstance(document, dict) else {}


def _supply_path(server: Server, index: int) -> str:
    layout = LAYOUTS[server.personality]
    if layout.power_subsystem:
        return Names(server, layout).supply(index)
    return f"{layout.chassis_path}/Power#/PowerSupplies/{index}"


def _outlet_links(server: Server, cables: wiring.Wiring, urls: dict[str, str]) -> dict[str, Json]:
    """PowerSupply's Links.PowerOutlets (DSP0268), absolute as the outlet is another service's."""
    outlets = {
        cord.bay: f"{urls[cables.pdus[cord.pdu].name]}{PDU}/Outlets/{cord.outlet}"
        for cord in cables.cords
        if cord.server == server.name
    }
    return {
        _supply_path(server, index): {"Links": {"PowerOutlets": [link(outlets[supply.bay])]}}
        for index, supply in enumerate(server.power_supplies)
        if supply.bay in outlets
    }


class _Grid:
    """Where the current flows: servers draw from live outlets, and go dark without any."""

    def __init__(
        self, assembly: Assembly, backends: dict[str, Cabled], urls: dict[str, str]
    ) -> None:
        self._assembly = assembly
        self._backends = backends
        self._urls = urls
        self._drawn: dict[str, tuple[float, float]] = {}
        self.pdus: list[PduBackend] = []

    def feeds(self) -> dict[tuple[str, str], Feed]:
        """What each supply is to its outlet, by server and bay."""
        return {
            (server.name, supply.bay): Feed(
                label=f"{server.name} {supply.bay}",
                power_supply=self._urls[server.name] + _supply_path(server, index),
                chassis=self._urls[server.name] + LAYOUTS[server.personality].chassis_path,
                watts=partial(self._share, server),
            )
            for server in self._assembly.servers
            for index, supply in enumerate(server.power_supplies)
        }

    def has_power(self, name: str) -> bool:
        """A server has power by any live outlet, and where no PDU is known to feed it."""
        cords = [cord for cord in self._assembly.wiring.cords if cord.server == name]
        return not cords or self._live_cords(name) > 0

    async def switched(self, pdu: int, outlet: int, live: bool) -> None:  # noqa: FBT001
        """Let the server on this outlet lose or regain its power."""
        for cord in self._assembly.wiring.cords:
            if (cord.pdu, cord.outlet) == (pdu, outlet):
                await self._settle(cord.server, live=live)

    async def _settle(self, name: str, *, live: bool) -> None:
        front = self._assembly.fronts.get(name)
        if front is None:
            return
        if live and not front.is_up:
            await front.regain_power()
        elif not live and not self._live_cords(name):
            await self._force_off(name)
            await front.lose_power()

    def _live_cords(self, name: str) -> int:
        return sum(
            self.pdus[cord.pdu].is_live(cord.outlet)
            for cord in self._assembly.wiring.cords
            if cord.server == name
        )

    async def _force_off(self, name: str) -> None:
        server = next(one for one in self._assembly.servers if one.name == name)
        system = LAYOUTS[server.personality].system_path
        await self._backends[name].handle(
            Request(
                method="POST",
                path=f"{system}/Actions/ComputerSystem.Reset",
                headers={"content-type": "application/json"},
                body=orjson.dumps({"ResetType": "ForceOff"}),
            )
        )

    async def _share(self, server: Server) -> float:
        """The watts that one of the server's live supplies draws now."""
        measured_at, watts = self._drawn.get(server.name, (float("-inf"), 0.0))
        now = time.monotonic()
        if now - measured_at > METERING_S:
            system = LAYOUTS[server.personality].system_path
            state = (await _document(self._backends[server.name], system)).get("PowerState")
            running = replace(server, powered_on=state in {"On", "PoweringOff"})
            watts = consumed_watts(running)
            self._drawn[server.name] = (now, watts)
        return watts / max(self._live_cords(server.name), 1)
