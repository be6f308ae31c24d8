"""What the configuration says of discovery: addresses, credentials, trust, what is expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import structlog

from fleetd.config.discovery import DiscoverySection, EndpointEntry
from fleetd.config.redfish import RedfishSection, TlsSection
from fleetd.domain.discovery import Expected
from fleetd.domain.endpoint import Source
from fleetd.domain.errors import InvalidInput
from fleetd.services.discovery.credentials import inside
from fleetd.services.discovery.ssdp import search
from fleetd.services.discovery.targets import Target, from_entries, from_range, range_size

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What the configuration says now, read anew at each use, so that a reload counts."""

    discovery: DiscoverySection
    redfish: RedfishSection
    site: str
    entries: tuple[EndpointEntry, ...]
    manifest: tuple[Expected, ...]

    def trust_for(self, address: str) -> TlsSection:
        """The trust for an address: the first override with its network, or the default."""
        overrides = self.discovery.tls_overrides
        return next((one for one in overrides if inside(address, one.cidr)), self.redfish.tls)

    def require_known(self, credential: str | None) -> None:
        """Refuse the name of a credential that isn't configured; none at all is well.

        Raises:
            InvalidInput: No credential has this name.
        """
        if credential is None or any(one.name == credential for one in self.discovery.credentials):
            return
        raise InvalidInput(f"no credential is named {credential!r}", pointer="/credential")

    def targets(self) -> tuple[Iterator[Target], int]:
        """What is listed and the ranges, made lazily, and how many there are at most."""
        ranges = self.discovery.ranges
        listed = {entry.address for entry in self.entries}
        scanned = (
            target
            for entry in ranges
            for target in from_range(entry)
            if target.address not in listed
        )
        size = len(self.entries) + sum(range_size(entry) for entry in ranges)
        return chain(from_entries(self.entries), scanned), size

    async def announced(self) -> Iterator[Target]:
        """What answers a search by SSDP, where that is switched on."""
        section = self.discovery.ssdp
        if not section.enabled:
            return iter(())
        addresses = await search(
            section.target, wait_seconds=section.wait.total_seconds(), interface=section.interface
        )
        _log.info("ssdp_answers", services=len(addresses))
        return (Target(address=address, source=Source.SSDP) for address in addresses)
