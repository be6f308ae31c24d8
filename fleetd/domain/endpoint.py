"""Endpoints: Redfish services at addresses, how they are trusted and how they stand."""

from __future__ import annotations

import ipaddress
import re
import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from fleetd.domain.device import EndpointId
from fleetd.domain.errors import DeviceError, FleetError, InvalidInput

_AFTER_BRACKET: Final = re.compile(r"\][^:/]")
_HOST: Final = re.compile(r"^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9_.])?$")


class Reach(StrEnum):
    """How the last attempt to talk to an endpoint ended."""

    NEVER_TRIED = "never-tried"
    UP = "up"
    DOWN = "down"
    NO_CREDENTIAL = "no-credential"
    HELD = "held"


class Source(StrEnum):
    """How an endpoint became known."""

    STATIC = "static"
    RANGE = "range"
    SSDP = "ssdp"
    API = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """What the service root says without a login (DSP0268 'ServiceRoot')."""

    redfish_version: str
    uuid: str | None = None
    vendor: str | None = None
    product: str | None = None
    oem_keys: tuple[str, ...] = ()
    expand: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One Redfish service: an address and a credential's name.

    ``address`` is a base URL without path, query or user information, as ``normal_address`` makes
    it. ``fingerprint`` is the pinned SHA-256 of the DER certificate in lower-case hexadecimal.
    """

    id: EndpointId
    address: str
    source: Source
    credential: str | None = None
    fingerprint: str | None = None
    site: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
    driver: str | None = None
    root: Root | None = None
    reach: Reach = Reach.NEVER_TRIED
    error: str | None = None
    error_code: str | None = None
    error_since: datetime | None = None
    login_failed_at: datetime | None = None
    login_failed_credential: str | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    last_sweep_seconds: float | None = None


def endpoint_id(address: str) -> EndpointId:
    """An address always gets the same id, so that it is never remembered twice."""
    return EndpointId(str(uuid.uuid5(uuid.NAMESPACE_URL, address)))


def failing(endpoint: Endpoint, error: FleetError, *, reach: Reach, at: datetime) -> Endpoint:
    """The endpoint with what went wrong; the same error as before keeps since when it stands."""
    since = endpoint.error_since if endpoint.error_code == error.code else None
    return replace(
        endpoint,
        reach=reach,
        error=error.reason if isinstance(error, DeviceError) else str(error),
        error_code=error.code,
        error_since=since or at,
    )


def normal_address(text: str) -> str:
    """Bring an address to the one form it is stored and compared in: ``scheme://host[:port]``.

    A default port is left out, the host is lower case, IPv6 is in brackets and compressed.

    Raises:
        InvalidInput: It is no http(s) address, or it carries a path, query or user information.
    """
    candidate = text.strip()
    if _AFTER_BRACKET.search(candidate):  # urlsplit overlooks what follows an IPv6 address
        raise InvalidInput(f"{text!r} is not an address")
    if "://" not in candidate:
        bare_ipv6 = candidate.count(":") > 1 and not candidate.startswith("[")
        candidate = f"https://{f'[{candidate}]' if bare_ipv6 else candidate}"
    try:
        parts = urlsplit(candidate)
        port = parts.port
    except ValueError as error:
        raise InvalidInput(f"{text!r} is not an address: {error}") from error
    if parts.username is not None or parts.password is not None:
        raise InvalidInput("an address must not carry a user name or password")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidInput(f"{text!r} is not an http or https address")
    if parts.path not in {"", "/", "/redfish", "/redfish/v1", "/redfish/v1/"} or parts.query:
        raise InvalidInput(f"{text!r} must be an address without path or query")
    host = _normal_host(parts.hostname)
    if port == 0:
        raise InvalidInput(f"{text!r} has no valid port")
    default = {"http": 80, "https": 443}[parts.scheme]
    suffix = "" if port in {None, default} else f":{port}"
    return f"{parts.scheme}://{host}{suffix}"


def _normal_host(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if not _HOST.match(host):
            raise InvalidInput(f"{host!r} is neither a host name nor an IP address") from None
        return host.lower()
    return f"[{address.compressed}]" if address.version == 6 else address.compressed  # noqa: PLR2004
