"""The tables: SQLModel declares the schema, and nothing outside this package sees a row.

Texts whose values the domain closes (kind, state, health ...) are plain strings here, so that a
new value needs no migration. JSON is text, written by orjson, because nothing queries into it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, MetaData, Table
from sqlalchemy.orm import registry
from sqlmodel import Column, Field, SQLModel

from fleetd.store.moments import Moment

# Named constraints can be altered by later migrations on SQLite too (alembic's batch mode).
NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMES))):
    """A row of one of our tables."""


class EndpointRow(Row, table=True):
    """One Redfish service."""

    __tablename__ = "endpoint"

    id: str = Field(primary_key=True)
    address: str = Field(unique=True)
    source: str
    credential: str | None = None
    fingerprint: str | None = None
    site: str | None = None
    labels: str
    driver: str | None = None
    root: str | None = None
    reach: str
    error: str | None = None
    error_code: str | None = None
    error_since: datetime | None = Field(default=None, sa_type=Moment)
    login_failed_at: datetime | None = Field(default=None, sa_type=Moment)
    login_failed_credential: str | None = None
    first_seen: datetime | None = Field(default=None, sa_type=Moment)
    last_seen: datetime | None = Field(default=None, sa_type=Moment)
    last_sweep_seconds: float | None = None


class DeviceRow(Row, table=True):
    """One device without its components.

    ``endpoint_id`` isn't enforced: a device outlives the endpoint it was last read at.
    ``serial_key`` and ``search`` are case-folded copies to look up by. ``content_hash`` covers
    all but health, power and times, ``components_hash`` the components alone: what is equal
    isn't written again.
    """

    __tablename__ = "device"
    __table_args__ = (
        Index(None, "kind", "id"),
        Index(None, "state", "id"),
        Index(None, "vendor", "id"),
        Index(None, "driver", "id"),
        Index(None, "health", "id"),
        Index(None, "site", "rack", "id"),
        Index(None, "endpoint_id", "id"),
        Index(None, "part_of", "id"),
    )

    id: str = Field(primary_key=True)
    endpoint_id: str
    kind: str
    state: str
    state_reason: str | None = None
    driver: str
    vendor: str
    first_seen: datetime = Field(sa_type=Moment)
    last_seen: datetime = Field(sa_type=Moment)
    replaces: str | None = None
    part_of: str | None = None
    uuid: str | None = Field(default=None, index=True)
    serial: str | None = None
    serial_key: str | None = Field(default=None, index=True)
    manufacturer: str | None = None
    model: str | None = None
    macs: str
    manager_id: str | None = None
    path: str
    name: str
    sku: str | None = None
    part_number: str | None = None
    asset_tag: str | None = None
    hostname: str | None = None
    bios_version: str | None = None
    bmc_version: str | None = None
    architecture: str | None = None
    health: str
    power_state: str
    site: str | None = None
    room: str | None = None
    row: str | None = None
    rack: str | None = None
    unit: int | None = None
    slot: str | None = None
    inside: str | None = None
    stale: str
    search: str
    content_hash: bytes = Field(sa_type=LargeBinary)
    components_hash: bytes = Field(sa_type=LargeBinary)


class DeviceMacRow(Row, table=True):
    """A MAC by which a device is recognised; two devices may claim one."""

    __tablename__ = "device_mac"
    __table_args__ = ({"sqlite_with_rowid": False},)

    mac: str = Field(primary_key=True)
    device_id: str = Field(
        primary_key=True, index=True, foreign_key="device.id", ondelete="CASCADE"
    )


class DeviceClaimRow(Row, table=True):
    """A serial (case-folded) or MAC by which a device says that another is a part of it."""

    __tablename__ = "device_claim"
    __table_args__ = ({"sqlite_with_rowid": False},)

    identifier: str = Field(primary_key=True)
    device_id: str = Field(
        primary_key=True, index=True, foreign_key="device.id", ondelete="CASCADE"
    )


class ComponentRow(Row, table=True):
    """One component; ``hash`` covers the whole row, so that only differences are written."""

    __tablename__ = "component"
    # Clustered by device: what is written and read together lies together.
    __table_args__ = ({"sqlite_with_rowid": False},)

    device_id: str = Field(primary_key=True, foreign_key="device.id", ondelete="CASCADE")
    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    hash: bytes = Field(sa_type=LargeBinary)
    name: str
    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    part_number: str | None = None
    firmware_version: str | None = None
    location: str | None = None
    health: str
    present: bool
    attributes: str


class ChangeRow(Row, table=True):
    """One entry of a device's history; ``id`` grows and is never used again."""

    __tablename__ = "change"
    __table_args__ = (Index(None, "device_id", "id"), {"sqlite_autoincrement": True})

    id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    )
    device_id: str = Field(foreign_key="device.id", ondelete="CASCADE")
    kind: str
    subject: str
    field: str
    before: str
    after: str
    at: datetime = Field(sa_type=Moment, index=True)
    sweep_id: str


class DocumentRow(Row, table=True):
    """The raw documents of one device: one zstd frame of JSON, and the hash of what it holds."""

    __tablename__ = "document"

    device_id: str = Field(primary_key=True, foreign_key="device.id", ondelete="CASCADE")
    hash: bytes = Field(sa_type=LargeBinary)
    body: bytes = Field(sa_type=LargeBinary)


class DiscoveryRunRow(Row, table=True):
    """One discovery."""

    __tablename__ = "discovery_run"
    __table_args__ = (Index(None, "started_at", "id"),)

    id: str = Field(primary_key=True)
    trigger: str
    targets: str
    state: str
    started_at: datetime = Field(sa_type=Moment)
    finished_at: datetime | None = Field(default=None, sa_type=Moment)
    addresses: int
    probed: int
    found: int
    new: int
    outcomes: str
    error: str | None = None


class EnrollmentRow(Row, table=True):
    """The standing of one device in Ironic; of the password only a slow hash."""

    __tablename__ = "enrollment"
    __table_args__ = (Index(None, "standing", "device_id"),)

    device_id: str = Field(primary_key=True, foreign_key="device.id", ondelete="CASCADE")
    standing: str
    node_uuid: str | None = Field(default=None, index=True)
    provision_state: str | None = None
    reason: str | None = None
    failures: int
    retry_at: datetime | None = Field(default=None, sa_type=Moment)
    password_salt: bytes | None = Field(default=None, sa_type=LargeBinary)
    password_digest: bytes | None = Field(default=None, sa_type=LargeBinary)
    updated_at: datetime | None = Field(default=None, sa_type=Moment)


METADATA: Final = Row.metadata
ENDPOINT: Final[Table] = METADATA.tables["endpoint"]
DEVICE: Final[Table] = METADATA.tables["device"]
DEVICE_MAC: Final[Table] = METADATA.tables["device_mac"]
DEVICE_CLAIM: Final[Table] = METADATA.tables["device_claim"]
COMPONENT: Final[Table] = METADATA.tables["component"]
CHANGE: Final[Table] = METADATA.tables["change"]
DOCUMENT: Final[Table] = METADATA.tables["document"]
DISCOVERY_RUN: Final[Table] = METADATA.tables["discovery_run"]
ENROLLMENT: Final[Table] = METADATA.tables["enrollment"]
