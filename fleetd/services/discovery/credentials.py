"""Which credential an endpoint gets, and the guard against locking accounts out."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from fleetd.config.discovery import CredentialRule
from fleetd.domain.endpoint import Endpoint
from fleetd.domain.errors import CredentialHeld, NoCredential
from fleetd.driverkit.choice import vendor_name


def choose(endpoint: Endpoint, rules: tuple[CredentialRule, ...]) -> str | None:
    """The name of the credential for an endpoint: its own, else the first rule that holds.

    Rules see what the service root says without a login, so an endpoint is probed first.
    """
    if endpoint.credential is not None:
        return endpoint.credential
    return next((rule.credential for rule in rules if _holds(rule, endpoint)), None)


def _holds(rule: CredentialRule, endpoint: Endpoint) -> bool:
    root = endpoint.root
    product = (root.product or "") if root else ""
    return (
        (rule.vendor is None or rule.vendor.casefold() in _vendors(endpoint))
        and (rule.product is None or rule.product.casefold() in product.casefold())
        and (rule.site is None or rule.site == endpoint.site)
        and (rule.cidr is None or inside(endpoint.address, rule.cidr))
    )


def _vendors(endpoint: Endpoint) -> set[str]:
    """The vendor as the root says it and by its usual name; many say it by their Oem key only."""
    root = endpoint.root
    if root is None:
        return set()
    names = (root.vendor, vendor_name(root.vendor, *root.oem_keys))
    return {name.casefold() for name in names if name}


def inside(address: str, cidr: str) -> bool:
    """The host of a base URL is an IP address in the network; a host name never is."""
    try:
        host = ipaddress.ip_address(urlsplit(address).hostname or "")
    except ValueError:
        return False
    return host in ipaddress.ip_network(cidr)


def require_login_allowed(endpoint: Endpoint, *, now: datetime, window: timedelta) -> None:
    """Refuse a login while an earlier wrong one may still count towards a lock-out.

    Raises:
        CredentialHeld: A login failed within the window.
    """
    if endpoint.login_failed_at is None:
        return
    free_at = endpoint.login_failed_at + window
    if now < free_at:
        raise CredentialHeld(
            f"credential {endpoint.login_failed_credential!r} was refused at "
            f"{endpoint.login_failed_at:%Y-%m-%d %H:%M:%SZ}; to not lock the account, no login is "
            f"tried before {free_at:%Y-%m-%d %H:%M:%SZ}. Correct the credential meanwhile",
            endpoint=endpoint.address,
        )


def require_credential(endpoint: Endpoint, name: str | None) -> str:
    """The chosen name.

    Raises:
        NoCredential: No rule chose one.
    """
    if name is None:
        raise NoCredential(
            "no credential: name one for it, or add a rule under discovery.rules",
            endpoint=endpoint.address,
        )
    return name
