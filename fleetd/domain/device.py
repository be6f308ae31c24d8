"""Devices and components: what one managed thing is and is made of, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NewType

from fleetd.domain.lifecycle import State

DeviceId = NewType("DeviceId", str)
EndpointId = NewType("EndpointId", str)

Json = Any  # JSON as json.loads gives it


class DeviceKind(StrEnum):
    """What a device is to the data centre."""

    SERVER = "server"
    STORAGE = "storage"
    SWITCH = "switch"
    PDU = "pdu"
    CHASSIS = "chassis"
    COOLING = "cooling"
    DPU = "dpu"


HOSTS: Final = frozenset({DeviceKind.SERVER, DeviceKind.DPU})
"""The kinds that run an operating system of their own: known by their network ports' MACs."""


class Health(StrEnum):
    """Redfish's Status.Health (DSP0268 'Status'), and the case that nothing was said."""

    OK = "OK"
    WARNING = "Warning"
    CRITICAL = "Critical"
    UNKNOWN = "Unknown"


class PowerState(StrEnum):
    """Redfish's PowerState (DSP0268 'PowerState'), and the case that nothing was said."""

    ON = "On"
    OFF = "Off"
    POWERING_ON = "PoweringOn"
    POWERING_OFF = "PoweringOff"
    PAUSED = "Paused"
    UNKNOWN = "Unknown"


class ComponentKind(StrEnum):
    """What a component is."""

    PROCESSOR = "processor"
    MEMORY = "memory"
    GPU = "gpu"
    DPU = "dpu"
    MODULE = "module"
    NIC = "nic"
    PORT = "port"
    STORAGE_CONTROLLER = "storage_controller"
    DRIVE = "drive"
    VOLUME = "volume"
    STORAGE_POOL = "storage_pool"
    FILE_SYSTEM = "file_system"
    FILE_SHARE = "file_share"
    CONSISTENCY_GROUP = "consistency_group"
    CLASS_OF_SERVICE = "class_of_service"
    FABRIC_ENDPOINT = "fabric_endpoint"
    CONNECTION = "connection"
    ZONE = "zone"
    PSU = "psu"
    BATTERY = "battery"
    FAN = "fan"
    PUMP = "pump"
    COOLING_LOOP = "cooling_loop"
    COOLANT_CONNECTOR = "coolant_connector"
    RESERVOIR = "reservoir"
    FILTER = "filter"
    LEAK_DETECTOR = "leak_detector"
    SWITCH = "switch"
    FIRMWARE = "firmware"
    BMC = "bmc"
    OUTLET = "outlet"
    OUTLET_GROUP = "outlet_group"
    CIRCUIT = "circuit"
    PCIE_DEVICE = "pcie_device"
    SENSOR = "sensor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A part of a device.

    ``key`` identifies it within its device and kind over re-reads (usually the Redfish path
    below the service root). ``attributes`` hold what only this kind has, by the names listed in
    ``domain/attributes.py``, in the units that the names say.
    """

    kind: ComponentKind
    key: str
    name: str
    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    part_number: str | None = None
    firmware_version: str | None = None
    location: str | None = None
    health: Health = Health.UNKNOWN
    present: bool = True
    attributes: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a device stands; ``unit`` is the lowest rack unit it fills.

    ``slot`` is its place in the device that it is part of, as that or its own BMC names it.
    """

    site: str | None = None
    room: str | None = None
    row: str | None = None
    rack: str | None = None
    unit: int | None = None
    slot: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What tells one device from another; placeholders are already None (``domain/identity.py``).

    ``uuid`` is lower case with dashes, ``macs`` are lower case with colons and sorted,
    ``manager_id`` identifies the BMC (its UUID or serial), and ``path`` is the resource at the
    endpoint from which the device was read.
    """

    uuid: str | None = None
    serial: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    macs: tuple[str, ...] = ()
    manager_id: str | None = None
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What was read about one device in one sweep: everything but its standing with fleetd.

    ``inside`` is the ``path`` of the device at the same endpoint that it is part of.
    ``stale`` names the sections (component kinds, or "device") that could not be read this time.
    """

    kind: DeviceKind
    identity: Identity
    name: str
    sku: str | None = None
    part_number: str | None = None
    asset_tag: str | None = None
    hostname: str | None = None
    bios_version: str | None = None
    bmc_version: str | None = None
    architecture: str | None = None
    health: Health = Health.UNKNOWN
    power_state: PowerState = PowerState.UNKNOWN
    placement: Placement = field(default_factory=Placement)
    inside: str | None = None
    components: tuple[Component, ...] = ()
    stale: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A managed thing with a lasting identity, and its standing with fleetd.

    ``vendor`` and ``driver`` come from the driver that was chosen for its endpoint.
    ``last_seen`` is the end of the last sweep that read it. ``part_of`` is the device that holds
    it: a blade's chassis (DSP0268 'Links.ContainedBy'), a DPU's server.
    """

    id: DeviceId
    endpoint_id: EndpointId
    description: Description
    state: State
    driver: str
    vendor: str
    first_seen: datetime
    last_seen: datetime
    replaces: DeviceId | None = None
    part_of: DeviceId | None = None
    state_reason: str | None = None


class ChangeKind(StrEnum):
    """What kind of thing happened to a device."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    STATE = "state"
    MOVED = "moved"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry of a device's history: what, from, to, when, seen by which sweep.

    ``subject`` is "device" or ``<component kind>/<component key>``; ``field`` names the attribute,
    or is empty where the whole subject came or went.
    """

    device_id: DeviceId
    kind: ChangeKind
    subject: str
    field: str
    before: Json
    after: Json
    at: datetime
    sweep_id: str
