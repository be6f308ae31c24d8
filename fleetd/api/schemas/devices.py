"""Devices, their components, history and raw documents, as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import Field

from fleetd.api.redaction import scrub, scrub_text
from fleetd.api.schemas.shape import Identifier, PageOf, Paging, Shape, Text
from fleetd.domain.device import (
    Change,
    ChangeKind,
    Component,
    ComponentKind,
    Device,
    DeviceId,
    DeviceKind,
    EndpointId,
    Health,
    PowerState,
)
from fleetd.domain.lifecycle import State
from fleetd.domain.ports import DeviceFilter
from fleetd.telemetry.redact import Redactor


class DeviceQuery(Paging):
    """Which devices: each condition that is given must hold."""

    kind: DeviceKind | None = None
    state: State | None = None
    vendor: Text | None = None
    driver: Text | None = None
    health: Health | None = None
    power_state: PowerState | None = None
    site: Text | None = None
    rack: Text | None = None
    endpoint: Identifier | None = None
    """Id of the endpoint that serves them."""
    part_of: Identifier | None = None
    """Id of the device that they are part of: a blade's chassis, a DPU's server."""
    q: Text | None = None
    """Part of the name or serial."""

    def filter(self) -> DeviceFilter:
        """The conditions as the store takes them."""
        return DeviceFilter(
            kind=self.kind,
            state=self.state,
            vendor=self.vendor,
            driver=self.driver,
            health=self.health,
            power_state=self.power_state,
            site=self.site,
            rack=self.rack,
            endpoint_id=None if self.endpoint is None else EndpointId(self.endpoint),
            part_of=None if self.part_of is None else DeviceId(self.part_of),
            text=self.q,
        )


class PlacementView(Shape):
    """Where a device stands; ``unit`` is the lowest rack unit it fills.

    ``slot`` is its place in the device that it is part of.
    """

    site: str | None
    room: str | None
    row: str | None
    rack: str | None
    unit: int | None
    slot: str | None


class DeviceLinks(Shape):
    """Where to go from a device."""

    self: str
    endpoint: str
    components: str
    history: str
    raw: str
    enrollment: str
    parts: str
    """The devices that are part of it."""


class DeviceView(Shape):
    """A managed thing with a lasting identity, and its standing with fleetd."""

    id: str
    kind: DeviceKind
    name: str
    state: State
    state_reason: str | None
    health: Health
    power_state: PowerState
    vendor: str
    driver: str
    manufacturer: str | None
    model: str | None
    serial: str | None
    uuid: str | None
    macs: tuple[str, ...]
    sku: str | None
    part_number: str | None
    asset_tag: str | None
    hostname: str | None
    architecture: str | None
    bios_version: str | None
    bmc_version: str | None
    placement: PlacementView
    stale: tuple[str, ...]
    """Sections that the last sweep couldn't read: component kinds, or "device"."""
    endpoint_id: str
    replaces: str | None
    part_of: str | None
    """The device that holds it: a blade's chassis, a DPU's server."""
    first_seen: datetime
    last_seen: datetime
    links: DeviceLinks

    @classmethod
    def of(cls, device: Device) -> Self:
        """Present a device, without its components."""
        read, who, path = (
            device.description,
            device.description.identity,
            f"/v1/devices/{device.id}",
        )
        place = read.placement
        return cls(
            id=device.id,
            kind=read.kind,
            name=read.name,
            state=device.state,
            state_reason=scrub_text(device.state_reason),
            health=read.health,
            power_state=read.power_state,
            vendor=device.vendor,
            driver=device.driver,
            manufacturer=who.manufacturer,
            model=who.model,
            serial=who.serial,
            uuid=who.uuid,
            macs=who.macs,
            sku=read.sku,
            part_number=read.part_number,
            asset_tag=read.asset_tag,
            hostname=read.hostname,
            architecture=read.architecture,
            bios_version=read.bios_version,
            bmc_version=read.bmc_version,
            placement=PlacementView(
                site=place.site,
                room=place.room,
                row=place.row,
                rack=place.rack,
                unit=place.unit,
                slot=place.slot,
            ),
            stale=tuple(sorted(read.stale)),
            endpoint_id=device.endpoint_id,
            replaces=device.replaces,
            part_of=device.part_of,
            first_seen=device.first_seen,
            last_seen=device.last_seen,
            links=DeviceLinks(
                self=path,
                endpoint=f"/v1/endpoints/{device.endpoint_id}",
                components=f"{path}/components",
                history=f"{path}/history",
                raw=f"{path}/raw",
                enrollment=f"/v1/enrollments/{device.id}",
                parts=f"/v1/devices?part_of={device.id}",
            ),
        )


class DevicePage(PageOf[DeviceView]):
    """Devices, in order of id."""


class ComponentQuery(Shape):
    """Which components."""

    kind: ComponentKind | None = None


class ComponentView(Shape):
    """A part of a device."""

    kind: ComponentKind
    key: str
    """Identifies it within its device and kind."""
    name: str
    manufacturer: str | None
    model: str | None
    serial: str | None
    part_number: str | None
    firmware_version: str | None
    location: str | None
    health: Health
    present: bool
    stale: bool
    """The last sweep couldn't read it: this is what was known before."""
    attributes: dict[str, Any]
    """What only this kind has; names and units are in docs/api.md."""

    @classmethod
    def of(cls, part: Component, *, stale: bool) -> Self:
        """Present a component."""
        return cls(
            kind=part.kind,
            key=part.key,
            name=part.name,
            manufacturer=part.manufacturer,
            model=part.model,
            serial=part.serial,
            part_number=part.part_number,
            firmware_version=part.firmware_version,
            location=part.location,
            health=part.health,
            present=part.present,
            stale=stale,
            attributes=scrub(part.attributes),
        )


class ComponentList(PageOf[ComponentView]):
    """All components of a device that were asked for, by kind and key."""

    @classmethod
    def of(cls, device: Device, *, kind: ComponentKind | None) -> Self:
        """Present a device's components, of one kind or all."""
        stale = device.description.stale
        parts = sorted(device.description.components, key=lambda part: (part.kind, part.key))
        chosen = (part for part in parts if kind is None or part.kind is kind)
        items = tuple(ComponentView.of(part, stale=part.kind in stale) for part in chosen)
        return cls(items=items, marker=None)


class ChangeView(Shape):
    """One entry of a device's history."""

    at: datetime
    kind: ChangeKind
    subject: str
    """"device", or a component as ``kind/key``."""
    field: str
    """The attribute; empty where the whole subject came or went."""
    before: Any
    after: Any
    sweep_id: str

    @classmethod
    def of(cls, change: Change) -> Self:
        """Present a change; what looks like a secret is masked."""
        return cls(
            at=change.at,
            kind=change.kind,
            subject=change.subject,
            field=change.field,
            before=scrub(change.before, key=change.field),
            after=scrub(change.after, key=change.field),
            sweep_id=change.sweep_id,
        )


class History(PageOf[ChangeView]):
    """A device's history, newest first."""


class RawDocuments(Shape):
    """The Redfish documents that a device was last read from, by path; secrets are masked."""

    documents: dict[str, Any]

    @classmethod
    def of(cls, documents: Mapping[str, Any], redactor: Redactor) -> Self:
        """Present raw documents; of a BMC's secrets the redactor knows those that are ours."""
        return cls(
            documents={
                path: scrub(content, redactor=redactor) for path, content in documents.items()
            }
        )


class Reason(Shape):
    """Why, in a person's words; kept with the device."""

    reason: Text | None = Field(default=None)


class MaintenanceReason(Shape):
    """Why a device is set aside."""

    reason: Text
