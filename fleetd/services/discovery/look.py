"""Looking at one address: is it Redfish, and what is remembered of that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from fleetd.domain.device import EndpointId
from fleetd.domain.discovery import ProbeOutcome
from fleetd.domain.endpoint import Endpoint, Reach, Source, endpoint_id, failing
from fleetd.domain.errors import DeviceError, NotRedfish, Unreachable
from fleetd.domain.ports import Clock, EndpointStore
from fleetd.redfish.client import RedfishClient
from fleetd.services.discovery.scan import answers
from fleetd.services.discovery.sources import Sources
from fleetd.services.discovery.targets import Target


class Looks:
    """Probes addresses; what is Redfish becomes an endpoint, and is read soon where that's news."""

    def __init__(
        self,
        *,
        client: RedfishClient,
        endpoints: EndpointStore,
        clock: Clock,
        read_soon: Callable[[EndpointId], Awaitable[object]],
    ) -> None:
        self._client = client
        self._endpoints = endpoints
        self._clock = clock
        self._read_soon = read_soon

    async def look(self, target: Target, sources: Sources) -> tuple[ProbeOutcome, bool]:
        """Probe an address.

        Returns:
            What it turned out to be, and whether it is an endpoint that wasn't known before.

        Raises:
            StoreError: What was found can't be kept.
            ShuttingDown: What was found can't be read any more.
        """
        seconds = sources.discovery.probe_timeout.total_seconds()
        listed = target.source is Source.STATIC  # its silence is an error that somebody wants told
        if not listed and not await answers(target.address, timeout_seconds=seconds):
            return ProbeOutcome.NO_ANSWER, False
        known = await self._endpoints.endpoint_at(target.address)
        endpoint = _described(known, target, sources.site)
        try:
            probed = await self._client.probe(
                endpoint.address,
                tls=sources.trust_for(endpoint.address),
                fingerprint=endpoint.fingerprint,
                timeout=seconds,
            )
        except DeviceError as error:
            if listed or known is not None:
                failed = failing(endpoint, error, reach=Reach.DOWN, at=self._clock.now())
                await self._endpoints.save_endpoints([failed])
            return _outcome(error), False
        found = replace(
            endpoint,
            root=probed.root,
            fingerprint=endpoint.fingerprint or probed.fingerprint,
            first_seen=endpoint.first_seen or self._clock.now(),
        )
        await self._endpoints.save_endpoints([found])
        if known is None or known.reach is not Reach.UP:
            await self._read_soon(endpoint.id)
        return ProbeOutcome.REDFISH, known is None


def _described(known: Endpoint | None, target: Target, site: str) -> Endpoint:
    """The endpoint with what the target says of it; what the target leaves out stays."""
    base = known or Endpoint(
        id=endpoint_id(target.address), address=target.address, source=target.source
    )
    return replace(
        base,
        credential=target.credential or base.credential,
        fingerprint=target.fingerprint or base.fingerprint,
        site=target.site or base.site or site,
        labels=target.labels or base.labels,
    )


def _outcome(error: DeviceError) -> ProbeOutcome:
    if isinstance(error, NotRedfish):
        return ProbeOutcome.NOT_REDFISH
    return ProbeOutcome.NO_ANSWER if isinstance(error, Unreachable) else ProbeOutcome.FAILED
