"""What a BMC insists on before it serves a request: ETags, and a password that is not factory's.

Source: DSP0266 "ETags", "Password change required"; what vendors do by their quirk ids.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from fleetd_emulators.protocol.account_service import ACCOUNTS
from fleetd_emulators.protocol.exchange import Request, Response
from fleetd_emulators.protocol.features import Features, IfMatch
from fleetd_emulators.protocol.gate import Gate
from fleetd_emulators.protocol.problems import problem


class Manners:
    """Refuses requests whose form the BMC does not take."""

    def __init__(self, gate: Gate, features: Features) -> None:
        self._gate = gate
        self._features = features

    def refuse(self, request: Request) -> Response | None:
        """The refusal of an authenticated request, or None."""
        return self._without_tag(request) or self._with_factory_password(request)

    def _without_tag(self, request: Request) -> Response | None:
        given = "if-match" in request.headers
        features = self._features
        if request.method == "POST" and given and features.actions_refuse_if_match:
            return problem(412, "PreconditionFailed", "An action takes no If-Match.")
        if request.method != "PATCH" or given or features.if_match is IfMatch.OPTIONAL:
            return None
        if any(fnmatchcase(request.path, pattern) for pattern in features.if_match_free):
            return None
        return problem(
            features.if_match_status,
            "PreconditionRequired",
            "The request must carry the header If-Match with the resource's ETag.",
        )

    def _with_factory_password(self, request: Request) -> Response | None:
        """403 until the account has a password of its own (quirks LEN-031, NVD-018)."""
        account = self._gate.account(request.headers)
        if account is None or not account.must_change:
            return None
        own = f"{ACCOUNTS}/{account.id}"
        if request.path == own and request.method in {"GET", "PATCH"}:
            return None
        if request.method == "DELETE" and "/Sessions/" in request.path:
            return None
        return problem(
            403,
            "PasswordChangeRequired",
            "The password provided for this account must be changed before access is granted. "
            f"PATCH the Password property of the account at {own}.",
            arguments=(own,),
        )
