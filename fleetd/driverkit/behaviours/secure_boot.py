"""UEFI Secure Boot: whether it holds, and its keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fleetd.driverkit.actions import action
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import boolean, text
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Request, patch


class SecureBoot(Behaviour):
    """The SecureBoot resource (DSP0268 'SecureBoot')."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "ComputerSystem": (Follow("SecureBoot", "SecureBoot"),),
        "SecureBoot": (Follow("Actions/#SecureBoot.ResetKeys/@Redfish.ActionInfo", "ActionInfo"),),
    }

    def is_enforced(self, secure_boot: Resource) -> bool | None:
        """It held at this boot; None where the BMC doesn't say."""
        said = text(secure_boot.body, "SecureBootCurrentBoot")
        return None if said is None else said == "Enabled"

    def is_wanted(self, secure_boot: Resource) -> bool | None:
        """It will hold at the next boot; None where the BMC doesn't say."""
        return boolean(secure_boot.body, "SecureBootEnable")

    def enable(
        self, secure_boot: Resource, documents: Documents, *, enabled: bool
    ) -> tuple[Request, ...]:
        """The requests that switch it on or off from the next boot on."""
        del documents
        return (patch(secure_boot.path, {"SecureBootEnable": enabled}),)

    def reset_keys(
        self, secure_boot: Resource, documents: Documents, reset_type: str
    ) -> tuple[Request, ...]:
        """The requests for ``ResetAllKeysToDefault``, ``DeleteAllKeys`` or ``DeletePK``.

        Raises:
            Unsupported: The BMC can't, or not so.
        """
        found = action(secure_boot, "SecureBoot.ResetKeys", documents)
        return (found.request(ResetKeysType=reset_type),)
