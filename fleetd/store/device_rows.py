"""Devices, components and history between the domain and their rows; hand-written on purpose."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy.engine import Row

from fleetd.domain.device import (
    Change,
    ChangeKind,
    Component,
    ComponentKind,
    Description,
    Device,
    DeviceId,
    DeviceKind,
    EndpointId,
    Health,
    Identity,
    Placement,
    PowerState,
)
from fleetd.domain.lifecycle import State
from fleetd.store.values import NUL, clean, digest, json_bytes, json_text, json_value

# A poll writes these without reading the rest, so the content's hash leaves them out.
_VOLATILE = frozenset({"health", "power_state", "first_seen", "last_seen"})


def device_to_row(device: Device, components_hash: bytes) -> dict[str, Any]:
    """The device as its row, without its components but with their hash."""
    description, identity = device.description, device.description.identity
    placement = description.placement
    row: dict[str, Any] = {
        "id": device.id,
        "endpoint_id": device.endpoint_id,
        "kind": description.kind.value,
        "state": device.state.value,
        "state_reason": clean(device.state_reason),
        "driver": device.driver,
        "vendor": device.vendor,
        "first_seen": device.first_seen,
        "last_seen": device.last_seen,
        "replaces": device.replaces,
        "part_of": device.part_of,
        "uuid": clean(identity.uuid),
        "serial": clean(identity.serial),
        "serial_key": fold(identity.serial),
        "manufacturer": clean(identity.manufacturer),
        "model": clean(identity.model),
        "macs": json_text(identity.macs),
        "manager_id": clean(identity.manager_id),
        "path": clean(identity.path),
        "name": clean(description.name),
        "sku": clean(description.sku),
        "part_number": clean(description.part_number),
        "asset_tag": clean(description.asset_tag),
        "hostname": clean(description.hostname),
        "bios_version": clean(description.bios_version),
        "bmc_version": clean(description.bmc_version),
        "architecture": clean(description.architecture),
        "health": description.health.value,
        "power_state": description.power_state.value,
        "site": placement.site,
        "room": placement.room,
        "row": placement.row,
        "rack": placement.rack,
        "unit": placement.unit,
        "slot": clean(placement.slot),
        "inside": clean(description.inside),
        "stale": json_text(sorted(description.stale)),
        "search": f"{fold(description.name)}\n{fold(identity.serial) or ''}",
    }
    lasting = [value for name, value in row.items() if name not in _VOLATILE]
    row["content_hash"] = digest(json_bytes(lasting), components_hash)
    row["components_hash"] = components_hash
    return row


def device_from_row(row: Row[Any], components: tuple[Component, ...]) -> Device:
    """The row as a device with these components."""
    return Device(
        id=DeviceId(row.id),
        endpoint_id=EndpointId(row.endpoint_id),
        description=_description(row, components),
        state=State(row.state),
        driver=row.driver,
        vendor=row.vendor,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        replaces=None if row.replaces is None else DeviceId(row.replaces),
        part_of=None if row.part_of is None else DeviceId(row.part_of),
        state_reason=row.state_reason,
    )


def _description(row: Row[Any], components: tuple[Component, ...]) -> Description:
    return Description(
        kind=DeviceKind(row.kind),
        identity=Identity(
            uuid=row.uuid,
            serial=row.serial,
            manufacturer=row.manufacturer,
            model=row.model,
            macs=tuple(json_value(row.macs)),
            manager_id=row.manager_id,
            path=row.path,
        ),
        name=row.name,
        sku=row.sku,
        part_number=row.part_number,
        asset_tag=row.asset_tag,
        hostname=row.hostname,
        bios_version=row.bios_version,
        bmc_version=row.bmc_version,
        architecture=row.architecture,
        health=Health(row.health),
        power_state=PowerState(row.power_state),
        placement=Placement(
            site=row.site,
            room=row.room,
            row=row.row,
            rack=row.rack,
            unit=row.unit,
            slot=row.slot,
        ),
        inside=row.inside,
        components=components,
        stale=frozenset(json_value(row.stale)),
    )


class ComponentTuple(NamedTuple):
    """A component's row: every column of the table, in its order."""

    device_id: str
    kind: str
    key: str
    hash: bytes
    name: str
    manufacturer: str | None
    model: str | None
    serial: str | None
    part_number: str | None
    firmware_version: str | None
    location: str | None
    health: str
    present: bool
    attributes: str


def component_to_row(device_id: DeviceId, part: Component) -> ComponentTuple:
    """The component as its row, with the hash of all that the row says."""
    texts: tuple[str | None, ...] = (
        part.key,
        part.name,
        part.manufacturer,
        part.model,
        part.serial,
        part.part_number,
        part.firmware_version,
        part.location,
    )
    kind, health = part.kind.value, part.health.value
    content = json_bytes((kind, health, part.present, texts))
    if NUL in content:
        texts = tuple(clean(text) for text in texts)
        content = json_bytes((kind, health, part.present, texts))
    attributes = json_bytes(dict(part.attributes))
    return ComponentTuple._make(
        (
            device_id,
            kind,
            texts[0],
            digest(content, attributes),
            *texts[1:],
            health,
            part.present,
            attributes.decode(),
        )
    )


def component_from_row(row: Row[Any]) -> Component:
    """The row as a component."""
    return Component(
        kind=ComponentKind(row.kind),
        key=row.key,
        name=row.name,
        manufacturer=row.manufacturer,
        model=row.model,
        serial=row.serial,
        part_number=row.part_number,
        firmware_version=row.firmware_version,
        location=row.location,
        health=Health(row.health),
        present=row.present,
        attributes=json_value(row.attributes),
    )


def change_to_row(change: Change) -> dict[str, Any]:
    """The history entry as its row; the database numbers it."""
    return {
        "device_id": change.device_id,
        "kind": change.kind.value,
        "subject": clean(change.subject),
        "field": clean(change.field),
        "before": json_text(change.before),
        "after": json_text(change.after),
        "at": change.at,
        "sweep_id": change.sweep_id,
    }


def change_from_row(row: Row[Any]) -> Change:
    """The row as a history entry."""
    return Change(
        device_id=DeviceId(row.device_id),
        kind=ChangeKind(row.kind),
        subject=row.subject,
        field=row.field,
        before=json_value(row.before),
        after=json_value(row.after),
        at=row.at,
        sweep_id=row.sweep_id,
    )


def fold(text: str | None) -> str | None:
    """The form in which serials and names are looked up: case doesn't tell devices apart."""
    return None if text is None else clean(text.casefold())


def folded(texts: Iterable[str]) -> list[str]:
    """Each text in its look-up form, once."""
    return sorted({clean(text.casefold()) for text in texts})
