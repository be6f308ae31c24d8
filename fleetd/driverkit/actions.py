"""Actions as resources offer them: where to post, and what they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fleetd.domain.device import Json
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import entries, link, text, texts, value
from fleetd.driverkit.request import Request, post

_ALLOWABLE: Final = "@Redfish.AllowableValues"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action of one resource; ``allowed`` holds the values of parameters that are limited."""

    name: str
    holder: str
    target: str
    allowed: Mapping[str, tuple[str, ...]]

    def request(self, **parameters: Json) -> Request:
        """The request that runs it.

        Raises:
            Unsupported: The BMC doesn't take a value; the message names those that it takes.
        """
        for name, wanted in parameters.items():
            taken = self.allowed.get(name)
            if taken and wanted not in taken:
                raise Unsupported(
                    f"{self.name} takes no {name} {wanted!r} here, only {', '.join(taken)}",
                    endpoint="",
                    uri=self.holder,
                )
        return post(self.target, parameters)


def find_action(resource: Resource, name: str, documents: Documents) -> Action | None:
    """The action of that name, such as ``ComputerSystem.Reset``, or None.

    A maker's own is found by its name too: it stands below ``Oem``, also behind its schema's URI.
    Allowed values stand beside the target, or in the ActionInfo where that was read (DSP0266
    'Actions').
    """
    said = _offered(resource, name)
    target = text(said, "target") or link(value(said, "target"))
    if target is None:
        return None
    allowed = {
        key.removesuffix(_ALLOWABLE): tuple(texts(said, key))
        for key in (said if isinstance(said, dict) else ())
        if key.endswith(_ALLOWABLE)
    }
    info = documents.get(link(value(said, "@Redfish.ActionInfo")))
    for parameter in entries(info.body, "Parameters") if info else ():
        values = tuple(texts(parameter, "AllowableValues"))
        if (key := text(parameter, "Name")) and values:
            allowed.setdefault(key, values)
    return Action(name=name, holder=resource.path, target=target, allowed=allowed)


def _offered(resource: Resource, name: str) -> Json:
    standard = value(resource.body, f"Actions/#{name}")
    own = value(resource.body, "Actions/Oem")
    if standard is not None or not isinstance(own, dict):
        return standard
    return next((said for key, said in own.items() if key.rpartition("#")[2] == name), None)


def action(resource: Resource, name: str, documents: Documents) -> Action:
    """The action of that name.

    Raises:
        Unsupported: The resource doesn't offer it.
    """
    found = find_action(resource, name, documents)
    if found is None:
        raise Unsupported(f"there's no {name} here", endpoint="", uri=resource.path)
    return found
