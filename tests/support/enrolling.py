"""A daemon that enrolls an emulated fleet: Ironic seen by itself, and the proxy before it."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError

from fleetd_emulators.lab import IronicEndpoint
from tests.support.daemon import Daemon, configuration
from tests.support.emulators import EmulatedBmc, EmulatedFleet
from tests.support.ironic import IronicProxy, ironic_proxy

VERSION: Final = "1.81"
ARRIVAL_S: Final = 90.0
"""In which a handful of servers is available, also on a machine that others use as well."""
_SEEDS: Final = count(1)
_BETWEEN_S: Final = 0.25
_THREAD_TIMEOUT_S: Final = 10.0


def patiently(holds: Callable[[], object]) -> None:
    """Ask again until it holds; seldom, as asking Ironic often keeps it from its work.

    Raises:
        AssertionError: It did not within the time in which servers arrive.
    """
    deadline = time.monotonic() + ARRIVAL_S
    while not holds():
        assert time.monotonic() < deadline, "it never held"
        time.sleep(_BETWEEN_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """A real Ironic as its own administrator sees it; nothing here goes through fleetd."""

    ironic: IronicEndpoint

    def nodes_at(self, bmc: EmulatedBmc) -> list[dict[str, Any]]:
        """The nodes whose BMC this is, in full."""
        nodes = self.ask("GET", "/v1/nodes/detail?limit=1000")["nodes"]
        return [one for one in nodes if bmc.url in str(one["driver_info"])]

    def node_at(self, bmc: EmulatedBmc) -> dict[str, Any]:
        """The one node whose BMC this is."""
        (node,) = self.nodes_at(bmc)
        return node

    def states(self, bmcs: list[EmulatedBmc]) -> list[str]:
        """The provision states of the nodes of these BMCs."""
        return [node["provision_state"] for bmc in bmcs for node in self.nodes_at(bmc)]

    def inventory(self, uuid: str) -> dict[str, Any]:
        """What Ironic's own inspection found."""
        found: dict[str, Any] = self.ask("GET", f"/v1/nodes/{uuid}/inventory")["inventory"]
        return found

    def macs(self, uuid: str) -> set[str]:
        """The addresses of a node's ports."""
        ports = self.ask("GET", f"/v1/ports?node={uuid}")["ports"]
        return {port["address"] for port in ports}

    def make_node(self, bmc: EmulatedBmc, **attributes: Any) -> str:
        """Make a node by hand, with what is needed to reach the BMC and nothing else."""
        body = {
            "driver": "redfish",
            "driver_info": {
                "redfish_address": bmc.url,
                "redfish_username": bmc.username,
                "redfish_password": bmc.password,
                "redfish_verify_ca": False,
            },
            **attributes,
        }
        return str(self.ask("POST", "/v1/nodes", body)["uuid"])

    def provision(self, uuid: str, verb: str) -> None:
        """Ask for a change of provision state."""
        self.ask("PUT", f"/v1/nodes/{uuid}/states/provision", {"target": verb})

    def patch(self, uuid: str, values: Mapping[str, Any]) -> None:
        """Set attributes of a node, by path."""
        patch = [{"op": "add", "path": path, "value": value} for path, value in values.items()]
        self.ask("PATCH", f"/v1/nodes/{uuid}", patch)

    def await_state(self, uuid: str, state: str) -> None:
        """Wait until the node is there."""

        def there() -> bool:
            node = self.ask("GET", f"/v1/nodes/{uuid}")
            assert not node["provision_state"].endswith("failed"), node["last_error"]
            return bool(node["provision_state"] == state)

        patiently(there)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request.

        Raises:
            AssertionError: Ironic refused it; says why.
        """
        login = f"{self.ironic.username}:{self.ironic.password}"
        request = urllib.request.Request(
            self.ironic.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Content-Type": "application/json",
                "X-OpenStack-Ironic-API-Version": VERSION,
                "Authorization": f"Basic {b64encode(login.encode()).decode()}",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                content = reply.read()
        except HTTPError as error:
            raise AssertionError(f"{method} {path}: {error} {error.read()!r}") from error
        return json.loads(content) if content else None


def some_servers(*groups: Mapping[str, Any] | str, **more: Any) -> dict[str, Any]:
    """A FLEET.yaml with these servers, whose machines no other fleet of this process has.

    Ironic is shared by a worker's tests, and takes no MAC twice.
    """
    servers = [{"personality": one} if isinstance(one, str) else dict(one) for one in groups]
    return {"seed": next(_SEEDS), "servers": servers, **more}


def enrolling(
    fleet: EmulatedFleet,
    directory: Path,
    proxy: IronicProxy,
    ironic: IronicEndpoint,
    **sections: Any,
) -> dict[str, Any]:
    """A configuration that enrolls this fleet through the proxy; ``ironic_section`` adds to it."""
    password = directory / "ironic.password"
    password.touch(mode=0o600)
    password.write_text(str(ironic.password))
    section = {
        "enabled": True,
        "url": proxy.url,
        "username": ironic.username,
        "password": f"file:{password}",
        "bmc_verify": False,
        **sections.pop("ironic_section", {}),
    }
    quiet = {"interval": "6h", "poll_interval": "6h"}
    return configuration(fleet, directory, ironic=section, inventory=quiet, **sections)


def standings(daemon: Daemon) -> dict[str, dict[str, Any]]:
    """The enrollments by BMC's address."""
    endpoints = {one["id"]: one["address"] for one in daemon.items("/v1/endpoints")}
    devices = {one["id"]: endpoints[one["endpoint_id"]] for one in daemon.items("/v1/devices")}
    return {devices[one["device_id"]]: one for one in daemon.items("/v1/enrollments")}


def standing_of(daemon: Daemon, bmc: EmulatedBmc) -> str | None:
    """Where the server at this BMC stands, as fleetd tells it."""
    found = standings(daemon).get(bmc.url)
    return found["standing"] if found else None


def await_standing(daemon: Daemon, bmcs: list[EmulatedBmc], standing: str) -> None:
    """Wait until all these servers stand there."""
    patiently(lambda: all(standing_of(daemon, bmc) == standing for bmc in bmcs))


def device_at(daemon: Daemon, bmc: EmulatedBmc) -> dict[str, Any]:
    """The server at this BMC."""
    endpoints = {one["address"]: one["id"] for one in daemon.items("/v1/endpoints")}
    (device,) = daemon.items(f"/v1/devices?kind=server&endpoint={endpoints[bmc.url]}")
    return device


def await_end(daemon: Daemon, *operations: Mapping[str, Any]) -> list[str]:
    """Wait until operations are over; how they ended."""

    def seen() -> list[dict[str, Any]]:
        return [daemon.get(f"/v1/operations/{one['id']}") for one in operations]

    patiently(lambda: all(one["finished_at"] for one in seen()))
    return [one["state"] for one in seen()]


@contextmanager
def proxied(ironic: IronicEndpoint) -> Iterator[IronicProxy]:
    """The proxy on a loop in a thread of its own, for tests that wait for a process."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="ironic-proxy")
    thread.start()
    try:
        context = ironic_proxy(ironic)
        running = asyncio.run_coroutine_threadsafe(context.__aenter__(), loop)
        proxy = running.result(_THREAD_TIMEOUT_S)
        try:
            yield proxy
        finally:
            ending = asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop)
            ending.result(_THREAD_TIMEOUT_S)
            asyncio.run_coroutine_threadsafe(_end_others(), loop).result(_THREAD_TIMEOUT_S)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end_others() -> None:
    """End the answers that are still held back."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for one in others:
        one.cancel()
    await asyncio.gather(*others, return_exceptions=True)
