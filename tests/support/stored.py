"""Values to store: devices with components, and their history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

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
    Json,
    Placement,
    PowerState,
)
from fleetd.domain.endpoint import Endpoint, Source
from fleetd.domain.lifecycle import State
from fleetd.domain.ports import StoredDevice

NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=6)


def an_endpoint(name: str = "one", **values: Any) -> Endpoint:
    """An endpoint with an address of its own."""
    return Endpoint(
        **{
            "id": EndpointId(f"endpoint-{name}"),
            "address": f"https://{name}.bmc.example",
            "source": Source.STATIC,
            **values,
        }
    )


def a_drive(key: str = "Drives/1", **values: Any) -> Component:
    """A drive."""
    drive = Component(
        kind=ComponentKind.DRIVE,
        key=key,
        name=f"Drive {key}",
        manufacturer="Contoso",
        model="D-1000",
        serial=f"D{key}",
        health=Health.OK,
        attributes={"capacity_bytes": 10**12, "media": "SSD"},
    )
    return replace(drive, **values)


def a_fan(key: str = "Fans/1", **values: Any) -> Component:
    """A fan."""
    return replace(Component(kind=ComponentKind.FAN, key=key, name=f"Fan {key}"), **values)


def a_description(name: str = "a", **values: Any) -> Description:
    """A server of that name, whose serial is ``SN-<name>``."""
    description = Description(
        kind=DeviceKind.SERVER,
        identity=Identity(
            uuid=f"00000000-0000-4000-8000-{int.from_bytes(name.encode()) % 16**12:012x}",
            serial=f"SN-{name}",
            manufacturer="Contoso",
            model="3500",
            macs=(),
            path="/redfish/v1/Systems/1",
        ),
        name=f"server {name}",
        health=Health.OK,
        power_state=PowerState.ON,
        placement=Placement(site="north", rack="R1", unit=3),
        components=(a_drive(), a_fan()),
    )
    return replace(description, **values)


def a_device(name: str = "a", *, description: Description | None = None, **values: Any) -> Device:
    """A device of that name at an endpoint of its own."""
    device = Device(
        id=DeviceId(f"device-{name}"),
        endpoint_id=EndpointId(f"endpoint-{name}"),
        description=description or a_description(name),
        state=State.INVENTORIED,
        driver="generic",
        vendor="Contoso",
        first_seen=NOW,
        last_seen=NOW,
    )
    return replace(device, **values)


def a_change(device: Device, field: str = "name", after: Json = "new", **values: Any) -> Change:
    """One entry of the device's history."""
    change = Change(
        device_id=device.id,
        kind=ChangeKind.CHANGED,
        subject="device",
        field=field,
        before=None,
        after=after,
        at=NOW,
        sweep_id="sweep-1",
    )
    return replace(change, **values)


def stored(
    device: Device, *changes: Change, documents: dict[str, Json] | None = None
) -> StoredDevice:
    """The device as a sweep hands it over."""
    return StoredDevice(device=device, changes=changes, documents=documents)
