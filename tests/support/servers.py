"""A client of one emulated server's backend, and the clock it lives by."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from fleetd_emulators.hardware import Personality, Server
from fleetd_emulators.protocol.exchange import Request, Response
from fleetd_emulators.servers.catalogue import server
from fleetd_emulators.servers.documents import LAYOUTS, Layout
from fleetd_emulators.servers.emulated import ServerBackend, server_backend
from fleetd_emulators.servers.habits import Habits, habits_of

ALL = list(Personality)


@dataclass(slots=True)
class HandClock:
    """Seconds that pass when the test says so."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Answer:
    """A response with its body read."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def message_id(self) -> str:
        info = self.body["error"]["@Message.ExtendedInfo"][0]
        return str(info["MessageId"]).rpartition(".")[2]


@dataclass(slots=True)
class Bmc:
    """Speaks to one backend as its front would."""

    hardware: Server
    clock: HandClock = field(default_factory=HandClock)
    habits: Habits | None = None
    backend: ServerBackend = field(init=False)

    def __post_init__(self) -> None:
        self.backend = server_backend(self.hardware, clock=self.clock, habits=self.habits)

    @property
    def layout(self) -> Layout:
        return LAYOUTS[self.hardware.personality]

    async def ask(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> Answer:
        given = {"if-match": "*"} if method == "PATCH" and headers is None else headers or {}
        raw = body if isinstance(body, bytes) else b"" if body is None else _encode(body)
        response = await self.backend.handle(
            Request(method=method, path=path.rstrip("/"), headers=given, body=raw)
        )
        return _answer(response)

    async def get(self, path: str) -> Any:
        answer = await self.ask("GET", path)
        assert answer.status == 200, answer
        return answer.body

    async def system(self) -> Any:
        return await self.get(self.layout.system_path)

    @property
    def boot_path(self) -> str:
        """Where Boot is changed; MegaRAC has a place for the future (quirk AMI-003)."""
        is_ami = self.hardware.personality is Personality.AMI
        return f"{self.layout.system_path}/SD" if is_ami else self.layout.system_path

    async def reset(self, reset_type: str) -> Answer:
        target = f"{self.layout.system_path}/Actions/ComputerSystem.Reset"
        return await self.ask("POST", target, {"ResetType": reset_type})

    async def boot(self) -> None:
        """Start the host, or start it again, and wait until it runs."""
        on = (await self.system())["PowerState"] == "On"
        assert (await self.reset("ForceRestart" if on else "On")).status < 300
        self.clock.now += 5
        assert (await self.system())["PowerState"] == "On"

    async def update(self, image: str, *targets: str) -> Answer:
        if self.hardware.personality is Personality.OPENBMC:
            image = image.replace("http://", "https://")  # the only scheme it takes (OBM-006)
        body = {"ImageURI": image, "Targets": list(targets)} if targets else {"ImageURI": image}
        target = "/redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate"
        return await self.ask("POST", target, body)

    async def pending(self) -> Any:
        """The BIOS settings that wait; Supermicro leaves the key out when none do (SMC-013)."""
        return (await self.get(self.layout.bios_settings_path)).get("Attributes", {})

    async def inventory(self) -> dict[str, str]:
        """Versions by name, as the firmware inventory tells them."""
        collection = await self.get("/redfish/v1/UpdateService/FirmwareInventory")
        entries = [await self.get(member["@odata.id"]) for member in collection["Members"]]
        return {entry["Name"]: entry["Version"] for entry in entries}


def bmc(personality: Personality, number: int = 0, **habits: Any) -> Bmc:
    """One server of a personality; habits are other than its vendor's."""
    own = replace(habits_of(personality), **habits)
    return Bmc(server(personality, number), habits=own)


def another_choice(hardware: Server) -> tuple[str, str]:
    """A BIOS attribute that may be changed at once, and a value that it has not."""
    for setting in hardware.bios:
        if setting.choices and not setting.read_only and setting.needs is None:
            return setting.name, next(c for c in setting.choices if c != setting.value)
    raise AssertionError("no BIOS attribute has a choice")


def _encode(body: object) -> bytes:
    return json.dumps(body).encode()


def _answer(response: Response) -> Answer:
    body = json.loads(response.body) if response.body else None
    return Answer(status=response.status, body=body, headers=response.headers)
