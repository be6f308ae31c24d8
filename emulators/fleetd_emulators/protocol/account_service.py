"""The account service, its accounts and its roles as resources.

Source: DSP0268 "AccountService", "ManagerAccount", "Role"; DSP0266 "Password change required".
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fleetd_emulators.protocol.accounts import Account, Creation, Unacceptable
from fleetd_emulators.protocol.exchange import Request, Response
from fleetd_emulators.protocol.gate import Gate
from fleetd_emulators.protocol.problems import (
    Json,
    bad_json,
    collection,
    json_response,
    not_allowed,
    not_found,
    parse_object,
    problem,
)

ACCOUNT_SERVICE: Final = "/redfish/v1/AccountService"
ACCOUNTS: Final = f"{ACCOUNT_SERVICE}/Accounts"
ROLES: Final = f"{ACCOUNT_SERVICE}/Roles"
PRIVILEGES: Final = {
    "Administrator": (
        *("Login", "ConfigureManager", "ConfigureUsers", "ConfigureComponents", "ConfigureSelf"),
    ),
    "Operator": ("Login", "ConfigureComponents", "ConfigureSelf"),
    "ReadOnly": ("Login", "ConfigureSelf"),
}


class AccountService:
    """Answers for everything below the account service."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._accounts = gate.accounts
        self._rules = gate.accounts.rules

    def handle(self, request: Request) -> Response | None:
        """Answer for a resource of the service; None says it is not one."""
        path = request.path
        try:
            if path == ACCOUNT_SERVICE:
                return self._service(request)
            if path == ACCOUNTS:
                return self._collection(request)
            if path.startswith(f"{ACCOUNTS}/"):
                return self._one(request, path.removeprefix(f"{ACCOUNTS}/"))
        except Unacceptable as unacceptable:
            return unacceptable.response
        if path == ROLES or path.startswith(f"{ROLES}/"):
            return self._roles(request)
        return None

    def _service(self, request: Request) -> Response:
        allowed = "GET, HEAD, PATCH" if self._rules.policy_writable else "GET, HEAD"
        if request.method == "PATCH" and self._rules.policy_writable:
            return self._change_policy(request)
        if request.method != "GET":
            return not_allowed(request.method, request.path, allowed)
        return json_response(
            {
                "@odata.id": ACCOUNT_SERVICE,
                "@odata.type": "#AccountService.v1_13_0.AccountService",
                "Id": "AccountService",
                "Name": "Account Service",
                "ServiceEnabled": True,
                "AccountLockoutThreshold": self._gate.lockout_attempts,
                "AccountLockoutDuration": int(self._gate.lockout_s),
                "MinPasswordLength": self._rules.least,
                "MaxPasswordLength": self._rules.most,
                "Accounts": {"@odata.id": ACCOUNTS},
                "Roles": {"@odata.id": ROLES},
            }
        )

    def _change_policy(self, request: Request) -> Response:
        body = parse_object(request.body)
        if body is None:
            return bad_json()
        attempts = body.pop("AccountLockoutThreshold", self._gate.lockout_attempts)
        seconds = body.pop("AccountLockoutDuration", int(self._gate.lockout_s))
        for name in body:
            return problem(400, "PropertyUnknown", f"The property {name} cannot be changed here.")
        for value in (attempts, seconds):
            if type(value) is not int or value < 0:
                return problem(400, "PropertyValueTypeError", "A whole number is wanted.")
        if seconds < self._rules.least_lockout_s:
            return problem(400, "PropertyValueNotInList", f"{seconds} seconds are too few.")
        if not attempts and not self._rules.allows_no_lockout:
            return problem(400, "PropertyValueNotInList", "The threshold cannot be 0.")
        self._gate.lockout_attempts, self._gate.lockout_s = attempts, float(seconds)
        return self._service(Request(method="GET", path=ACCOUNT_SERVICE))

    def _collection(self, request: Request) -> Response:
        takes_post = self._rules.creation is Creation.POST
        if request.method == "POST" and takes_post:
            body = parse_object(request.body)
            if body is None:
                return bad_json()
            made = self._accounts.create(body)
            return json_response(
                self._account(made), status=201, headers={"location": f"{ACCOUNTS}/{made.id}"}
            )
        if request.method != "GET":
            allowed = "GET, HEAD, POST" if takes_post else "GET, HEAD"
            return not_allowed(request.method, request.path, allowed)
        members = [f"{ACCOUNTS}/{account.id}" for account in self._accounts.members]
        return json_response(collection(ACCOUNTS, "ManagerAccountCollection", "Accounts", members))

    def _one(self, request: Request, identity: str) -> Response:
        account = self._accounts.find(identity)
        if account is None:
            return not_found(request.path)
        deletes = self._rules.creation is Creation.POST
        if request.method == "DELETE" and deletes:
            self._accounts.remove(account)
            self._gate.forget_sessions_of(account.username)
            return Response(status=HTTPStatus.NO_CONTENT)
        if request.method == "PATCH":
            body = parse_object(request.body)
            if body is None:
                return bad_json()
            return json_response(self._account(self._accounts.change(account, body)))
        if request.method != "GET":
            allowed = "GET, HEAD, PATCH, DELETE" if deletes else "GET, HEAD, PATCH"
            return not_allowed(request.method, request.path, allowed)
        return json_response(self._account(account))

    def _account(self, account: Account) -> Json:
        document: Json = {
            "@odata.id": f"{ACCOUNTS}/{account.id}",
            "@odata.type": "#ManagerAccount.v1_10_0.ManagerAccount",
            "Id": account.id,
            "Name": "User Account",
            "UserName": account.username,
            "Password": None,
            "RoleId": account.role,
            "AccountTypes": ["Redfish"],
            "Enabled": account.enabled,
            "Locked": False,
            "PasswordChangeRequired": account.must_change,
        }
        if account.role in self._rules.roles:
            document["Links"] = {"Role": {"@odata.id": f"{ROLES}/{account.role}"}}
        if self._rules.privileges is not None:
            vendor, names = self._rules.privileges
            given = (account.oem or {}).get(vendor, {})
            chosen = given.get("Privileges") or dict.fromkeys(
                names, account.role == "Administrator"
            )
            document["Oem"] = {
                vendor: {
                    "LoginName": given.get("LoginName", account.username),
                    "Privileges": {**dict.fromkeys(names, False), **chosen},
                }
            }
        return document

    def _roles(self, request: Request) -> Response:
        role = request.path.removeprefix(ROLES).removeprefix("/")
        if role and role not in self._rules.roles:
            return not_found(request.path)
        if request.method != "GET":
            return not_allowed(request.method, request.path, "GET, HEAD")
        if not role:
            members = [f"{ROLES}/{one}" for one in self._rules.roles]
            return json_response(collection(ROLES, "RoleCollection", "Roles", members))
        return json_response(
            {
                "@odata.id": f"{ROLES}/{role}",
                "@odata.type": "#Role.v1_3_1.Role",
                "Id": role,
                "Name": f"{role} Role",
                "RoleId": role,
                "IsPredefined": True,
                "AssignedPrivileges": list(PRIVILEGES.get(role, ("Login",))),
            }
        )
