"""The whole path of a sweep: BMCs on real sockets, the client, the reading, SQLite, the history."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fleetd.config.daemon import InventorySection, StoreSection
from fleetd.config.discovery import DiscoverySection
from fleetd.domain.device import Change, Device, DeviceId, EndpointId
from fleetd.domain.endpoint import Endpoint, Source
from fleetd.domain.ports import Credential, DeviceFilter
from fleetd.driverkit.registry import Registry
from fleetd.redfish.client import RedfishClient
from fleetd.services.discovery.sources import Sources
from fleetd.services.inventory.contact import Contacts
from fleetd.services.inventory.poll import Poller
from fleetd.services.inventory.sweep import Sweeper
from fleetd.store.database import Database, open_database
from tests.support.redfish_side import ANY_CERTIFICATE, RIGHT, Witness, section
from tests.support.scripted_bmc import ROOT, ScriptedBmc, running_bmc

BASE = "/redfish/v1"
Tree = dict[str, dict[str, Any]]


def ref(path: str) -> dict[str, str]:
    """A link to what is at a path below the service root."""
    return {"@odata.id": f"{BASE}/{path}"}


def tree(resources: Tree) -> Tree:
    """All documents of a BMC from its resources by path; collections come by themselves."""
    root = {name: ROOT[name] for name in ("@odata.id", "RedfishVersion", "SessionService", "Links")}
    documents: Tree = {f"{BASE}/": root}
    for path, body in resources.items():
        documents[f"{BASE}/{path}"] = {"@odata.id": f"{BASE}/{path}", **body}
        holder, _, name = path.rpartition("/")
        members = documents.setdefault(f"{BASE}/{holder}", {"Members": []})
        members["Members"].append(ref(path))
        above, _, collection = holder.rpartition("/")
        owner = documents[f"{BASE}/{above}"]
        owner[collection] = ref(holder)
        assert name
    return documents


class Ticking:
    """A clock on which each look is a second later."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 24, tzinfo=UTC)

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


class _Credentials:
    async def credential(self, name: str) -> Credential:
        return RIGHT


class _Unobserved:
    def swept(self, *, driver: str, outcome: str, seconds: float) -> None:
        """Nobody counts."""


class World:
    """Some BMCs and a fleetd that sweeps them when it's told to."""

    def __init__(
        self, database: Database, sweeper: Sweeper, poller: Poller, bmcs: Sequence[ScriptedBmc]
    ) -> None:
        self._database = database
        self._sweeper = sweeper
        self._poller = poller
        self.bmcs = bmcs

    def show(self, number: int, resources: Tree) -> None:
        """Let a BMC show these resources, and answer again if it was silent."""
        self.bmcs[number].always.clear()
        self.bmcs[number].resources = dict(tree(resources))

    def serve(self, number: int, documents: Mapping[str, bytes]) -> None:
        """Let a BMC answer with these documents, such as a captured tree's; the rest is missing."""
        parsed = {path.rstrip("/"): json.loads(body) for path, body in documents.items()}
        self.bmcs[number].resources = {**parsed, f"{BASE}/": parsed[BASE]}

    async def sweep(self, *numbers: int) -> None:
        """Sweep these BMCs' endpoints in this order."""
        for number in numbers:
            await self._sweeper.sweep(EndpointId(f"bmc-{number}"))

    async def poll(self, number: int) -> None:
        """Poll a BMC's endpoint."""
        await self._poller.poll(EndpointId(f"bmc-{number}"))

    async def count(self) -> int:
        """How many devices there are."""
        return sum(one.devices for one in await self._database.devices.counts())

    async def devices(self) -> dict[str, Device]:
        """Every device, by serial, or by name where it has none."""
        found = await self._database.devices.devices(DeviceFilter(), limit=100)
        whole = [await self._database.devices.device(one.id) for one in found.items]
        known = [one for one in whole if one is not None]
        return {one.description.identity.serial or one.description.name: one for one in known}

    async def history(self, device: DeviceId) -> list[Change]:
        """The history of a device, the oldest first."""
        page = await self._database.devices.history(device, limit=500)
        return list(reversed(page.items))

    async def told(self, device: DeviceId) -> list[tuple[str, str, str]]:
        """Kind, subject and field of what happened to a device since it was added."""
        return [(str(one.kind), one.subject, one.field) for one in await self.history(device)][1:]

    async def endpoint(self, number: int) -> Endpoint:
        """A BMC's endpoint as it is kept."""
        found = await self._database.endpoints.endpoint(EndpointId(f"bmc-{number}"))
        assert found is not None
        return found


@asynccontextmanager
async def running_world(count: int, folder: Path) -> AsyncIterator[World]:
    """So many BMCs that show nothing yet, and a fleetd that knows their addresses."""
    async with AsyncExitStack() as stack:
        bmcs = [await stack.enter_async_context(running_bmc()) for _ in range(count)]
        database = await stack.enter_async_context(open_database(StoreSection(), folder))
        await database.upgrade()
        redfish = section(tls=ANY_CERTIFICATE)
        client = await stack.enter_async_context(RedfishClient(redfish, observer=Witness()))
        clock = Ticking()
        await database.endpoints.save_endpoints(
            [
                Endpoint(
                    id=EndpointId(f"bmc-{number}"),
                    address=bmc.address,
                    source=Source.STATIC,
                    credential=RIGHT.name,
                )
                for number, bmc in enumerate(bmcs)
            ]
        )

        async def sources() -> Sources:
            return Sources(
                discovery=DiscoverySection(), redfish=redfish, site="", entries=(), manifest=()
            )

        contacts = Contacts(
            client=client,
            registry=Registry.load(),
            endpoints=database.endpoints,
            credentials=_Credentials(),
            clock=clock,
            sources=sources,
        )
        sweeper = Sweeper(
            contacts=contacts,
            devices=database.devices,
            clock=clock,
            section=InventorySection,
            observer=_Unobserved(),
            writing=asyncio.Lock(),
        )
        poller = Poller(
            contacts=contacts, devices=database.devices, clock=clock, polled=lambda _: None
        )
        yield World(database, sweeper, poller, bmcs)
