"""The one tree of errors: what failed, on what, why, and what can be done about it.

Nothing here knows HTTP; ``api/problems.py`` maps these to RFC 9457 problems.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Next(StrEnum):
    """What may help after an error: retry policies read this, never class names."""

    NEVER = "never"
    LATER = "later"
    HUMAN = "human"


class FleetError(Exception):
    """Something in fleetd failed.

    ``code`` is a stable slug for metrics and API clients; ``next`` says who can help.
    """

    code: ClassVar[str] = "error"
    next: ClassVar[Next] = Next.NEVER

    @property
    def title(self) -> str:
        """The first line of the class docstring: the kind of problem, without particulars."""
        return (type(self).__doc__ or self.code).strip().splitlines()[0].rstrip(".")


class NotFound(FleetError):
    """Nothing has this identifier."""

    code = "not-found"


class Conflict(FleetError):
    """The request contradicts the present state."""

    code = "conflict"


class InvalidTransition(Conflict):
    """The lifecycle table has no such transition."""

    code = "invalid-transition"


class InvalidInput(FleetError):
    """The input breaks a rule.

    ``pointer`` names the place (RFC 6901).
    """

    code = "invalid-input"
    next = Next.HUMAN

    def __init__(self, message: str, *, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer


class Forbidden(FleetError):
    """The caller is known and has no right to do this."""

    code = "forbidden"
    next = Next.HUMAN


class Unauthenticated(FleetError):
    """The caller did not prove who they are."""

    code = "unauthenticated"
    next = Next.HUMAN


class ShuttingDown(FleetError):
    """The daemon is stopping and takes no new work."""

    code = "shutting-down"
    next = Next.LATER


class DeviceError(FleetError):
    """A Redfish service did not do what was asked.

    ``endpoint`` is the service's address without credentials, ``uri`` the resource asked for.
    """

    code = "device-error"

    def __init__(self, message: str, *, endpoint: str, uri: str = "") -> None:
        super().__init__(f"{endpoint}{uri}: {message}")
        self.endpoint = endpoint
        self.uri = uri
        self.reason = message


class Unreachable(DeviceError):
    """No answer: refused, timed out, or the connection broke."""

    code = "unreachable"
    next = Next.LATER


class CircuitOpen(Unreachable):
    """The service failed repeatedly, so it is left alone for a while."""

    code = "circuit-open"


class CertificateRejected(DeviceError):
    """The TLS certificate is not the one that is trusted for this address."""

    code = "certificate-rejected"
    next = Next.HUMAN


class Unauthorised(DeviceError):
    """The service refused the credential, or the account has no right."""

    code = "unauthorised"
    next = Next.HUMAN


class NoCredential(Unauthorised):
    """No credential is configured for the service."""

    code = "no-credential"


class LoginRefused(Unauthorised):
    """The service refused the credential itself, which counts towards its lock-out."""

    code = "login-refused"


class CredentialHeld(Unauthorised):
    """A wrong login was seen, so no other is tried before the lock-out window has passed."""

    code = "credential-held"


class Busy(DeviceError):
    """The service answered that it can't now; ``retry_after`` is in seconds, if it said so."""

    code = "busy"
    next = Next.LATER

    def __init__(
        self, message: str, *, endpoint: str, uri: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message, endpoint=endpoint, uri=uri)
        self.retry_after = retry_after


class Faulted(DeviceError):
    """The service failed inside (5xx)."""

    code = "faulted"
    next = Next.LATER


class Refused(DeviceError):
    """The service refused the request (4xx); ``messages`` are its own words."""

    code = "refused"

    def __init__(
        self, message: str, *, endpoint: str, uri: str = "", messages: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message, endpoint=endpoint, uri=uri)
        self.messages = messages


class Missing(Refused):
    """The resource isn't there (404, 405, 410, 501): the service doesn't have this."""

    code = "missing"


class Malformed(DeviceError):
    """The answer isn't what Redfish says: broken JSON, too large, too deep, or of another shape."""

    code = "malformed"
    next = Next.HUMAN


class NotRedfish(Malformed):
    """Something answers at this address, but it's no Redfish service."""

    code = "not-redfish"


class Unsupported(DeviceError):
    """This device can't do this, by its driver or by its own word."""

    code = "unsupported"


class DriverFailed(DeviceError):
    """A driver's own code raised, didn't end, or answered nonsense about this device.

    ``hung``: it didn't end, so each further try would cost as much time.
    """

    code = "driver-failed"
    next = Next.HUMAN

    def __init__(self, message: str, *, endpoint: str, uri: str = "", hung: bool = False) -> None:
        super().__init__(message, endpoint=endpoint, uri=uri)
        self.hung = hung


class CloudError(FleetError):
    """An OpenStack service did not do what was asked."""

    code = "cloud-error"


class CloudUnavailable(CloudError):
    """The OpenStack service can't be reached, or can't answer now."""

    code = "cloud-unavailable"
    next = Next.LATER


class CloudConflict(CloudError):
    """The OpenStack object is locked or in a state that forbids this now."""

    code = "cloud-conflict"
    next = Next.LATER


class CloudRefused(CloudError):
    """The OpenStack service refused the request as wrong."""

    code = "cloud-refused"
    next = Next.HUMAN


class CloudUnauthorised(CloudError):
    """The OpenStack service refused our credential or role."""

    code = "cloud-unauthorised"
    next = Next.HUMAN


class StoreError(FleetError):
    """The database did not do what was asked."""

    code = "store-error"


class StoreBusy(StoreError):
    """The database is locked by another writer."""

    code = "store-busy"
    next = Next.LATER


class StoreUnavailable(StoreError):
    """The database can't be reached, is read-only, or is full."""

    code = "store-unavailable"
    next = Next.HUMAN


class SchemaMismatch(StoreError):
    """The database's schema isn't the one this version needs."""

    code = "schema-mismatch"
    next = Next.HUMAN


class SecretUnavailable(FleetError):
    """A secret is named in the configuration and can't be read."""

    code = "secret-unavailable"
    next = Next.HUMAN


class ConfigError(FleetError):
    """The configuration is wrong; the message names file, line and key."""

    code = "config-error"
    next = Next.HUMAN


class DeclarationError(FleetError):
    """A driver's declaration contradicts itself or another driver's."""

    code = "declaration-error"
    next = Next.HUMAN
