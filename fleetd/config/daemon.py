"""The daemon's own sections: API, store, inventory, Ironic, secrets, logging."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from fleetd.config.section import Duration, FilePath, Name, Port, Reference, Section, Span


class Role(StrEnum):
    """What a caller may do; each holds the ones before it."""

    READER = "reader"
    OPERATOR = "operator"
    ADMIN = "admin"


class TokenEntry(Section):
    """A local bearer token."""

    name: Name = Field(examples=["provisioning"])
    """Who: shown in the audit."""
    role: Role = Field(examples=[Role.READER])
    """reader looks, operator acts, admin manages; each holds the ones before it."""
    token: Reference = Field(examples=["credential:api-token"])
    """Where the token lies: ``file:``, ``env:``, ``credential:`` or ``secret:``."""


class ApiSection(Section):
    """The REST API."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: Port = 8650
    """0 takes a free one."""
    certificate: FilePath | None = None
    """PEM certificate chain; needed beyond loopback."""
    key: FilePath | None = None
    """PEM private key of the certificate."""
    tokens: tuple[TokenEntry, ...] = ()
    """Without any, the API is open to everybody on this host (loopback only)."""
    body_max_bytes: Annotated[int, Field(ge=1_024)] = 4 * 2**20
    """The largest request that is read."""
    page_limit: Annotated[int, Field(ge=1, le=10_000)] = 1_000
    """The most members that one page may have."""

    @model_validator(mode="after")
    def _safe_beyond_loopback(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together")
        if not self.loopback and (self.certificate is None or not self.tokens):
            raise ValueError(
                f"listening on {self.host} needs tokens, certificate and key: "
                "beyond loopback the API must have authentication and TLS"
            )
        return self

    @property
    def loopback(self) -> bool:
        """Only this host can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


class StoreSection(Section):
    """The database."""

    url: str | None = None
    """SQLAlchemy URL: ``sqlite+aiosqlite:///path`` or ``postgresql+asyncpg://user@host/name``.
    Absent: fleetd.sqlite in the state directory."""
    password: Reference | None = None
    """Where the database password lies; a password in ``url`` is refused."""
    history_retention: Duration = timedelta(days=365)
    """How long a device's history is kept."""
    pool_size: Annotated[int, Field(ge=1, le=100)] = 5
    """Connections to the database."""

    @field_validator("url")
    @classmethod
    def _no_password(cls, text: str | None) -> str | None:
        if text is not None and "@" in text and ":" in text.split("@")[0].split("//")[-1]:
            raise ValueError("the database URL must not hold a password: use store.password")
        return text


class InventorySection(Section):
    """Sweeps and polls."""

    interval: Duration = timedelta(hours=6)
    """Between two full readings of an endpoint."""
    poll_interval: Duration = timedelta(minutes=5)
    """Between two looks at power and health."""
    jitter: Span = timedelta(minutes=5)
    """At most this much is added at random, so that BMCs aren't read in step."""
    concurrency: Annotated[int, Field(ge=1, le=1_024)] = 64
    """Endpoints read at once."""
    deadline: Duration = timedelta(minutes=10)
    """The longest that one endpoint's sweep may take; what was read until then is kept."""
    raw_documents: bool = True
    """Keep the raw documents (compressed)."""


class IronicAuth(StrEnum):
    """How fleetd authenticates to Ironic."""

    NONE = "none"
    HTTP_BASIC = "http_basic"
    KEYSTONE = "keystone"


class IronicSection(Section):
    """OpenStack Ironic."""

    enabled: bool = False
    """Enroll servers into Ironic."""
    url: str | None = None
    """Ironic's API, such as https://ironic.example:6385; with keystone the catalog has it."""
    auth: IronicAuth = IronicAuth.HTTP_BASIC
    """How fleetd authenticates."""
    username: str | None = None
    """With http_basic."""
    password: Reference | None = None
    """With http_basic: where the password lies."""
    cloud: Name | None = None
    """With keystone: the entry of clouds.yaml."""
    ca_file: FilePath | None = None
    """PEM bundle of authorities for Ironic's certificate, in place of the system's."""
    classification: FilePath | None = None
    """Rules that give resource class, traits and interfaces; absent: the built-in ones."""
    interval: Duration = timedelta(minutes=10)
    """Between two reconciliations."""
    concurrency: Annotated[int, Field(ge=1, le=128)] = 8
    """Nodes worked on at once."""
    call_timeout: Duration = timedelta(seconds=60)
    """Until Ironic has answered one request."""
    transition_timeout: Duration = timedelta(minutes=10)
    """How long one provision-state change may take."""
    inspect: bool = True
    """Let Ironic inspect the node (out of band) before it's made available."""
    bmc_ca_file: str | None = None
    """Path, on the conductors, of the CA bundle for BMC certificates (driver_info
    redfish_verify_ca)."""
    bmc_verify: bool = True
    """Off: Ironic doesn't verify BMC certificates; it can't pin fingerprints as fleetd does."""
    owner: str | None = None
    """Project that owns the nodes."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.enabled:
            return self
        if self.auth is IronicAuth.KEYSTONE and self.cloud is None:
            raise ValueError("auth: keystone needs cloud")
        if self.auth is not IronicAuth.KEYSTONE and self.url is None:
            raise ValueError(f"auth: {self.auth} needs url")
        if self.auth is IronicAuth.HTTP_BASIC and not (self.username and self.password):
            raise ValueError("auth: http_basic needs username and password")
        return self


class SecretsSection(Section):
    """fleetd's own encrypted secret file, for references of the form ``secret:NAME``."""

    file: FilePath | None = None
    """Absent: secrets.json in the state directory."""
    key: Annotated[str, Field(pattern=r"^(file|env|credential):.+$")] | None = None
    """Where the key lies that encrypts it: ``file:``, ``env:`` or ``credential:``."""


class LogFormat(StrEnum):
    """How log lines look."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


class LoggingSection(Section):
    """Logs."""

    level: Annotated[str, Field(pattern="^(debug|info|warning|error)$")] = "info"
    """The least that is logged."""
    format: LogFormat = LogFormat.AUTO
    """auto: console on a terminal, JSON elsewhere."""


class DaemonSection(Section):
    """The process."""

    state_directory: FilePath = Path("/var/lib/fleetd")
    """Database and secrets; systemd's STATE_DIRECTORY wins over the default."""
    site: Name = "default"
    """The site of endpoints that name none."""
    shutdown_timeout: Duration = timedelta(seconds=20)
    """How long a stop waits for work to finish or park."""
