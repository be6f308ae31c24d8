"""Addresses to look at, made one at a time from lists and networks, never held as a whole."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from pydantic import ValidationError

from fleetd.config.discovery import EndpointEntry, RangeEntry
from fleetd.domain.endpoint import Source, normal_address
from fleetd.domain.errors import InvalidInput

_NETWORK: Final = re.compile(
    r"^(?:(?P<scheme>https?)://)?(?P<network>[^/]+)(?P<prefix>/\d{1,3})(?::(?P<port>\d{1,5}))?$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One address to probe, with what the configuration says of it."""

    address: str
    source: Source
    credential: str | None = None
    fingerprint: str | None = None
    site: str | None = None
    labels: tuple[tuple[str, str], ...] = ()


def from_entries(entries: Iterable[EndpointEntry]) -> Iterator[Target]:
    """The targets of the static list."""
    for entry in entries:
        yield Target(
            address=entry.address,
            source=Source.STATIC,
            credential=entry.credential,
            fingerprint=entry.fingerprint,
            site=entry.site,
            labels=tuple(sorted(entry.labels.items())),
        )


def from_range(entry: RangeEntry, *, source: Source = Source.RANGE) -> Iterator[Target]:
    """The targets of a network: every host address that isn't excluded, on every port."""
    network = ipaddress.ip_network(entry.cidr)
    excluded = [ipaddress.ip_network(text, strict=False) for text in entry.exclude]
    for address in _hosts(network):
        if any(address in other for other in excluded):
            continue
        host = f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004
        for port in entry.ports:
            yield Target(
                address=normal_address(f"{entry.scheme}://{host}:{port}"),
                source=source,
                credential=entry.credential,
                site=entry.site,
                labels=tuple(sorted(entry.labels.items())),
            )


def _hosts(
    network: ipaddress.IPv4Network | ipaddress.IPv6Network,
) -> Iterator[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    if network.num_addresses == 1:
        yield network.network_address
        return
    yield from network.hosts()


def range_size(entry: RangeEntry) -> int:
    """How many addresses a range gives at most (exclusions not counted out), times its ports."""
    network = ipaddress.ip_network(entry.cidr)
    return max(1, network.num_addresses) * len(entry.ports)


def parse_targets(
    texts: Sequence[str], *, site: str | None, credential: str | None
) -> tuple[Iterator[Target], int]:
    """As ``parse_target``, of several.

    Raises:
        InvalidInput: As there; ``pointer`` says which.
    """
    parsed = []
    for number, text in enumerate(texts):
        try:
            parsed.append(parse_target(text, site=site, credential=credential))
        except InvalidInput as error:
            raise InvalidInput(str(error), pointer=f"/targets/{number}") from error
    return chain.from_iterable(made for made, _ in parsed), sum(size for _, size in parsed)


def parse_target(
    text: str, *, site: str | None = None, credential: str | None = None
) -> tuple[Iterator[Target], int]:
    """Targets asked for by a person: ``[scheme://]host[:port]`` or ``[scheme://]network[:port]``.

    Returns:
        The targets, made lazily, and how many there are at most.

    Raises:
        InvalidInput: It is neither an address nor a network, or the network is too large.
    """
    match = _NETWORK.match(text.strip())
    if match is None:
        target = Target(
            address=normal_address(text), source=Source.API, credential=credential, site=site
        )
        return iter((target,)), 1
    scheme = match["scheme"] or "https"
    try:
        entry = RangeEntry(
            cidr=match["network"].strip("[]") + match["prefix"],
            ports=(int(match["port"] or (443 if scheme == "https" else 80)),),
            scheme=scheme,
            site=site,
            credential=credential,
        )
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise InvalidInput(f"{text!r} is not an address or network: {reason}") from error
    return from_range(entry, source=Source.API), range_size(entry)
