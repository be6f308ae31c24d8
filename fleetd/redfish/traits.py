"""What a driver may change in how a BMC is talked to; the defaults are the specification's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EtagPolicy(StrEnum):
    """How PATCH and PUT state the version they change (DSP0266 'Protocol details', ETags)."""

    ON_DEMAND = "on-demand"
    """Without If-Match first; with it once the service asks (412, 428)."""
    READ = "read"
    """Read the resource's ETag first and send it."""
    STAR = "star"
    """Send ``If-Match: *``."""
    NEVER = "never"
    """Never send If-Match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionTraits:
    """How one family of BMCs departs from the specification on the wire.

    ``session_uri`` replaces the search for the session collection. ``requests_in_flight`` of None
    means the configured limit, which it can only lower.
    """

    expand: bool = True
    session_uri: str | None = None
    basic_auth: bool = False
    keep_alive: bool = True
    identity_encoding: bool = True
    etag: EtagPolicy = EtagPolicy.ON_DEMAND
    requests_in_flight: int | None = None
    request_timeout_s: float | None = None


STANDARD = ConnectionTraits()
