"""Carrying out on an emulated BMC what a driver's behaviours answer, over real sockets.

async with operated(personality="dell") as bmc:
    documents, begun = await bmc.gather(PowerControl, ComputerSystem=bmc.system)
    await bmc.send(*requests)
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp

from fleetd.config.redfish import TlsSection, Trust
from fleetd.domain.errors import Unreachable
from fleetd.domain.ports import Credential
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.choice import Choice
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.gather import gather
from fleetd.driverkit.registry import Registry
from fleetd.driverkit.request import Request
from fleetd.redfish.client import RedfishClient
from fleetd.redfish.connection import Connection
from fleetd.redfish.probe import read_root
from fleetd.services.inventory.collect import walk_endpoint
from fleetd_emulators.rack import Bmc, Rack
from tests.support.emulators import rack_of
from tests.support.redfish_side import Witness, section

B = TypeVar("B", bound=Behaviour)
ROOT = "/redfish/v1/"
PATIENCE_S = 10.0
# Equipment of which a fleet has so many, all alike.
COUNTED = frozenset({"switches", "pdus", "transfer_switches", "power_shelves", "cdus"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The whole answer to a change."""

    status: int
    headers: Mapping[str, str]
    body: Any


class OperatedBmc:
    """One emulated BMC with the driver that fleetd chose for it."""

    def __init__(self, rack: Rack, bmc: Bmc, connection: Connection, choice: Choice) -> None:
        self.rack = rack
        self.bmc = bmc
        self.connection = connection
        self.choice = choice
        self.image = b"\x7fimage of some bytes"
        self.system = ""
        self.manager = ""
        self.chassis = ""

    async def find_places(self) -> None:
        root = await self.get(ROOT)
        self.system = await self.first(root, "Systems")
        self.manager = await self.first(root, "Managers")
        self.chassis = await self.first(root, "Chassis")

    async def first(self, holder: Mapping[str, Any], name: str) -> str:
        if name not in holder:
            return ""
        members = (await self.get(holder[name]["@odata.id"]))["Members"]
        return str(members[0]["@odata.id"]) if members else ""

    async def get(self, path: str) -> dict[str, Any]:
        return await self.connection.get(path)

    def behaviour(self, kind: type[B]) -> B:
        found = self.choice.behaviour(kind)
        assert found is not None, f"{self.choice.name} lacks {kind.__name__}"
        return found

    async def gather(
        self, kind: type[Behaviour], **starts: str
    ) -> tuple[Documents, dict[str, Resource]]:
        return await gather(self.connection, self.choice, self.behaviour(kind), **starts)

    async def send(self, *requests: Request) -> list[Answered]:
        """Send each in its order; the first that is refused raises."""
        return [await self._send(request) for request in requests]

    async def _send(self, request: Request) -> Answered:
        if request.parts or request.sends_image or request.headers:
            return await self._upload(request)
        answer = await self.connection.request(request.method, request.path, request.body)
        return Answered(
            status=answer.status,
            headers=answer.headers,
            body=json.loads(answer.body) if answer.body else None,
        )

    async def _upload(self, request: Request) -> Answered:
        proof = aiohttp.encode_basic_auth(self.bmc.username, self.bmc.password)
        headers = {**request.headers, "Authorization": proof}
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                request.method,
                self.bmc.url + request.path,
                data=self._content(request),
                headers=headers,
                ssl=False,
            ) as reply,
        ):
            content = await reply.read()
            assert reply.status < 300, (reply.status, content)
            body = json.loads(content) if content else None
            return Answered(status=reply.status, headers=reply.headers, body=body)

    def _content(self, request: Request) -> Any:
        if request.sends_image:
            return self.image
        if not request.parts:
            return json.dumps(request.body).encode()
        form = aiohttp.FormData()
        for part in request.parts:
            if part.json is None:
                form.add_field(
                    part.name,
                    self.image,
                    filename=part.filename,
                    content_type="application/octet-stream",
                )
            else:
                form.add_field(part.name, json.dumps(part.json), content_type="application/json")
        return form

    async def until(
        self, path: str, condition: Callable[[Mapping[str, Any]], bool]
    ) -> Mapping[str, Any]:
        """Read a resource until the condition holds; gives the last answer."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    body = await self.get(path)
                    if condition(body):
                        return body
                except Unreachable:  # a BMC that restarts is away for a while
                    self.connection.answered()
                await asyncio.sleep(0.01)


def connect(client: RedfishClient, bmc: Bmc, choice: Choice) -> Connection:
    return client.connect(
        bmc.url,
        credential=Credential(name="t", username=bmc.username, password=bmc.password),
        tls=TlsSection(trust=Trust.NONE),
        fingerprint=None,
        traits=choice.traits,
        driver=choice.name,
    )


@asynccontextmanager
async def operated(
    registry: Registry | None = None,
    kind: str = "servers",
    habits: Mapping[str, Any] | None = None,
    **server: Any,
) -> AsyncIterator[OperatedBmc]:
    """One emulated device, connected as fleetd connects, with its driver chosen as a sweep does."""
    spec = {kind: 1 if kind in COUNTED else [server], "habits": [habits] if habits else []}
    async with (
        rack_of(**spec) as rack,
        RedfishClient(section(), observer=Witness()) as client,
    ):
        (bmc,) = rack.bmcs
        known = registry or Registry.load()
        body = await connect(client, bmc, known.choose(Facts())).get(ROOT)
        first = known.select(read_root(body))
        connection = connect(client, bmc, first)
        choice = (await walk_endpoint(connection, first)).choice
        operated_bmc = OperatedBmc(rack, bmc, connect(client, bmc, choice), choice)
        await operated_bmc.find_places()
        yield operated_bmc
