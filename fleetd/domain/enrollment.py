"""Enrollment: a server's standing in Ironic, what it should be there, and the steps between.

All values; the plan over them is in ``services/enrollment`` and the calls are in ``openstack``.
Provision states are Ironic's own words, since it may have more than we know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from fleetd.domain.device import DeviceId, Json

DEVICE_KEY: Final = "fleetd_device"
"""The key in a node's or port's ``extra`` that says it is ours, and whose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredPort:
    """A NIC port as Ironic should know it; None leaves a value as Ironic has it.

    Attributes:
        pxe_guessed: Nobody said which port boots; a guess is not worth taking a node that is
            available out of the cloud for.
        local_link: ``switch_id``, ``port_id``, ``switch_info``, as LLDP told.
    """

    address: str
    pxe_enabled: bool | None = None
    pxe_guessed: bool = False
    physical_network: str | None = None
    local_link: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredNode:
    """A server as Ironic should know it.

    Only what is named here is reconciled: other keys of ``driver_info``, ``properties``,
    ``capabilities`` and ``extra`` belong to whoever wrote them.

    Attributes:
        uuid: The UUID that the node gets if it must be created: derived from the device's id, so
            that creating it twice is impossible.
        system_uuid: The server's own UUID, by which other tools may have named the node.
        sole_system: The BMC serves this system only, so a node without a system id is this one.
        driver_info: Without the password.
        traits: What the rules give to this server.
        known_traits: What rules can give at all; other traits on the node are somebody else's.
        retired: It must leave Ironic.
    """

    device_id: DeviceId
    uuid: str
    system_uuid: str | None
    sole_system: bool
    name: str
    driver: str
    driver_info: Mapping[str, Json]
    password: str = field(repr=False)
    interfaces: Mapping[str, str]
    properties: Mapping[str, Json]
    capabilities: Mapping[str, str]
    resource_class: str
    traits: frozenset[str]
    known_traits: frozenset[str]
    ports: tuple[DesiredPort, ...]
    conductor_group: str | None = None
    owner: str | None = None
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedNode:
    """A node as Ironic has it; passwords are masked by Ironic and say nothing."""

    uuid: str
    name: str | None
    driver: str
    driver_info: Mapping[str, Json]
    provision_state: str
    power_state: str | None = None
    maintenance: bool = False
    maintenance_reason: str | None = None
    fault: str | None = None
    last_error: str | None = None
    instance_uuid: str | None = None
    reservation: str | None = None
    inspected: bool = False
    properties: Mapping[str, Json] = field(default_factory=dict)
    extra: Mapping[str, Json] = field(default_factory=dict)
    resource_class: str | None = None
    traits: frozenset[str] = frozenset()
    conductor_group: str = ""
    owner: str | None = None
    interfaces: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def device_id(self) -> DeviceId | None:
        """The device that fleetd enrolled as this node, if fleetd did."""
        value = self.extra.get(DEVICE_KEY)
        return DeviceId(value) if isinstance(value, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedPort:
    """A port as Ironic has it."""

    uuid: str
    node_uuid: str
    address: str
    pxe_enabled: bool = True
    physical_network: str | None = None
    local_link: Mapping[str, Json] = field(default_factory=dict)
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateNode:
    """Create a node; ``attributes`` hold the BMC's password."""

    uuid: str
    attributes: Mapping[str, Json] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchNode:
    """Change a node by a JSON patch (RFC 6902), which may hold the BMC's password.

    Attributes:
        paths: What the patch names, safe to show.
        reset_interfaces: The driver changes, so interfaces of the old one must not stay.
        sends_password: The patch holds the BMC's password.
    """

    uuid: str
    patch: tuple[Mapping[str, Json], ...] = field(repr=False)
    reset_interfaces: bool = False
    sends_password: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(str(entry["path"]) for entry in self.patch)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTraits:
    """Replace the traits of a node."""

    uuid: str
    traits: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePort:
    """Create a port of a node."""

    node_uuid: str
    attributes: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchPort:
    """Change a port by a JSON patch."""

    uuid: str
    patch: tuple[Mapping[str, Json], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletePort:
    """Delete a port."""

    uuid: str


class Verb(StrEnum):
    """What a node may be asked to become; Ironic's provision verbs."""

    MANAGE = "manage"
    INSPECT = "inspect"
    PROVIDE = "provide"
    DEPLOY = "active"
    UNDEPLOY = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """Ask for a change of provision state."""

    uuid: str
    verb: Verb


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearMaintenance:
    """Take a node out of the maintenance that Ironic itself set after a failure."""

    uuid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteNode:
    """Delete a node."""

    uuid: str


Action = (
    CreateNode
    | PatchNode
    | SetTraits
    | CreatePort
    | PatchPort
    | DeletePort
    | Provision
    | ClearMaintenance
    | DeleteNode
)
"""One request that changes something in Ironic."""


class Standing(StrEnum):
    """Where a device stands on its way into, in, or out of Ironic."""

    PENDING = "pending"
    ENROLLING = "enrolling"
    AVAILABLE = "available"
    IN_USE = "in-use"
    HELD = "held"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordDigest:
    """A slow salted hash (RFC 7914) of the password that Ironic was last given.

    Ironic shows passwords masked, so this tells whether the one that it has is the present one.
    """

    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrollment:
    """What fleetd keeps about one device's enrollment.

    Attributes:
        provision_state: Ironic's own word for where the node is.
        reason: Why it is held or failed: Ironic's ``last_error`` or our own words.
        failures: How many times in a row it failed; 0 after a success.
        retry_at: Not before this is it tried again.
    """

    device_id: DeviceId
    standing: Standing = Standing.PENDING
    node_uuid: str | None = None
    provision_state: str | None = None
    reason: str | None = None
    failures: int = 0
    retry_at: datetime | None = None
    password: PasswordDigest | None = None
    updated_at: datetime | None = None
