"""The accounts of one BMC: who may log in, and what its vendor demands of names and passwords.

Source: DSP0268 "ManagerAccount" and "AccountService"; vendors' rules by their quirk ids.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

from fleetd_emulators.protocol.exchange import Response
from fleetd_emulators.protocol.problems import Json, not_allowed, problem

_CLASSES: Final = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")
_TYPES: Final[dict[str, type]] = {
    "UserName": str,
    "Password": str,
    "RoleId": str,
    "Enabled": bool,
    "Locked": bool,
    "PasswordChangeRequired": bool,
    "AccountTypes": list,
    "Oem": dict,
}


class Creation(StrEnum):
    """How an account is made."""

    POST = "post"
    FILL_SLOT = "fill-slot"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRules:
    """What one vendor's BMC demands of accounts.

    Attributes:
        creation: By POST, or by PATCH of an empty slot (quirks DEL-009, LEN-029).
        slots: How many there can be; with slots every one is shown, empty or not.
        reserved: Slots that nobody may fill.
        first: The id of the account that the BMC comes with.
        by_name: Whether an account's id is its user name (quirk NVD-019).
        name: What a user name looks like.
        least: The fewest characters of a password.
        most: The most.
        classes: How many of lower case, upper case, digits and signs a password needs.
        roles: The ids of the roles there are.
        policy_writable: Whether the lock-out policy takes PATCH (not on iDRAC, quirk DEL-012).
        least_lockout_s: The shortest lock-out that is taken (quirks LEN-033, NVD-019).
        allows_no_lockout: Whether a threshold of 0 is taken (quirk NVD-019).
        privileges: Vendor's section and names of the privileges in it (iLO).
    """

    creation: Creation = Creation.POST
    slots: int = 16
    reserved: tuple[int, ...] = ()
    first: str = "1"
    by_name: bool = False
    name: str = r"[^\s:]{1,32}"
    least: int = 1
    most: int = 64
    classes: int = 0
    roles: tuple[str, ...] = ("Administrator", "Operator", "ReadOnly")
    policy_writable: bool = True
    least_lockout_s: int = 0
    allows_no_lockout: bool = True
    privileges: tuple[str, tuple[str, ...]] | None = None


STANDARD_RULES: Final = AccountRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account; an empty slot has no name."""

    id: str
    username: str = ""
    password: str = field(default="", repr=False)
    role: str = "Administrator"
    enabled: bool = True
    must_change: bool = False
    oem: Json | None = None


class Unacceptable(Exception):
    """The change breaks a rule; the response says which."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class Accounts:
    """The book of accounts; names are unique, and the last administrator stays."""

    def __init__(
        self, given: Mapping[str, str], rules: AccountRules, *, must_change: bool = False
    ) -> None:
        self.rules = rules
        self._accounts: dict[str, Account] = {}
        for nth, (username, password) in enumerate(given.items()):
            identity = username if rules.by_name else str(int(rules.first) + nth)
            self._accounts[identity] = Account(
                id=identity, username=username, password=password, must_change=must_change
            )

    @property
    def members(self) -> tuple[Account, ...]:
        """What the collection shows: the accounts, and the empty slots where there are slots."""
        if self.rules.creation is Creation.POST:
            return tuple(self._accounts.values())
        numbers = (str(number) for number in range(1, self.rules.slots + 1))
        return tuple(
            self._accounts.get(n, Account(id=n, role="None", enabled=False)) for n in numbers
        )

    def find(self, identity: str) -> Account | None:
        """The account or the empty slot with this id."""
        return next((one for one in self.members if one.id == identity), None)

    def named(self, username: str) -> Account | None:
        """The account of this user."""
        return next((one for one in self._accounts.values() if one.username == username), None)

    def admit(self, username: str, password: str) -> None:
        """Let this user in with this password, whoever it is and whatever the rules are."""
        known = self.named(username)
        identity = known.id if known is not None else self._free_id(username)
        self._accounts[identity] = Account(id=identity, username=username, password=password)

    def verify(self, username: str, password: str) -> bool:
        """Whether this user may log in with this password."""
        account = self.named(username)
        given = password.encode()
        if account is None or not account.enabled:
            return False
        return hmac.compare_digest(account.password.encode(), given)

    def create(self, body: Json) -> Account:
        """Make an account by POST.

        Raises:
            Unacceptable: A rule is broken, or accounts are made by filling slots.
        """
        if self.rules.creation is not Creation.POST:
            raise Unacceptable(not_allowed("POST", "Accounts", "GET, HEAD"))
        _require(body, "UserName", "Password", "RoleId")
        if self.named(body["UserName"]) is not None:
            raise _refused("ResourceAlreadyExists", "There is an account of this name.")
        if len(self._accounts) >= self.rules.slots:
            raise _refused("CreateLimitReachedForResource", "There is no room for an account.")
        return self._store(Account(id=self._free_id(body["UserName"])), body)

    def change(self, account: Account, body: Json) -> Account:
        """Change an account, fill an empty slot, or empty one by a blank user name.

        Raises:
            Unacceptable: A rule is broken.
        """
        if account.id.isdecimal() and int(account.id) in self.rules.reserved:
            raise _refused("PropertyNotWritable", f"The account {account.id} is reserved.")
        if body.get("UserName") == "" and self.rules.creation is Creation.FILL_SLOT:
            self.remove(account)
            return Account(id=account.id, role="None", enabled=False)
        if not account.username:
            # An empty slot takes name, password and role in one request only (quirk DEL-010).
            _require(body, "UserName", "Password", "RoleId")
        return self._store(account, body)

    def remove(self, account: Account) -> None:
        """Delete an account.

        Raises:
            Unacceptable: It is the last that administers.
        """
        left = [one for one in self._accounts.values() if one.id != account.id]
        if not any(one.role == "Administrator" and one.enabled for one in left):
            raise _refused("AccountRemoveFailed", "The last administrator cannot be removed.")
        self._accounts.pop(account.id, None)

    def _free_id(self, username: Any) -> str:
        if self.rules.by_name:
            return str(username)
        numbers = range(int(self.rules.first), int(self.rules.first) + self.rules.slots + 1)
        return next(str(number) for number in numbers if str(number) not in self._accounts)

    def _store(self, account: Account, body: Json) -> Account:
        self._check(account, body)
        password = body.get("Password")
        changed = replace(
            account,
            username=body.get("UserName", account.username),
            password=password if password is not None else account.password,
            role=body.get("RoleId", account.role),
            enabled=body.get("Enabled", True if not account.username else account.enabled),
            must_change=body.get(
                "PasswordChangeRequired", account.must_change if password is None else False
            ),
            oem=body.get("Oem", account.oem),
        )
        self._accounts[account.id] = changed
        return changed

    def _check(self, account: Account, body: Json) -> None:
        for name, value in body.items():
            if name not in _TYPES:
                raise _refused("PropertyUnknown", f"The property {name} is not known here.")
            if not isinstance(value, _TYPES[name]):
                raise _refused("PropertyValueTypeError", f"The property {name} is of another type.")
        self._check_name(account, body)
        if "Password" in body and not self._is_good(body["Password"]):
            raise _refused("PropertyValueFormatError", "The password breaks the password policy.")
        if body.get("RoleId", account.role) not in {*self.rules.roles, account.role}:
            raise _refused("PropertyValueNotInList", "There is no such role.")

    def _check_name(self, account: Account, body: Json) -> None:
        name = body.get("UserName", account.username)
        if not re.fullmatch(self.rules.name, name):
            raise _refused("PropertyValueFormatError", "The user name breaks the naming rules.")
        other = self.named(name)
        if other is not None and other.id != account.id:
            raise _refused("ResourceAlreadyExists", f"There is an account named {name}.")

    def _is_good(self, password: str) -> bool:
        met = sum(1 for pattern in _CLASSES if re.search(pattern, password))
        return self.rules.least <= len(password) <= self.rules.most and met >= self.rules.classes


def _require(body: Json, *names: str) -> None:
    for name in names:
        if body.get(name) in {None, ""}:
            raise _refused("PropertyMissing", f"The property {name} is required.")


def _refused(message_id: str, message: str) -> Unacceptable:
    return Unacceptable(problem(HTTPStatus.BAD_REQUEST, message_id, message))
