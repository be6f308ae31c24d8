"""What a caller may do to endpoints."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from fleetd.domain.device import Device, EndpointId
from fleetd.domain.endpoint import Endpoint, Source, endpoint_id
from fleetd.domain.errors import Conflict, NotFound
from fleetd.domain.lifecycle import State
from fleetd.domain.ports import Clock, DeviceStore, EndpointStore
from fleetd.redfish.client import RedfishClient
from fleetd.services.devices import DeviceUses
from fleetd.services.discovery.credentials import require_login_allowed
from fleetd.services.discovery.sources import Sources
from fleetd.services.inventory.rounds import Rounds
from fleetd.services.inventory.settle import ENDPOINT_REMOVED
from fleetd.services.work import WorkItem


class EndpointUses:
    """Endpoints added, removed and refreshed by people."""

    def __init__(
        self,
        *,
        endpoints: EndpointStore,
        devices: DeviceStore,
        device_uses: DeviceUses,
        client: RedfishClient,
        rounds: Rounds,
        clock: Clock,
        sources: Callable[[], Awaitable[Sources]],
        writing: asyncio.Lock,
    ) -> None:
        self._endpoints = endpoints
        self._devices = devices
        self._device_uses = device_uses
        self._client = client
        self._rounds = rounds
        self._clock = clock
        self._sources = sources
        self._writing = writing

    async def add(
        self,
        *,
        address: str,
        credential: str | None = None,
        fingerprint: str | None = None,
        site: str | None = None,
        labels: Mapping[str, str],
    ) -> Endpoint:
        """Remember an endpoint and have it read soon.

        Raises:
            Conflict: The address is already known.
            InvalidInput: The credential isn't configured.
            ShuttingDown: The daemon takes no new work.
        """
        sources = await self._sources()
        sources.require_known(credential)
        if await self._endpoints.endpoint_at(address) is not None:
            raise Conflict(f"{address} is already an endpoint")
        endpoint = Endpoint(
            id=endpoint_id(address),
            address=address,
            source=Source.API,
            credential=credential,
            fingerprint=fingerprint,
            site=site or sources.site,
            labels=tuple(sorted(labels.items())),
            first_seen=self._clock.now(),
        )
        await self._endpoints.save_endpoints([endpoint])
        await self._rounds.request(endpoint.id)
        return endpoint

    async def remove(self, endpoint: EndpointId) -> None:
        """Log out of an endpoint, retire its devices and forget it.

        Raises:
            NotFound: No endpoint has this id.
            Conflict: One of its devices is in use.
        """
        known = await self._known(endpoint)
        async with self._writing:
            # A sweep under way has stored before, or finds no endpoint when it wants to.
            for device in await self._devices_at(endpoint):
                if device.state is State.IN_USE:
                    raise Conflict(f"device {device.id} at {known.address} is in use")
            await self._endpoints.delete_endpoint(endpoint)
        self._rounds.forget(endpoint)
        for device in await self._devices_at(endpoint):
            if device.state is not State.RETIRED:
                await self._device_uses.retire(device.id, reason=ENDPOINT_REMOVED)
        await self._client.forget(known.address)

    async def refresh(self, endpoint: EndpointId) -> WorkItem:
        """Start a sweep of one endpoint, or join the one that waits.

        Raises:
            NotFound: No endpoint has this id.
            CredentialHeld: A login was refused a short while ago.
            ShuttingDown: The daemon takes no new work.
        """
        known = await self._known(endpoint)
        window = (await self._sources()).discovery.lockout_window
        require_login_allowed(known, now=self._clock.now(), window=window)
        return await self._rounds.request(endpoint)

    async def _known(self, endpoint: EndpointId) -> Endpoint:
        known = await self._endpoints.endpoint(endpoint)
        if known is None:
            raise NotFound(f"no endpoint has the id {endpoint}")
        return known

    async def _devices_at(self, endpoint: EndpointId) -> list[Device]:
        found = await self._devices.candidates(endpoint_id=endpoint, serials=(), uuids=(), macs=())
        return [device for device in found if device.endpoint_id == endpoint]
