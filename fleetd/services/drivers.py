"""Which drivers there are, and why a device has the one that it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleetd.domain.device import DeviceId, Json
from fleetd.domain.errors import Missing, NotFound
from fleetd.domain.ports import DeviceStore
from fleetd.driverkit.choice import Choice
from fleetd.driverkit.payload import canonical
from fleetd.driverkit.registry import Registry
from fleetd.driverkit.spec import Driver
from fleetd.redfish.probe import read_root
from fleetd.services.inventory.collect import ROOT_PATH, begin_walk


class DriverUses:
    """The installed drivers, and the choice among them for one device."""

    def __init__(self, *, registry: Registry, devices: DeviceStore) -> None:
        self._registry = registry
        self._devices = devices

    def drivers(self) -> tuple[Driver, ...]:
        """Every driver and overlay, by name."""
        return tuple(sorted(self._registry.drivers, key=lambda driver: driver.name))

    def driver(self, name: str) -> Driver:
        """The driver or overlay of that name.

        Raises:
            NotFound: None has it.
        """
        for driver in self._registry.drivers:
            if driver.name == name:
                return driver
        raise NotFound(f"no driver is named {name!r}")

    async def explain(self, device_id: DeviceId) -> Choice:
        """The choice as the last sweep made it, made again from the documents it kept.

        Raises:
            NotFound: No device has this id, or none of its documents are kept.
            DeviceError: The documents hold no service that can be walked.
        """
        if await self._devices.device(device_id) is None:
            raise NotFound(f"no device has the id {device_id}")
        documents = await self._devices.raw(device_id)
        if not documents:
            raise NotFound(f"no documents are kept for {device_id}: have its endpoint read again")
        reader = _Kept(documents)
        root = read_root(await reader.get(ROOT_PATH))
        walk = await begin_walk(reader, self._registry.select(root))
        return walk.choice


class _Kept:
    """Reads the documents of the last sweep as if the BMC answered."""

    def __init__(self, documents: Mapping[str, Json]) -> None:
        self._documents = {canonical(path): body for path, body in documents.items()}

    async def get(self, path: str, *, expand: bool = False) -> dict[str, Any]:
        del expand
        body = self._documents.get(canonical(path))
        if not isinstance(body, dict):
            raise Missing("it isn't kept", endpoint="", uri=path)
        return body
