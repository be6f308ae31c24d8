"""The BMC's own accounts: making them, changing passwords, removing them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fleetd.domain.device import Json
from fleetd.domain.errors import InvalidInput, NotFound, Unsupported
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import integer, link, text, value
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Request, delete, patch, post


class Accounts(Behaviour):
    """AccountService and its Accounts (DSP0268 'AccountService', 'ManagerAccount')."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "ServiceRoot": (Follow("AccountService", "AccountService"),),
        "AccountService": (Follow("Accounts", "ManagerAccount"),),
    }

    def find(self, documents: Documents, username: str) -> Resource | None:
        """The account of that name."""
        for account in documents.of_kind("ManagerAccount"):
            if text(account.body, "UserName") == username:
                return account
        return None

    def create(
        self, service: Resource, documents: Documents, username: str, password: str, role: str
    ) -> tuple[Request, ...]:
        """The requests that make an enabled account with a role, such as ``Administrator``.

        Raises:
            InvalidInput: The BMC wouldn't take the password: too short or too long for it.
            Unsupported: The BMC can't.
        """
        del documents
        self.require_length(service, password)
        place = link(value(service.body, "Accounts"))
        if place is None:
            raise Unsupported("accounts can't be made here", endpoint="", uri=service.path)
        return (post(place, self.wanted(username, password, role)),)

    def change_password(
        self, service: Resource, documents: Documents, username: str, password: str
    ) -> tuple[Request, ...]:
        """The requests that change an account's password.

        Raises:
            InvalidInput: The BMC wouldn't take the password.
            NotFound: There's no such account.
        """
        self.require_length(service, password)
        return (patch(self.existing(documents, username).path, {"Password": password}),)

    def remove(self, documents: Documents, username: str) -> tuple[Request, ...]:
        """The requests that remove an account.

        Raises:
            NotFound: There's no such account.
        """
        return (delete(self.existing(documents, username).path),)

    def existing(self, documents: Documents, username: str) -> Resource:
        """The account of that name.

        Raises:
            NotFound: There's none.
        """
        account = self.find(documents, username)
        if account is None:
            raise NotFound(f"the BMC has no account {username!r}")
        return account

    def wanted(self, username: str, password: str, role: str) -> dict[str, Json]:
        """The new account's body."""
        return {"UserName": username, "Password": password, "RoleId": role, "Enabled": True}

    def require_length(self, service: Resource, password: str) -> None:
        """Refuse what the BMC says it would refuse, or would cut silently.

        Raises:
            InvalidInput: The password is too short or too long.
        """
        least, most = self.password_length(service)
        if (least and len(password) < least) or (most and len(password) > most):
            raise InvalidInput(
                f"the BMC takes passwords of {least or 0} to {most or 'any number of'} characters"
            )

    def password_length(self, service: Resource) -> tuple[int | None, int | None]:
        """The shortest and the longest password, in characters, as far as is known."""
        return (
            integer(service.body, "MinPasswordLength"),
            integer(service.body, "MaxPasswordLength"),
        )
