"""From what a system boots next, or from now on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fleetd.domain.device import Json
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import text, texts, value
from fleetd.driverkit.request import Request, patch

_TARGET: Final = "BootSourceOverrideTarget"
_MODE: Final = "BootSourceOverrideMode"
_ENABLED: Final = "BootSourceOverrideEnabled"


class Lasting(StrEnum):
    """For how many boots an override holds (BootSourceOverrideEnabled)."""

    ONCE = "Once"
    CONTINUOUS = "Continuous"
    DISABLED = "Disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Boot:
    """A boot override: ``target`` and ``mode`` in Redfish's words, ``uri`` for UefiHttp."""

    target: str
    lasting: Lasting = Lasting.ONCE
    mode: str | None = None
    uri: str | None = None


class BootOverride(Behaviour):
    """The Boot object (DSP0268 'ComputerSystem', Boot)."""

    def current(self, system: Resource) -> Boot | None:
        """The override that is set; None where the system has none to set."""
        target = text(system.body, f"Boot/{_TARGET}") or "None"
        said = text(system.body, f"Boot/{_ENABLED}")
        if said is None:
            return None
        lasting = Lasting(said) if said in set(Lasting) else Lasting.DISABLED
        return Boot(
            target=target,
            lasting=lasting,
            mode=text(system.body, f"Boot/{_MODE}"),
            uri=text(system.body, "Boot/HttpBootUri"),
        )

    def targets(self, system: Resource) -> tuple[str, ...]:
        """The targets that the BMC says it takes; empty where it doesn't say."""
        return tuple(texts(system.body, f"Boot/{_TARGET}@Redfish.AllowableValues"))

    def override(self, system: Resource, documents: Documents, boot: Boot) -> tuple[Request, ...]:
        """The requests that set the override.

        Raises:
            Unsupported: The system takes no such target; the message names those it takes.
        """
        del documents
        taken = self.targets(system)
        if boot.lasting is not Lasting.DISABLED and taken and boot.target not in taken:
            raise Unsupported(
                f"there's no booting from {boot.target} here, only from {', '.join(taken)}",
                endpoint="",
                uri=system.path,
            )
        return (patch(self.place(system), {"Boot": self.wanted(boot, system)}),)

    def order(
        self, system: Resource, documents: Documents, references: tuple[str, ...]
    ) -> tuple[Request, ...]:
        """The requests for the lasting order of boot options, by their BootOptionReference.

        Raises:
            Unsupported: The system has no order to change.
        """
        del documents
        if value(system.body, "Boot/BootOrder") is None:
            raise Unsupported("there's no boot order here", endpoint="", uri=system.path)
        return (patch(self.order_place(system), {"Boot": {"BootOrder": list(references)}}),)

    def order_place(self, system: Resource) -> str:
        """The resource at which the boot order is changed."""
        return self.place(system)

    def place(self, system: Resource) -> str:
        """The resource to change: the system itself."""
        return system.path

    def wanted(self, boot: Boot, system: Resource) -> dict[str, Json]:
        """The Boot object to send; the mode only where the system knows of modes."""
        found: dict[str, Json] = {_ENABLED: str(boot.lasting)}
        if boot.lasting is not Lasting.DISABLED:
            found[_TARGET] = boot.target
        if boot.mode is not None and text(system.body, f"Boot/{_MODE}") is not None:
            found[_MODE] = boot.mode
        if boot.uri is not None:
            found["HttpBootUri"] = boot.uri
        return found


def whole_order(system: Resource, references: tuple[str, ...]) -> tuple[str, ...]:
    """The order that's wished, with every option behind it that wasn't named."""
    others = (item for item in texts(system.body, "Boot/BootOrder") if item not in references)
    return (*references, *others)
