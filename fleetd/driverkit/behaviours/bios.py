"""BIOS attributes: what holds, what waits for the next boot, and how to change them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fleetd.domain.device import Json
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.actions import action
from fleetd.driverkit.behaviours.apply_time import SETTINGS, ApplyTime, asked
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import link, text, value
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Request, patch

_SETTINGS_OBJECT = "@Redfish.Settings/SettingsObject"


class BiosSettings(Behaviour):
    """The Bios resource and its settings resource (DSP0268 'Bios'; DSP0266 'Settings resource')."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "ComputerSystem": (Follow("Bios", "Bios"),),
        "Bios": (
            Follow(_SETTINGS_OBJECT, "BiosSettings"),
            Follow("Actions/#Bios.ResetBios/@Redfish.ActionInfo", "ActionInfo"),
        ),
    }

    def attributes(self, bios: Resource) -> Mapping[str, Json]:
        """The attributes that hold now, as the BMC names them."""
        found = value(bios.body, "Attributes")
        return found if isinstance(found, dict) else {}

    def registry(self, bios: Resource) -> str | None:
        """The name of the registry that describes the attributes."""
        return text(bios.body, "AttributeRegistry")

    def pending(self, bios: Resource, documents: Documents) -> Mapping[str, Json]:
        """The attributes that wait for a boot, as far as the settings resource tells.

        A settings resource shows all attributes or only those that wait; either way what differs
        from what holds is what waits.
        """
        settings = documents.get(self.place(bios))
        waiting = value(settings.body, "Attributes") if settings else None
        current = self.attributes(bios)
        if not isinstance(waiting, dict):
            return {}
        return {name: item for name, item in waiting.items() if current.get(name) != item}

    def change(
        self,
        bios: Resource,
        documents: Documents,
        changes: Mapping[str, Json],
        at: ApplyTime | None = None,
    ) -> tuple[Request, ...]:
        """The requests that have the changes take effect at the next boot, or at ``at``.

        Raises:
            Unsupported: The attributes can't be changed, or not at that time.
        """
        del documents
        wanted = {self.attribute(bios, name): item for name, item in changes.items()}
        return (patch(self.place(bios), {"Attributes": wanted, **asked(bios, at, SETTINGS)}),)

    def attribute(self, bios: Resource, name: str) -> str:
        """The BMC's own spelling of an attribute's name; the same, as a rule."""
        del bios
        return name

    def withdraw(self, bios: Resource, documents: Documents) -> tuple[Request, ...]:
        """The requests that undo what waits for a boot; none where nothing waits."""
        waiting = self.pending(bios, documents)
        if not waiting:
            return ()
        current = self.attributes(bios)
        return self.change(bios, documents, {name: current.get(name) for name in waiting})

    def restore_defaults(self, bios: Resource, documents: Documents) -> tuple[Request, ...]:
        """The requests for the maker's defaults at the next boot.

        Raises:
            Unsupported: The BMC can't.
        """
        return (action(bios, "Bios.ResetBios", documents).request(),)

    def place(self, bios: Resource) -> str:
        """The settings resource.

        Raises:
            Unsupported: There is none, so nothing can be changed.
        """
        path = link(value(bios.body, _SETTINGS_OBJECT))
        if path is None:
            raise Unsupported("BIOS attributes can't be changed here", endpoint="", uri=bios.path)
        return path
