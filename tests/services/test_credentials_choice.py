"""Which credential is tried where, and that accounts are never locked out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fleetd.config.discovery import CredentialRule
from fleetd.domain.device import EndpointId
from fleetd.domain.endpoint import Endpoint, Root, Source
from fleetd.domain.errors import CredentialHeld, Unauthorised
from fleetd.services.discovery.credentials import (
    choose,
    require_credential,
    require_login_allowed,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
WINDOW = timedelta(minutes=30)
RULES = (
    CredentialRule(credential="lab", vendor="dell", cidr="10.1.0.0/16"),
    CredentialRule(credential="dell", vendor="Dell"),
    CredentialRule(credential="north", site="north"),
    CredentialRule(credential="rest"),
)


def endpoint(
    address: str = "https://10.0.0.1",
    *,
    vendor: str | None = None,
    site: str | None = None,
    credential: str | None = None,
    failed_at: datetime | None = None,
) -> Endpoint:
    return Endpoint(
        id=EndpointId("e"),
        address=address,
        source=Source.STATIC,
        root=Root(redfish_version="1.15.0", vendor=vendor),
        site=site,
        credential=credential,
        login_failed_at=failed_at,
        login_failed_credential="dell" if failed_at else None,
    )


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (endpoint("https://10.1.2.3", vendor="Dell"), "lab"),
        (endpoint("https://10.2.2.3", vendor="DELL"), "dell"),
        (endpoint(vendor="HPE", site="north"), "north"),
        (endpoint(vendor="HPE"), "rest"),
        (endpoint("https://bmc.example", vendor="Dell"), "dell"),
        (endpoint(vendor="Dell", credential="own"), "own"),
    ],
)
def test_the_first_rule_that_holds_chooses(given: Endpoint, name: str) -> None:
    assert choose(given, RULES) == name


def test_an_endpoint_that_no_rule_covers_says_what_to_do() -> None:
    with pytest.raises(Unauthorised, match=r"discovery\.rules"):
        require_credential(endpoint(), choose(endpoint(), ()))


def test_no_login_is_tried_within_the_window_after_a_wrong_one() -> None:
    held = endpoint(failed_at=NOW - WINDOW + timedelta(seconds=1))

    with pytest.raises(CredentialHeld, match="no login is tried before"):
        require_login_allowed(held, now=NOW, window=WINDOW)


def test_after_the_window_a_login_is_allowed_again() -> None:
    require_login_allowed(endpoint(failed_at=NOW - WINDOW), now=NOW, window=WINDOW)
