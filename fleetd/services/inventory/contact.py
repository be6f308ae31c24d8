"""Getting hold of an endpoint: probe it, choose driver and credential, log in, note how it went."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from fleetd.domain.device import EndpointId
from fleetd.domain.endpoint import Endpoint, Reach, failing
from fleetd.domain.errors import (
    CredentialHeld,
    FleetError,
    LoginRefused,
    NoCredential,
    NotFound,
    SecretUnavailable,
)
from fleetd.domain.inventory import Problem
from fleetd.domain.ports import Clock, Credentials, EndpointStore
from fleetd.driverkit.choice import Choice
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd.redfish.client import RedfishClient
from fleetd.redfish.connection import Connection
from fleetd.services.discovery.credentials import (
    choose,
    require_credential,
    require_login_allowed,
)
from fleetd.services.discovery.sources import Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """An endpoint that answers and has let us in."""

    endpoint: Endpoint
    connection: Connection
    choice: Choice


class Contacts:
    """Makes contacts, and writes down each endpoint's reach."""

    def __init__(
        self,
        *,
        client: RedfishClient,
        registry: Registry,
        endpoints: EndpointStore,
        credentials: Credentials,
        clock: Clock,
        sources: Callable[[], Awaitable[Sources]],
    ) -> None:
        self._client = client
        self._registry = registry
        self._endpoints = endpoints
        self._credentials = credentials
        self._clock = clock
        self._sources = sources
        self._known: dict[EndpointId, Choice] = {}

    async def endpoint(self, endpoint_id: EndpointId) -> Endpoint:
        """The endpoint as stored.

        Raises:
            NotFound: No endpoint has this id.
        """
        endpoint = await self._endpoints.endpoint(endpoint_id)
        if endpoint is None:
            raise NotFound(f"no endpoint has the id {endpoint_id}")
        return endpoint

    async def is_up(self, endpoint_id: EndpointId) -> bool:
        """The endpoint is known and answered when it was last asked."""
        endpoint = await self._endpoints.endpoint(endpoint_id)
        return endpoint is not None and endpoint.reach is Reach.UP

    async def reach(self, endpoint: Endpoint) -> Contact:
        """Probe, choose, log in.

        Raises:
            DeviceError: It can't be reached or doesn't let us in; ``lost`` says so in the store.
            SecretUnavailable: The credential's password can't be read.
        """
        sources = await self._sources()
        probed = await self._client.probe(
            endpoint.address,
            tls=sources.trust_for(endpoint.address),
            fingerprint=endpoint.fingerprint,
            timeout=sources.redfish.request_timeout.total_seconds(),
        )
        choice = self._registry.choose(Facts.of_root(probed.root))
        seen = replace(
            endpoint,
            root=probed.root,
            driver=endpoint.driver or choice.name,
            fingerprint=endpoint.fingerprint or probed.fingerprint,
        )
        return await self._enter(seen, choice, sources)

    async def _enter(self, seen: Endpoint, choice: Choice, sources: Sources) -> Contact:
        name = require_credential(seen, choose(seen, sources.discovery.rules))
        if seen.login_failed_at is not None:
            require_login_allowed(
                seen, now=self._clock.now(), window=sources.discovery.lockout_window
            )
            # The connection that was refused holds its credential for good; a new one may try.
            await self._client.forget(seen.address)
        connection = self._client.connect(
            seen.address,
            credential=await self._credentials.credential(name),
            tls=sources.trust_for(seen.address),
            fingerprint=seen.fingerprint,
            traits=choice.traits,
            driver=choice.name,
        )
        await connection.login()
        entered = replace(seen, login_failed_at=None, login_failed_credential=None)
        return Contact(endpoint=entered, connection=connection, choice=choice)

    async def again(self, endpoint: Endpoint) -> Contact:
        """As ``reach``, but without looking at the root again where it was seen before: for polls.

        Raises:
            DeviceError, SecretUnavailable: As ``reach``.
        """
        known = self._known.get(endpoint.id)
        if known is None or endpoint.root is None:
            return await self.reach(endpoint)
        return await self._enter(endpoint, known, await self._sources())

    async def leave(self, contact: Contact) -> None:
        """Log out after a piece of work, where sessions aren't kept between them."""
        self._known[contact.endpoint.id] = contact.choice
        if not (await self._sources()).redfish.keep_sessions:
            await contact.connection.close()

    async def swept(self, endpoint: Endpoint, *, seconds: float, gap: Problem | None) -> None:
        """Note that an endpoint was read, in how many seconds, and what the reading lacks."""
        now = self._clock.now()
        answered = replace(self._answered(endpoint, now), last_sweep_seconds=seconds)
        if gap is not None:
            answered = replace(
                answered,
                error=gap.message,
                error_code=gap.code,
                error_since=_since(endpoint, gap.code) or now,
            )
        await self._save(answered)

    async def polled(self, endpoint: Endpoint) -> None:
        """Note that an endpoint answered; what its last sweep lacked is lacking still."""
        answered = self._answered(endpoint, self._clock.now())
        if endpoint.reach is Reach.UP:
            answered = replace(
                answered,
                error=endpoint.error,
                error_code=endpoint.error_code,
                error_since=endpoint.error_since,
            )
        await self._save(answered)

    def _answered(self, endpoint: Endpoint, now: datetime) -> Endpoint:
        return replace(
            endpoint,
            reach=Reach.UP,
            error=None,
            error_code=None,
            error_since=None,
            first_seen=endpoint.first_seen or now,
            last_seen=now,
        )

    async def _save(self, endpoint: Endpoint) -> None:
        """Write an endpoint, unless somebody removed it meanwhile."""
        if await self._endpoints.endpoint(endpoint.id) is not None:
            await self._endpoints.save_endpoints([endpoint])

    async def lost(self, endpoint: Endpoint, error: FleetError) -> Endpoint:
        """Note that an endpoint could not be reached or entered, and why."""
        self._known.pop(endpoint.id, None)
        now = self._clock.now()
        failed = failing(endpoint, error, reach=_reach(error), at=now)
        failed = await self._with_guard(failed, error, now)
        await self._save(failed)
        return failed

    async def _with_guard(self, endpoint: Endpoint, error: FleetError, now: datetime) -> Endpoint:
        """Start the lock-out window where a login was refused; a 403 to a resource is none."""
        # Of several requests at once only one may meet the refusal, the others the held credential.
        unnoted = isinstance(error, CredentialHeld) and endpoint.login_failed_at is None
        refused = isinstance(error, LoginRefused) or unnoted
        name = choose(endpoint, (await self._sources()).discovery.rules)
        if not refused or name is None:
            return endpoint
        return replace(endpoint, login_failed_at=now, login_failed_credential=name)


def _since(endpoint: Endpoint, code: str) -> datetime | None:
    """Since when the endpoint has had this error, if it's no new one."""
    return endpoint.error_since if endpoint.error_code == code else None


def _reach(error: FleetError) -> Reach:
    if isinstance(error, LoginRefused | CredentialHeld):
        return Reach.HELD
    if isinstance(error, NoCredential | SecretUnavailable):
        return Reach.NO_CREDENTIAL
    return Reach.DOWN
