"""Accounts that are slots, made once and for all: filled and emptied, never created."""

from __future__ import annotations

from typing import ClassVar

from fleetd.domain.device import Json
from fleetd.domain.errors import Conflict
from fleetd.driverkit.behaviours.accounts import Accounts
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import text
from fleetd.driverkit.request import Request, patch


class AccountSlots(Accounts):
    """Making an account fills the first empty slot; removing one empties its slot.

    ``reserved`` are the ids of slots that are the BMC's own.
    """

    reserved: ClassVar[frozenset[str]] = frozenset()

    def create(
        self, service: Resource, documents: Documents, username: str, password: str, role: str
    ) -> tuple[Request, ...]:
        """The request that fills the first empty slot, with everything at once.

        Raises:
            InvalidInput: The BMC wouldn't take the password.
            Conflict: Every slot is in use.
        """
        self.require_length(service, password)
        for slot in documents.of_kind("ManagerAccount"):
            if slot.last not in self.reserved and text(slot.body, "UserName") is None:
                return (patch(slot.path, self.wanted(username, password, role)),)
        raise Conflict("every slot for an account of this BMC is in use")

    def remove(self, documents: Documents, username: str) -> tuple[Request, ...]:
        """The request that empties the slot.

        Raises:
            NotFound: There's no such account.
        """
        return (patch(self.existing(documents, username).path, self.emptied()),)

    def emptied(self) -> dict[str, Json]:
        """The body of a slot that is nobody's."""
        return {"UserName": "", "Enabled": False}
