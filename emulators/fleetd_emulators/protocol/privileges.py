"""Which privilege a request needs, and whether its sender's role has it.

Source: DSP0266 "Redfish service operation-to-privilege mapping"; DSP8011's PrivilegeRegistry.
"""

from __future__ import annotations

from typing import Final

from fleetd_emulators.protocol.account_service import ACCOUNT_SERVICE, ACCOUNTS, PRIVILEGES
from fleetd_emulators.protocol.accounts import Account
from fleetd_emulators.protocol.exchange import Request, Response
from fleetd_emulators.protocol.problems import parse_object, problem

_SESSIONS: Final = "/redfish/v1/SessionService/Sessions/"
# By the start of the path, what changing anything there takes; the first that fits decides.
_TO_CHANGE: Final = (
    (ACCOUNT_SERVICE, "ConfigureUsers"),
    ("/redfish/v1/Systems", "ConfigureComponents"),
    ("/redfish/v1/Chassis", "ConfigureComponents"),
    ("/redfish/v1/Storage", "ConfigureComponents"),
    ("/redfish/v1/Fabrics", "ConfigureComponents"),
    ("/redfish/v1/PowerEquipment", "ConfigureComponents"),
    ("/redfish/v1/UpdateService", "ConfigureComponents"),
    # Also what lies outside the tree: where vendors take firmware images.
    ("/", "ConfigureManager"),
)


def refuse(request: Request, account: Account | None, owner: str | None) -> Response | None:
    """403 for a request that its sender's role does not allow; None lets it pass.

    Args:
        request: An authenticated one.
        account: The sender's.
        owner: The user of the session that the request is about, where it is about one.
    """
    if account is None or request.method in {"GET", "HEAD"}:
        return None
    # Roles that a vendor made up have what its documents say, and that is not modelled.
    held = PRIVILEGES.get(account.role)
    if held is None or _is_own(request, account, owner):
        return None
    needed = next(name for start, name in _TO_CHANGE if request.path.startswith(start))
    if needed in held:
        return None
    return problem(
        403,
        "InsufficientPrivilege",
        "There are insufficient privileges for the account or credentials associated with the "
        "current session to perform the requested operation.",
        resolution="Use an account with the privileges for this operation.",
    )


def _is_own(request: Request, account: Account, owner: str | None) -> bool:
    """ConfigureSelf: one's own session, and one's own password."""
    if request.path.startswith(_SESSIONS):
        return owner == account.username
    body = parse_object(request.body) or {}
    return request.path == f"{ACCOUNTS}/{account.id}" and body.keys() == {"Password"}
