"""Accounts, media and updates of an XCC, and updates of Lenovo's AMI-based boards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.account_slots import AccountSlots
from fleetd.driverkit.behaviours.accounts import Accounts
from fleetd.driverkit.behaviours.apply_time import ApplyTime
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import text
from fleetd.driverkit.request import Part, Request, patch

_FLASH: Final = {"bmc": "HPMFwUpdate", "bios": "UEFIUpdate"}


class XccAccounts(AccountSlots):
    """Where empty slots are shown they're filled; where none is, accounts are made."""

    def create(
        self, service: Resource, documents: Documents, username: str, password: str, role: str
    ) -> tuple[Request, ...]:
        """The request that fills a slot, or makes the account.

        Raises:
            InvalidInput: The BMC wouldn't take the password.
            Unsupported: The BMC can't.
        """
        accounts = documents.of_kind("ManagerAccount")
        if any(text(account.body, "UserName") is None for account in accounts):
            return super().create(service, documents, username, password, role)
        return Accounts.create(self, service, documents, username, password, role)


class ExternalMedia(VirtualMedia):
    """EXT slots fetch by address; the others are for a person's own console."""

    def slots(self, documents: Documents, media_type: str) -> tuple[Resource, ...]:
        """Where media can be inserted: EXT slots first, and of them the empty."""
        found = super().slots(documents, media_type)
        return tuple(sorted(found, key=lambda slot: not slot.last.upper().startswith("EXT")))


class ClaimedUpdate(FirmwareUpdate):
    """An upload claims the service before and lets go of it after."""

    def push(self, service: Resource, image: Image) -> tuple[Request, ...]:
        """The claim, the image's bytes, and the end of the claim."""
        return _claimed(service, image, super().push(service, image))

    def multipart(
        self, service: Resource, image: Image, at: ApplyTime | None
    ) -> tuple[Request, ...]:
        """The claim, the image with its parameters, and the end of the claim."""
        return _claimed(service, image, super().multipart(service, image, at))

    def version(self, inventory: Resource) -> str | None:
        """The version without the build's name before it: ``ESX334M-4.20`` is 4.20."""
        said = super().version(inventory)
        return said if said is None else said.rpartition("-")[2]


class FlashTypeUpdate(FirmwareUpdate):
    """An AMI-based board must be told what kind of image comes."""

    def oem_parts(self, image: Image) -> Iterable[Part]:
        """OemParameters with the FlashType.

        Raises:
            Unsupported: The image isn't said to be the BMC's or the BIOS'.
        """
        kind = _FLASH.get(image.component or "")
        if kind is None:
            raise Unsupported(
                "only images for bmc or bios are taken here, and must be said to be", endpoint=""
            )
        return (Part(name="OemParameters", json={"FlashType": kind}),)


def _claimed(service: Resource, image: Image, upload: tuple[Request, ...]) -> tuple[Request, ...]:
    claim = {"HttpPushUriTargetsBusy": True, "HttpPushUriTargets": list(image.targets)}
    end = {"HttpPushUriTargetsBusy": False, "HttpPushUriTargets": []}
    return (patch(service.path, claim), *upload, patch(service.path, end))
