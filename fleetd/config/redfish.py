"""How fleetd talks to BMCs: limits, timeouts, retries, and what it trusts."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from fleetd.config.section import Duration, FilePath, Section


class Trust(StrEnum):
    """How a BMC's TLS certificate is judged."""

    CA = "ca"
    PIN = "pin"
    NONE = "none"


class TlsSection(Section):
    """Which certificates are trusted.

    ``pin`` accepts exactly the certificate whose SHA-256 fingerprint is known for the address.
    """

    trust: Trust = Trust.CA
    """ca: by the system's or ``ca_file``'s authorities; pin: by fingerprint; none: not at all."""
    ca_file: FilePath | None = None
    """PEM bundle of authorities used in place of the system's."""
    learn: bool = False
    """With trust ``pin``: learn the fingerprint at first contact (trust on first use)."""

    @model_validator(mode="after")
    def _learning_needs_pinning(self) -> Self:
        if self.learn and self.trust is not Trust.PIN:
            raise ValueError("learn needs trust: pin")
        return self


class RedfishSection(Section):
    """The Redfish client."""

    requests_per_endpoint: Annotated[int, Field(ge=1, le=16)] = 2
    """Requests in flight at one BMC; BMCs are weak."""
    requests_total: Annotated[int, Field(ge=1, le=10_000)] = 256
    """Requests in flight over the whole fleet."""
    connections_opening: Annotated[int, Field(ge=1, le=1_000)] = 32
    """Connections being opened at once; TLS handshakes cost the event loop most."""
    connect_timeout: Duration = timedelta(seconds=10)
    """Until a TCP and TLS connection stands."""
    request_timeout: Duration = timedelta(seconds=60)
    """Until a request is answered whole; slow BMCs need up to 30 s for one resource."""
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    """Repeats of a request that is safe to repeat (GET, HEAD), with jittered back-off."""
    retry_ceiling: Duration = timedelta(seconds=30)
    """The longest wait before a repeat, also where the BMC asks for more by Retry-After."""
    breaker_failures: Annotated[int, Field(ge=1, le=100)] = 5
    """Failures in a row after which an endpoint is left alone."""
    breaker_rest: Duration = timedelta(seconds=60)
    """How long it is left alone before one trial request."""
    response_max_bytes: Annotated[int, Field(ge=65_536, le=1_073_741_824)] = 16 * 2**20
    """The largest answer that is read."""
    response_max_depth: Annotated[int, Field(ge=8, le=1_000)] = 64
    """The deepest nesting of JSON that is parsed."""
    expand: bool = True
    """Use $expand where the BMC offers it and its driver doesn't forbid it."""
    keep_sessions: bool = True
    """Keep a session between sweeps; where off, log out after each."""
    tls: TlsSection = TlsSection()
    """Which certificates are trusted."""
