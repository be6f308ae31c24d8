"""What a caller may do to devices: the one place where people change a device's state."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace

from fleetd.domain.device import Change, ChangeKind, Device, DeviceId
from fleetd.domain.errors import Conflict, NotFound
from fleetd.domain.inventory import DEVICE_SECTION
from fleetd.domain.lifecycle import State, require_transition
from fleetd.domain.ports import Clock, DeviceStore, StoredDevice


class DeviceUses:
    """Devices retired, set aside and taken back; also the states that enrollment brings about."""

    def __init__(
        self,
        *,
        devices: DeviceStore,
        clock: Clock,
        changed: Callable[[DeviceId], Awaitable[None]],
        writing: asyncio.Lock,
    ) -> None:
        self._devices = devices
        self._clock = clock
        self._changed = changed
        self._writing = writing

    async def retire(self, device_id: DeviceId, *, reason: str | None) -> Device:
        """Take a device out of service for good, and out of Ironic.

        Raises:
            NotFound: No device has this id.
            Conflict: It is in use.
            InvalidTransition: Its state doesn't allow it.
        """
        return await self._decided(device_id, State.RETIRED, reason)

    async def reinstate(self, device_id: DeviceId) -> Device:
        """Take a retired device back; its next sweep and enrollment find it as a new one's would.

        Raises:
            NotFound: No device has this id.
        """
        device = await self._device(device_id)
        if device.state is not State.RETIRED:
            return device
        await self.move(device_id, State.DISCOVERED, reason=None)
        return await self._decided(device_id, State.INVENTORIED, None)

    async def set_maintenance(self, device_id: DeviceId, *, reason: str) -> Device:
        """Set a device aside because a person said so.

        Raises:
            NotFound: No device has this id.
            InvalidTransition: Its state doesn't allow it.
        """
        return await self._decided(device_id, State.MAINTENANCE, reason)

    async def clear_maintenance(self, device_id: DeviceId) -> Device:
        """Let a device go on from maintenance; without effect where it isn't in it.

        Raises:
            NotFound: No device has this id.
        """
        device = await self._device(device_id)
        if device.state is not State.MAINTENANCE:
            return device
        return await self._decided(device_id, State.INVENTORIED, None)

    async def move(self, device_id: DeviceId, state: State, *, reason: str | None) -> Device:
        """Bring a device to a state by the lifecycle's table, with an entry in its history.

        Raises:
            NotFound: No device has this id.
            Conflict: It would be retired while in use.
            InvalidTransition: The table has no such way.
        """
        async with self._writing:
            device = await self._device(device_id)
            if device.state is state and device.state_reason == reason:
                return device
            if device.state is State.IN_USE and state is State.RETIRED:
                raise Conflict(f"device {device_id} is in use: release its instance first")
            moved = replace(device, state=state, state_reason=reason)
            await self._devices.save([self._entry(device, moved)])
        return moved

    async def _decided(self, device_id: DeviceId, state: State, reason: str | None) -> Device:
        moved = await self.move(device_id, state, reason=reason)
        await self._changed(device_id)
        return moved

    def _entry(self, device: Device, moved: Device) -> StoredDevice:
        if device.state is moved.state:
            return StoredDevice(device=moved, changes=())
        require_transition(device.state, moved.state, subject=f"device {device.id}")
        change = Change(
            device_id=device.id,
            kind=ChangeKind.STATE,
            subject=DEVICE_SECTION,
            field="state",
            before=device.state.value,
            after=moved.state.value,
            at=self._clock.now(),
            sweep_id=str(uuid.uuid4()),
        )
        return StoredDevice(device=moved, changes=(change,))

    async def _device(self, device_id: DeviceId) -> Device:
        device = await self._devices.device(device_id)
        if device is None:
            raise NotFound(f"no device has the id {device_id}")
        return device
