"""Endpoints as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from fleetd.api.redaction import scrub_text
from fleetd.api.schemas.shape import Address, Fingerprint, Name, PageOf, Shape, Text
from fleetd.domain.endpoint import Endpoint, Reach, Root, Source


class NewEndpoint(Shape):
    """A Redfish service to remember and read."""

    address: Address
    """``https://host[:port]``; https where no scheme is given."""
    credential: Name | None = None
    """Name of the credential; otherwise the rules choose one."""
    fingerprint: Fingerprint | None = None
    """SHA-256 of its certificate in lower-case hexadecimal, to pin it."""
    site: Name | None = None
    labels: Annotated[
        dict[Name, Text],
        # pydantic describes the names that fit, and not that others are refused.
        Field(max_length=64, json_schema_extra={"additionalProperties": False}),
    ] = Field(default_factory=dict)


class RootView(Shape):
    """What the service root says without a login."""

    redfish_version: str
    uuid: str | None
    vendor: str | None
    product: str | None

    @classmethod
    def of(cls, root: Root) -> Self:
        """Present a service root."""
        return cls(
            redfish_version=root.redfish_version,
            uuid=root.uuid,
            vendor=root.vendor,
            product=root.product,
        )


class EndpointLinks(Shape):
    """Where to go from an endpoint."""

    self: str
    devices: str


class EndpointView(Shape):
    """One Redfish service: an address and a credential's name, and how it stands."""

    id: str
    address: str
    source: Source
    credential: str | None
    """Name of the credential, never the credential."""
    fingerprint: str | None
    site: str | None
    labels: dict[str, str]
    driver: str | None
    root: RootView | None
    reach: Reach
    error: str | None
    error_code: str | None
    error_since: datetime | None
    login_failed_at: datetime | None
    first_seen: datetime | None
    last_seen: datetime | None
    last_sweep_seconds: float | None
    links: EndpointLinks

    @classmethod
    def of(cls, endpoint: Endpoint) -> Self:
        """Present an endpoint."""
        return cls(
            id=endpoint.id,
            address=endpoint.address,
            source=endpoint.source,
            credential=endpoint.credential,
            fingerprint=endpoint.fingerprint,
            site=endpoint.site,
            labels=dict(endpoint.labels),
            driver=endpoint.driver,
            root=None if endpoint.root is None else RootView.of(endpoint.root),
            reach=endpoint.reach,
            error=scrub_text(endpoint.error),
            error_code=endpoint.error_code,
            error_since=endpoint.error_since,
            login_failed_at=endpoint.login_failed_at,
            first_seen=endpoint.first_seen,
            last_seen=endpoint.last_seen,
            last_sweep_seconds=endpoint.last_sweep_seconds,
            links=EndpointLinks(
                self=f"/v1/endpoints/{endpoint.id}",
                devices=f"/v1/devices?endpoint={endpoint.id}",
            ),
        )


class EndpointPage(PageOf[EndpointView]):
    """Endpoints, in order of id."""
