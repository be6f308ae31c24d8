"""Virtual media of an iDRAC."""

from __future__ import annotations

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.request import Request


class IdracMedia(VirtualMedia):
    """The slot of removable disks takes images of disks only."""

    def insert(self, slot: Resource, documents: Documents, uri: str) -> tuple[Request, ...]:
        """The requests that insert the image.

        Raises:
            Unsupported: The slot doesn't take an image of that kind.
        """
        path = uri.partition("?")[0].lower()
        if slot.last == "RemovableDisk" and not path.endswith(".img"):
            raise Unsupported(
                "the removable disk takes images named .img only", endpoint="", uri=slot.path
            )
        return super().insert(slot, documents, uri)
