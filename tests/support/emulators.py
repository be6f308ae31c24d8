"""An emulated fleet for tests: in another process, or inside the test's own loop.

Most tests want the process, as a client under test should not share its loop with its servers:

    with emulated_fleet({"servers": [{"personality": "dell"}]}, tmp_path) as fleet:
        fleet.bmcs[0].url, fleet.admin.counters()
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml
import yarl

from fleetd_emulators.fleet import Fleet
from fleetd_emulators.rack import Bmc, Rack, running_fleet

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatedBmc:
    """What the ready file says of one BMC."""

    name: str
    kind: str
    personality: str | None
    url: str
    username: str
    password: str = field(repr=False)
    fingerprint_sha256: str | None
    serial: str
    uuid: str
    macs: list[str]

    @property
    def address(self) -> str:
        """Without the port."""
        return self.url.partition("://")[2].rpartition(":")[0]

    @property
    def port(self) -> int:
        """The port alone."""
        return int(self.url.rpartition(":")[2])


class Admin:
    """The emulators' side channel; it blocks, so from async code call it in a thread."""

    def __init__(self, url: str) -> None:
        self.url = url

    def counters(self, bmc: str | None = None) -> dict[str, Any]:
        """Requests, logins, wrong_logins, open_sessions, peak_in_flight ... by BMC's name.

        Beside the BMCs: ``light``, all light-weight BMCs together, and ``fleet``, the
        connections to all (peak_connections, open_connections).
        """
        answer: dict[str, Any] = self._call("GET", "/counters")
        return answer if bmc is None else dict(answer[bmc])

    def requests(self, bmc: str | None = None) -> list[dict[str, Any]]:
        """Requests in order: bmc, method, path, query, status, duration_ms."""
        answer: list[dict[str, Any]] = self._call(
            "GET", f"/requests?bmc={bmc}" if bmc else "/requests"
        )
        return answer

    def sessions(self) -> dict[str, list[dict[str, str]]]:
        """Open sessions by BMC's name."""
        answer: dict[str, list[dict[str, str]]] = self._call("GET", "/sessions")
        return answer

    def forget_sessions(self, bmc: str | None = None) -> None:
        """Let tokens in use get 401."""
        self._call("DELETE", f"/sessions?bmc={bmc}" if bmc else "/sessions")

    def faults(self, *faults: Mapping[str, Any]) -> None:
        """Put these faults in force instead of the ones before; none is fair weather."""
        self._call("PUT", "/faults", list(faults))

    def reset_counters(self) -> None:
        """Start counting from zero."""
        self._call("POST", "/counters/reset")

    def reboot(self, bmc: str, down_s: float) -> None:
        """Let a BMC refuse connections for a while and lose its sessions."""
        self._call("POST", f"/bmcs/{bmc}/reboot", {"down_s": down_s})

    def down(self, bmc: str) -> None:
        """Take a BMC off the network until ``up``."""
        self._call("POST", f"/bmcs/{bmc}/down")

    def up(self, bmc: str) -> None:
        """Bring a BMC back."""
        self._call("POST", f"/bmcs/{bmc}/up")

    def incident(self, bmc: str, name: str) -> None:
        """Let something befall the device behind a BMC, such as a blade that is pulled."""
        self._call("POST", f"/bmcs/{bmc}/incidents/{name}")

    def light_latency(self, milliseconds: float) -> None:
        """Delay every answer of the light-weight BMCs."""
        self._call("PUT", "/light", {"latency_ms": milliseconds})

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as reply:
            content = reply.read()
        return json.loads(content) if content else None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatedFleet:
    """A fleet in another process."""

    bmcs: list[EmulatedBmc]
    admin: Admin
    process: subprocess.Popen[bytes]
    ssdp: str | None = None

    def bmc(self, name: str) -> EmulatedBmc:
        """The BMC with this name."""
        return next(one for one in self.bmcs if one.name == name)

    def of_kind(self, kind: str) -> list[EmulatedBmc]:
        """The BMCs of a kind, in the fleet's order."""
        return [one for one in self.bmcs if one.kind == kind]


def worker_network() -> str:
    """A /24 of loopback addresses that no other test process takes."""
    return f"127.{1 + os.getpid() % 60}.{os.getpid() // 60 % 256}.0/24"


@contextmanager
def emulated_fleet(spec: Mapping[str, Any], directory: Path) -> Iterator[EmulatedFleet]:
    """Run ``fleetd-emulators serve`` on this FLEET.yaml content; stops it at exit.

    ``pace`` is 0.01 unless the spec says otherwise. The port is free on all addresses.
    """
    path = directory / f"fleet-{time.monotonic_ns()}.yaml"
    path.write_text(yaml.safe_dump({"pace": 0.01, "network": worker_network(), **spec}))
    ready = path.with_suffix(".ready.json")
    log = path.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "fleetd_emulators", "serve", path, "--ready-file", ready],
            stdout=output,
            stderr=output,
        )
    try:
        content = _await_ready(process, ready, log)
        yield EmulatedFleet(
            bmcs=[EmulatedBmc(**bmc) for bmc in content["bmcs"]],
            admin=Admin(content["admin"]),
            process=process,
            ssdp=content["ssdp"],
        )
    finally:
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def _await_ready(process: subprocess.Popen[bytes], ready: Path, log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"the emulators did not start:\n{log.read_text()}")
        time.sleep(0.01)
    content: dict[str, Any] = json.loads(ready.read_text())
    return content


@asynccontextmanager
async def rack_of(**spec: Any) -> AsyncIterator[Rack]:
    """Run a fleet inside this test's own loop; without TLS unless the spec says so."""
    fleet = Fleet.model_validate({"pace": 0.01, "network": worker_network(), "tls": "off", **spec})
    async with running_fleet(fleet) as rack:
        yield rack


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A reply, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


class Client:
    """A plain aiohttp client of one BMC; Basic authentication unless told otherwise."""

    def __init__(self, http: aiohttp.ClientSession, bmc: Bmc | EmulatedBmc) -> None:
        self._http = http
        self._bmc = bmc
        self.basic = {"Authorization": aiohttp.encode_basic_auth(bmc.username, bmc.password)}

    async def ask(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request; ``headers`` replace the Basic credentials."""
        async with self._http.request(
            method,
            yarl.URL(self._bmc.url + path, encoded=True),
            json=json,
            headers=self.basic if headers is None else headers,
            ssl=False,
            timeout=aiohttp.ClientTimeout(total=20),
        ) as reply:
            return Answer(status=reply.status, headers=reply.headers, body=await reply.read())

    async def get(self, path: str, **headers: str) -> Answer:
        """GET with Basic credentials and further headers (underscores for dashes)."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.ask("GET", path, headers={**self.basic, **more})

    async def login(self, *, password: str | None = None) -> Answer:
        """POST a session."""
        return await self.ask(
            "POST",
            "/redfish/v1/SessionService/Sessions",
            json={"UserName": self._bmc.username, "Password": password or self._bmc.password},
            headers={},
        )


@asynccontextmanager
async def client_of(bmc: Bmc | EmulatedBmc) -> AsyncIterator[Client]:
    """A client with connections of its own."""
    async with aiohttp.ClientSession() as http:
        yield Client(http, bmc)


async def until(holds: Callable[[], Awaitable[bool]], timeout_s: float = 5.0) -> None:
    """Ask again and again until it holds; TimeoutError when it never does."""
    async with asyncio.timeout(timeout_s):
        while not await holds():  # noqa: ASYNC110 (what it waits for is in another process)
            await asyncio.sleep(0.005)
