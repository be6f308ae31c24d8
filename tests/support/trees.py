"""Readers over documents in memory: emulated machines, captured trees, and ways to fail."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from fleetd.domain.device import EndpointId
from fleetd.domain.errors import DeviceError, Malformed, Missing, Refused
from fleetd.domain.inventory import Reading
from fleetd.driverkit.payload import canonical
from fleetd.driverkit.registry import Registry
from fleetd.redfish.probe import read_root
from fleetd.services.inventory.collect import read_endpoint
from fleetd_emulators.hardware import Neighbour, Personality, Server
from fleetd_emulators.servers import catalogue

ENDPOINT = EndpointId("endpoint-1")
_REPOSITORY = Path(__file__).parents[2]
CAPTURES = Path(os.environ.get("FLEETD_MOCKUPS", _REPOSITORY.parent / "shared" / "mockups"))


class TreeReader:
    """Reads documents from a mapping; paths are compared as BMCs do, and each ask is counted.

    ``fails`` gives an error instead of a document; a bytes value that is no JSON is malformed.
    ``expanded`` holds the collections that were asked for with their members.
    """

    def __init__(
        self, documents: Mapping[str, Any], fails: Mapping[str, DeviceError] | None = None
    ) -> None:
        self._documents = {canonical(path): body for path, body in documents.items()}
        self._fails = {canonical(path): error for path, error in (fails or {}).items()}
        self.asked: list[str] = []
        self.expanded: list[str] = []

    async def get(self, path: str, *, expand: bool = False) -> dict[str, Any]:
        self.asked.append(path)
        if expand:
            self.expanded.append(path)
        key = canonical(path)
        if key in self._fails:
            raise self._fails[key]
        body = self._documents.get(key)
        if body is None:
            raise Missing("no such resource", endpoint="tree", uri=path)
        if isinstance(body, bytes):
            body = _parse(body, path)
        if "error" in body and "@odata.id" not in body:
            raise Refused("an error", endpoint="tree", uri=path)
        return dict(body)


def _parse(content: bytes, path: str) -> dict[str, Any]:
    try:
        body: dict[str, Any] = json.loads(content)
    except ValueError as error:
        raise Malformed("broken JSON", endpoint="tree", uri=path) from error
    return body


async def read(reader: TreeReader, registry: Registry, **limits: Any) -> Reading:
    """Read an endpoint as a sweep does, from the unauthenticated root on."""
    body = await reader.get("/redfish/v1/")
    root = read_root(body)
    reader.asked.clear()
    return await read_endpoint(reader, root, registry.select(root), endpoint_id=ENDPOINT, **limits)


def emulated_server(personality: Personality, number: int = 3, gpus: int = 0) -> Server:
    """A server with a neighbour on its first port."""
    server = catalogue.server(personality, number, gpus=gpus)
    neighbour = Neighbour(
        chassis_id="aa:bb:cc:00:00:01", port_id="Ethernet1/3", system_name="tor-1"
    )
    return catalogue.wired(server, {server.macs[0]: neighbour}, {})


def captures() -> list[str]:
    """The names of the captured trees that lie here; none on most machines."""
    return sorted(path.name.removesuffix(".tar.xz") for path in CAPTURES.glob("*.tar.xz"))


@lru_cache(maxsize=4)
def captured(name: str) -> Mapping[str, bytes]:
    """The documents of a captured tree, as they were, by path."""
    found: dict[str, bytes] = {}
    with tarfile.open(CAPTURES / f"{name}.tar.xz", "r:xz") as archive:
        for member in archive:
            path = PurePosixPath(member.name)
            content = archive.extractfile(member) if path.name == "index.json" else None
            if content is not None:
                found["/" + "/".join(path.parts[1:-1])] = content.read()
    return found
