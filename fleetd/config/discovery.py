"""Where fleetd looks for BMCs, which credential it tries on which, and what it expects there."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from fleetd.config.redfish import TlsSection
from fleetd.config.section import (
    Duration,
    FilePath,
    Name,
    Place,
    Port,
    Reference,
    Section,
    Span,
    contradictions,
)
from fleetd.domain.endpoint import normal_address
from fleetd.domain.errors import InvalidInput

_MAX_RANGE_BITS = 17


def _address(text: str) -> str:
    try:
        return normal_address(text)
    except InvalidInput as error:
        raise ValueError(str(error)) from error


def _fingerprint(text: str) -> str:
    plain = text.replace(":", "").lower()
    if not re.fullmatch(r"[0-9a-f]{64}", plain):
        raise ValueError("a SHA-256 fingerprint has 64 hexadecimal digits")
    return plain


def _network(text: str) -> str:
    return str(ipaddress.ip_network(text, strict=False))


Address = Annotated[str, AfterValidator(_address)]
Fingerprint = Annotated[str, AfterValidator(_fingerprint)]
Network = Annotated[str, AfterValidator(_network)]


class EndpointEntry(Section):
    """One BMC of the static list."""

    address: Address = Field(examples=["https://10.20.0.11"])
    """``https://host[:port]``; https where no scheme is given."""
    credential: Name | None = None
    """Name of the credential; otherwise the rules choose one."""
    fingerprint: Fingerprint | None = None
    """SHA-256 of its certificate, to pin it."""
    site: Name | None = None
    """The site where it stands; otherwise ``daemon.site``."""
    labels: dict[Name, str] = Field(default_factory=dict)
    """Free words of the operator's; in CSV each has a column such as ``labels.rack``."""


class RangeEntry(Section):
    """A network to scan."""

    cidr: str = Field(examples=["10.20.0.0/24"])
    """IPv4 or IPv6 network, such as 10.20.0.0/16; at most 131,072 addresses."""
    ports: Annotated[tuple[Port, ...], Field(min_length=1)] = (443,)
    """Every one of them is tried at every address."""
    scheme: Annotated[str, Field(pattern="^(http|https)$")] = "https"
    """http sends credentials in clear: for laboratories."""
    exclude: tuple[Network, ...] = ()
    """Addresses or networks left out."""
    site: Name | None = None
    """The site of what is found there; otherwise ``daemon.site``."""
    credential: Name | None = None
    """Name of the credential; otherwise the rules choose one."""
    labels: dict[Name, str] = Field(default_factory=dict)
    """Free words put on what is found there."""

    @field_validator("cidr")
    @classmethod
    def _is_network(cls, text: str) -> str:
        network = ipaddress.ip_network(text, strict=True)
        if network.max_prefixlen - network.prefixlen > _MAX_RANGE_BITS:
            raise ValueError(f"{text} is too large: split it into networks of /15 (IPv4) or less")
        return str(network)


class SsdpSection(Section):
    """SSDP search for urn:dmtf-org:service:redfish-rest (DSP0266 'Discovery')."""

    enabled: bool = False
    """Search at every discovery."""
    target: str = "239.255.255.250:1900"
    """Multicast group and port; a unicast address asks one device."""
    wait: Duration = timedelta(seconds=3)
    """How long answers are collected (MX)."""
    interface: str | None = None
    """Local address whose interface is used."""


class CredentialEntry(Section):
    """A credential: a name, a user and where the password lies; never the password itself."""

    name: Name = Field(examples=["factory"])
    """What endpoints, ranges and rules call it."""
    username: Annotated[str, Field(min_length=1)] = Field(examples=["admin"])
    """The account on the BMC."""
    password: Reference = Field(examples=["file:/etc/fleetd/factory.password"])
    """``file:/path``, ``env:NAME``, ``credential:NAME`` (systemd) or ``secret:NAME`` (fleetd's
    encrypted file)."""


class CredentialRule(Section):
    """The first rule whose every condition holds chooses the credential."""

    credential: Name = Field(examples=["factory"])
    """Name of the credential that it chooses."""
    vendor: str | None = None
    """Vendor as the service root tells it (Vendor, else its Oem key), without regard to case."""
    product: str | None = None
    """Part of the service root's Product, without regard to case."""
    cidr: Network | None = None
    """Network in which the address lies."""
    site: Name | None = None
    """Site of the endpoint."""


class TlsOverride(TlsSection):
    """Other trust for a network."""

    cidr: Network = Field(examples=["10.30.0.0/16"])
    """The network."""


class DiscoverySection(Section):
    """Discovery."""

    endpoints: tuple[EndpointEntry, ...] = ()
    """The static list."""
    files: tuple[FilePath, ...] = ()
    """YAML or CSV files with more of the static list (columns as the keys of ``endpoints``)."""
    ranges: tuple[RangeEntry, ...] = ()
    """Networks to scan."""
    ssdp: SsdpSection = SsdpSection()
    """SSDP search for urn:dmtf-org:service:redfish-rest (DSP0266 'Discovery')."""
    credentials: tuple[CredentialEntry, ...] = ()
    """Credentials: a name, a user, and where the password lies."""
    rules: tuple[CredentialRule, ...] = ()
    """Which credential for which BMC: the first whose every condition holds."""
    tls_overrides: tuple[TlsOverride, ...] = ()
    """Other trust than ``redfish.tls`` for some networks."""
    manifest: FilePath | None = None
    """YAML or CSV file of expected devices: name, and serial, mac or address."""
    interval: Duration = timedelta(hours=1)
    """Between two discoveries."""
    jitter: Span = timedelta(minutes=2)
    """At most this much is added at random, so that daemons don't march in step."""
    connections: Annotated[int, Field(ge=1, le=4_096)] = 128
    """Addresses probed at once during a scan."""
    probe_timeout: Duration = timedelta(seconds=5)
    """Until an address counts as silent."""
    lockout_window: Duration = timedelta(minutes=30)
    """After one wrong login no other is tried at that endpoint for this long."""

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        names = [entry.name for entry in self.credentials]
        addresses = [entry.address for entry in self.endpoints]
        found = _repeated("credentials", "name", names) + _repeated(
            "endpoints", "address", addresses
        )
        users: dict[str, Sequence[EndpointEntry | RangeEntry | CredentialRule]] = {
            "endpoints": self.endpoints,
            "ranges": self.ranges,
            "rules": self.rules,
        }
        found += [
            ((key, index, "credential"), f"{entry.credential!r} is no name under credentials")
            for key, entries in users.items()
            for index, entry in enumerate(entries)
            if entry.credential is not None and entry.credential not in names
        ]
        contradictions(found)
        return self


def _repeated(key: str, field: str, values: Sequence[str]) -> list[tuple[Place, str]]:
    first: dict[str, int] = {}
    found: list[tuple[Place, str]] = []
    for index, value in enumerate(values):
        if first.setdefault(value, index) != index:
            place: Place = (key, index, field)
            found.append((place, f"{value} is listed twice, first as {key}[{first[value]}]"))
    return found
