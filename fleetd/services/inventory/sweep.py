"""A sweep: read one endpoint whole, recognise its devices, keep what changed."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final, Protocol

import structlog

from fleetd.config.daemon import InventorySection
from fleetd.domain.belonging import claims, known_as
from fleetd.domain.device import Device, DeviceId, EndpointId
from fleetd.domain.endpoint import Endpoint
from fleetd.domain.errors import (
    DeclarationError,
    DeviceError,
    FleetError,
    SecretUnavailable,
    Unreachable,
)
from fleetd.domain.inventory import Problem, Reading
from fleetd.domain.ports import Clock, DeviceStore, StoredDevice
from fleetd.services.inventory.collect import ROOT_PATH, read_endpoint
from fleetd.services.inventory.contact import Contact, Contacts
from fleetd.services.inventory.settle import settle
from fleetd.services.inventory.silence import Sweep, silence

_log = structlog.get_logger(__name__)
_NO_DEVICE: Final = "no-device"
_NO_DEVICE_MESSAGE: Final = (
    "a Redfish service without a device: its service root leads to no system, storage, switch, "
    "PDU or cooling unit"
)
_SECOND_ADDRESS_MESSAGE: Final = (
    "its device is known at another endpoint, and stays there as long as that one answers"
)


class SweepObserver(Protocol):
    """Counts sweeps for the metrics."""

    def swept(self, *, driver: str, outcome: str, seconds: float) -> None:
        """A sweep ended; ``outcome`` is ``ok``, ``partial`` or an error's code."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep came to: the devices that changed, and whether another can wait."""

    changed: tuple[DeviceId, ...]
    settled: bool


class Sweeper:
    """Sweeps endpoints; one at a time each, since its queue never hands out a key twice."""

    def __init__(
        self,
        *,
        contacts: Contacts,
        devices: DeviceStore,
        clock: Clock,
        section: Callable[[], InventorySection],
        observer: SweepObserver,
        writing: asyncio.Lock,
    ) -> None:
        self._contacts = contacts
        self._devices = devices
        self._clock = clock
        self._section = section
        self._observer = observer
        self._writing = writing

    async def sweep(self, endpoint_id: EndpointId) -> Swept:
        """Read an endpoint and store what it showed.

        Raises:
            NotFound: No endpoint has this id.
            DeviceError, SecretUnavailable: It could not be read; the endpoint says why.
            StoreError: Nothing was written.
        """
        started = time.monotonic()
        endpoint = await self._contacts.endpoint(endpoint_id)
        section = self._section()
        try:
            async with asyncio.timeout(section.deadline.total_seconds()):
                contact = await self._contacts.reach(endpoint)
                try:
                    reading = await self._read(contact)
                finally:
                    await self._contacts.leave(contact)
        except TimeoutError as error:
            late = Unreachable(
                f"the sweep took longer than {section.deadline}", endpoint=endpoint.address
            )
            await self._failed(endpoint, late, started)
            raise late from error
        except (DeviceError, SecretUnavailable, DeclarationError) as error:
            await self._failed(endpoint, error, started)
            raise
        stored = await self._store(contact.endpoint, reading, keep=section.raw_documents)
        seconds = time.monotonic() - started
        gap = _gap(reading, stored)
        # With the managers read, the driver may be another than the root alone let choose.
        swept = replace(contact.endpoint, driver=reading.driver)
        await self._contacts.swept(swept, seconds=seconds, gap=gap)
        outcome = "partial" if reading.problems else "ok"
        self._observer.swept(driver=reading.driver, outcome=outcome, seconds=seconds)
        self._report(contact.endpoint, reading, stored, seconds)
        return Swept(
            changed=tuple(item.device.id for item in stored if item.changes),
            settled=gap is None or gap.code == _NO_DEVICE,
        )

    async def _read(self, contact: Contact) -> Reading:
        root = contact.endpoint.root
        assert root is not None  # noqa: S101 - reach() has just read it
        return await read_endpoint(
            contact.connection, root, contact.choice, endpoint_id=contact.endpoint.id
        )

    async def _store(
        self, endpoint: Endpoint, reading: Reading, *, keep: bool
    ) -> tuple[StoredDevice, ...]:
        identities = [description.identity for description in reading.descriptions]
        async with self._writing:
            await self._contacts.endpoint(endpoint.id)  # it may have been removed meanwhile
            known = await self._devices.candidates(
                endpoint_id=endpoint.id,
                serials=[item.serial for item in identities if item.serial],
                uuids=[item.uuid for item in identities if item.uuid],
                macs=[mac for item in identities for mac in item.macs],
            )
            sweep = await self._sweep(endpoint, known)
            kin = await self._kin(reading, known)
            stored = settle(reading, known, sweep, kin=kin, keep_documents=keep)
            if stored:
                await self._devices.save(stored)
        return stored

    async def _kin(self, reading: Reading, known: Iterable[Device]) -> tuple[Device, ...]:
        """The devices elsewhere that may hold those here or be held by them, and who else may."""
        here = reading.descriptions
        kin = await self._devices.kin(
            held=[name for one in here for name in known_as(one.identity)],
            claimed=[name for one in here for name in claims(one.components)],
            holders=[device.id for device in known],
        )
        claimants = await self._devices.kin(
            held=[name for one in kin for name in known_as(one.description.identity)],
            claimed=(),
            holders=(),
        )
        return (*kin, *claimants)

    async def _failed(self, endpoint: Endpoint, error: FleetError, started: float) -> None:
        failed = await self._contacts.lost(endpoint, error)
        if isinstance(error, Unreachable):
            await self._silence(failed, error.reason)
        self._observer.swept(
            driver=endpoint.driver or "unknown",
            outcome=error.code,
            seconds=time.monotonic() - started,
        )

    async def _silence(self, endpoint: Endpoint, reason: str) -> None:
        async with self._writing:
            known = await self._devices.candidates(
                endpoint_id=endpoint.id, serials=(), uuids=(), macs=()
            )
            mine = [device for device in known if device.endpoint_id == endpoint.id]
            gone = silence(mine, await self._sweep(endpoint, mine), reason)
            if gone:
                await self._devices.save(gone)

    async def _sweep(self, endpoint: Endpoint, known: Iterable[Device]) -> Sweep:
        elsewhere = {device.endpoint_id for device in known} - {endpoint.id}
        up = [other for other in elsewhere if await self._contacts.is_up(other)]
        return Sweep(id=str(uuid.uuid4()), at=self._clock.now(), endpoint=endpoint, endpoints_up=up)

    def _report(
        self, endpoint: Endpoint, reading: Reading, stored: tuple[StoredDevice, ...], seconds: float
    ) -> None:
        for problem in reading.problems[:5]:
            _log.warning(
                "resource_unread",
                endpoint=endpoint.address,
                uri=problem.uri,
                code=problem.code,
                reason=problem.message,
            )
        _log.info(
            "endpoint_swept",
            endpoint=endpoint.address,
            driver=reading.driver,
            devices=len(reading.descriptions),
            changes=sum(len(item.changes) for item in stored),
            problems=len(reading.problems),
            requests=reading.requests,
            seconds=round(seconds, 3),
        )


def _gap(reading: Reading, stored: tuple[StoredDevice, ...]) -> Problem | None:
    """What the reading lacks, in one line for the endpoint."""
    if reading.problems:
        first, *rest = reading.problems
        more = f" (and {len(rest)} more that could not be read)" if rest else ""
        return replace(first, message=f"{first.uri}: {first.message}{more}")
    if not reading.descriptions:
        return Problem(uri=ROOT_PATH, code=_NO_DEVICE, message=_NO_DEVICE_MESSAGE)
    here = {
        item.device.description.identity.path
        for item in stored
        if item.device.endpoint_id == reading.endpoint_id
    }
    # What is inside another device may well be known at a BMC of its own, and several BMCs may
    # show the one chassis that they are all in.
    around = {one.inside for one in reading.descriptions}
    expected = (
        one
        for one in reading.descriptions
        if one.inside is None and one.identity.path not in around
    )
    elsewhere = next((one for one in expected if one.identity.path not in here), None)
    if elsewhere is None:
        return None
    return Problem(
        uri=elsewhere.identity.path, code="second-address", message=_SECOND_ADDRESS_MESSAGE
    )
