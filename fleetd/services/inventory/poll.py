"""A poll: power and health of an endpoint's devices, one request each, between two sweeps."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import timedelta

from fleetd.domain.device import Device, EndpointId, Health, PowerState
from fleetd.domain.errors import (
    DeclarationError,
    DeviceError,
    Missing,
    SecretUnavailable,
    Unreachable,
)
from fleetd.domain.lifecycle import State
from fleetd.domain.ports import Clock, DeviceStore, Standing
from fleetd.driverkit.payload import health, power_state
from fleetd.services.inventory.contact import Contact, Contacts

_DEADLINE = timedelta(minutes=2)
_NOT_SHOWN = frozenset({State.UNREACHABLE, State.RETIRED})


class Poller:
    """Polls endpoints whose devices are known; finding new ones is the sweep's work."""

    def __init__(
        self,
        *,
        contacts: Contacts,
        devices: DeviceStore,
        clock: Clock,
        polled: Callable[[float], None],
    ) -> None:
        self._contacts = contacts
        self._devices = devices
        self._clock = clock
        self._polled = polled

    async def poll(self, endpoint_id: EndpointId) -> None:
        """Read power and health of every device at an endpoint.

        Raises:
            NotFound: No endpoint has this id.
            DeviceError, SecretUnavailable: It could not be read; the endpoint says why.
        """
        started = time.monotonic()
        endpoint = await self._contacts.endpoint(endpoint_id)
        candidates = await self._devices.candidates(
            endpoint_id=endpoint_id, serials=(), uuids=(), macs=()
        )
        here = [device for device in candidates if device.endpoint_id == endpoint_id]
        # A blade that was pulled would be asked for in vain; what took its place is asked instead.
        mine = [device for device in here if device.state not in _NOT_SHOWN] or here
        if not mine:
            return
        try:
            async with asyncio.timeout(_DEADLINE.total_seconds()):
                contact = await self._contacts.again(endpoint)
                try:
                    standings = await self._standings(contact, mine)
                finally:
                    await self._contacts.leave(contact)
        except TimeoutError as error:
            late = Unreachable(f"no answer within {_DEADLINE}", endpoint=endpoint.address)
            await self._contacts.lost(endpoint, late)
            raise late from error
        except (DeviceError, SecretUnavailable, DeclarationError) as error:
            await self._contacts.lost(endpoint, error)
            raise
        await self._devices.save_standings(standings)
        await self._contacts.polled(contact.endpoint)
        self._polled(time.monotonic() - started)

    async def _standings(self, contact: Contact, devices: Iterable[Device]) -> list[Standing]:
        """Of each device that is there; one that isn't any more is the next sweep's business."""
        standings: list[Standing] = []
        gone: Missing | None = None
        for device in devices:
            try:
                standings.append(await self._standing(contact, device))
            except Missing as error:
                gone = error
        if gone is not None and not standings:
            raise gone
        return standings

    async def _standing(self, contact: Contact, device: Device) -> Standing:
        """What the device's own resource says; where it's silent, what the sweep found stays."""
        document = await contact.connection.get(device.description.identity.path)
        said_health = health(document, rolled_up=True)
        said_power = power_state(document)
        known = device.description
        return Standing(
            device_id=device.id,
            health=known.health if said_health is Health.UNKNOWN else said_health,
            power_state=known.power_state if said_power is PowerState.UNKNOWN else said_power,
            seen_at=self._clock.now(),
        )
