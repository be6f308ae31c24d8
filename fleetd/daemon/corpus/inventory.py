"""Inventorying served trees as BMCs are: over HTTP, by the real client and drivers."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from fleetd.config.redfish import RedfishSection, TlsSection
from fleetd.daemon.corpus.tree import Place
from fleetd.domain.device import EndpointId
from fleetd.domain.errors import ConfigError
from fleetd.domain.inventory import Reading
from fleetd.domain.ports import Credential
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd.redfish.client import RedfishClient
from fleetd.services.inventory.collect import read_endpoint

_START_S: Final = 60.0
_STOP_S: Final = 10.0
_POLL_S: Final = 0.05
_TIMEOUT_S: Final = 30.0
_SECTION: Final = RedfishSection(requests_per_endpoint=4, retries=0)
_EXTRA: Final = "captured trees are served by fleetd-emulators, which isn't installed"


class _Unheard:
    """Requests to a captured tree are nobody's metric."""

    def observe(self, driver: str, method: str, outcome: str, seconds: float) -> None:
        pass


@asynccontextmanager
async def client() -> AsyncIterator[RedfishClient]:
    """The client that reads trees."""
    async with RedfishClient(_SECTION, observer=_Unheard()) as one:
        yield one


async def inventory(client: RedfishClient, registry: Registry, url: str, name: str) -> Reading:
    """Read one tree as a sweep reads an endpoint.

    Raises:
        DeviceError: There is no service root to begin at.
    """
    tls = TlsSection()
    probed = await client.probe(url, tls=tls, fingerprint=None, timeout=_TIMEOUT_S)
    choice = registry.choose(Facts.of_root(probed.root))
    connection = client.connect(
        url,
        credential=Credential(name="corpus", username="corpus", password="corpus"),  # noqa: S106 - any will do
        tls=tls,
        fingerprint=None,
        traits=choice.traits,
        driver=choice.name,
    )
    try:
        return await read_endpoint(connection, probed.root, choice, endpoint_id=EndpointId(name))
    finally:
        await client.forget(url)


@asynccontextmanager
async def served(places: Sequence[Place]) -> AsyncIterator[list[str]]:
    """Serve the trees in a process of their own; where each is, in their order.

    Raises:
        ConfigError: The emulators aren't installed, or don't start.
    """
    if find_spec("fleetd_emulators") is None:
        raise ConfigError(_EXTRA)
    with tempfile.TemporaryDirectory(prefix="fleetd-corpus-") as scratch:
        ready = Path(scratch) / "ready.json"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "fleetd_emulators", "mockup",
            *(str(place.directory) for place in places), "--ready-file", str(ready),
            stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE,
        )  # fmt: skip
        try:
            yield await _ready(process, ready)
        finally:
            await _stop(process)


async def _ready(process: Process, ready: Path) -> list[str]:
    try:
        async with asyncio.timeout(_START_S):
            while not ready.exists():
                if process.returncode is not None:
                    assert process.stderr is not None  # noqa: S101 - it was piped
                    last = (await process.stderr.read()).decode(errors="replace").strip()
                    raise ConfigError(f"the trees can't be served: {last.splitlines()[-1:]}")
                await asyncio.sleep(_POLL_S)
    except TimeoutError as error:
        raise ConfigError(f"the trees aren't served after {_START_S:g} s") from error
    told = json.loads(ready.read_text(encoding="utf-8"))
    return [mockup["url"] for mockup in told["mockups"]]


async def _stop(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(_STOP_S):
            await process.communicate()
    except TimeoutError:
        process.kill()
        await process.communicate()
