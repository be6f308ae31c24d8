"""Images inserted into a system as if they were discs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fleetd.domain.device import Json
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.actions import find_action
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import boolean, text, texts
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Request, patch, post


class VirtualMedia(Behaviour):
    """VirtualMedia of a system or of its manager (DSP0268 'VirtualMedia')."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "ComputerSystem": (Follow("VirtualMedia", "VirtualMedia"),),
        "Manager": (Follow("VirtualMedia", "VirtualMedia"),),
        "VirtualMedia": (
            Follow("Actions/#VirtualMedia.InsertMedia/@Redfish.ActionInfo", "ActionInfo"),
        ),
    }

    def prepare(self, documents: Documents) -> tuple[Request, ...]:
        """The requests without which there would be no slots; none where they're always there."""
        del documents
        return ()

    def slots(self, documents: Documents, media_type: str) -> tuple[Resource, ...]:
        """Where media of the type (CD, DVD, USBStick, Floppy) can be inserted; the empty first."""
        found = [
            item
            for item in documents.of_kind("VirtualMedia")
            if media_type in texts(item.body, "MediaTypes")
        ]
        return tuple(sorted(found, key=self.is_inserted))

    def is_inserted(self, slot: Resource) -> bool:
        """Something is inserted, whatever it is."""
        said = boolean(slot.body, "Inserted")
        return said if said is not None else text(slot.body, "Image") is not None

    def insert(self, slot: Resource, documents: Documents, uri: str) -> tuple[Request, ...]:
        """The requests that insert the image, write-protected; by PATCH where there's no action."""
        body = self.wanted(slot, uri)
        found = find_action(slot, "VirtualMedia.InsertMedia", documents)
        return (post(found.target, body),) if found else (patch(slot.path, body),)

    def eject(self, slot: Resource, documents: Documents) -> tuple[Request, ...]:
        """The requests that eject what is inserted."""
        found = find_action(slot, "VirtualMedia.EjectMedia", documents)
        if found is not None:
            return (found.request(),)
        return (patch(slot.path, {"Image": None, "Inserted": False}),)

    def wanted(self, slot: Resource, uri: str) -> dict[str, Json]:
        """What to say of the image.

        Raises:
            Unsupported: The BMC can't fetch by the URI's protocol.
        """
        protocol = uri.partition(":")[0].upper()
        taken = texts(slot.body, "TransferProtocolType@Redfish.AllowableValues")
        if taken and protocol not in taken:
            raise Unsupported(
                f"no image by {protocol} here, only by {', '.join(taken)}",
                endpoint="",
                uri=slot.path,
            )
        return {"Image": uri, "Inserted": True, "WriteProtected": True}
