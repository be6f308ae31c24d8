"""RAID volumes: making, initialising and deleting them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from fleetd.domain.device import Json
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.actions import action
from fleetd.driverkit.behaviours.apply_time import OPERATION, ApplyTime, asked
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import link, text, texts, value
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Request, delete, post


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeWish:
    """A volume to make: ``drives`` are paths; without a capacity it takes all there is."""

    raid_type: str
    drives: tuple[str, ...]
    name: str | None = None
    capacity_bytes: int | None = None
    strip_size_bytes: int | None = None


class Volumes(Behaviour):
    """Storage and its Volumes (DSP0268 'Volume'; Swordfish 'Volume')."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "Storage": (
            Follow("Volumes", "Volume"),
            Follow("Drives", "Drive"),
            Follow("Controllers", "StorageController"),
        ),
        "Volume": (Follow("Actions/#Volume.Initialize/@Redfish.ActionInfo", "ActionInfo"),),
    }

    def raid_types(self, storage: Resource, documents: Documents) -> tuple[str, ...]:
        """The RAID types that the subsystem's controllers say they can; empty where none says."""
        holders = [storage.body, *(c.body for c in documents.follow(storage.body, "Controllers"))]
        inline = value(storage.body, "StorageControllers")
        holders.extend(inline if isinstance(inline, list) else ())
        found = [item for body in holders for item in texts(body, "SupportedRAIDTypes")]
        return tuple(dict.fromkeys(found))

    def create(
        self,
        storage: Resource,
        documents: Documents,
        wish: VolumeWish,
        at: ApplyTime | None = None,
    ) -> tuple[Request, ...]:
        """The requests that make the volume.

        Raises:
            Unsupported: The subsystem has no volumes, or not of that RAID type.
        """
        taken = self.raid_types(storage, documents)
        if taken and wish.raid_type not in taken:
            raise Unsupported(
                f"there's no {wish.raid_type} here, only {', '.join(taken)}",
                endpoint="",
                uri=storage.path,
            )
        return (post(self.place(storage), {**self.wanted(wish), **asked(storage, at, OPERATION)}),)

    def delete(self, volume: Resource, documents: Documents) -> tuple[Request, ...]:
        """The requests that delete the volume with all that is on it."""
        del documents
        return (delete(volume.path),)

    def initialise(
        self, volume: Resource, documents: Documents, *, fast: bool
    ) -> tuple[Request, ...]:
        """The requests that clear the volume.

        Raises:
            Unsupported: The BMC can't.
        """
        kind = "Fast" if fast else "Slow"
        return (action(volume, "Volume.Initialize", documents).request(InitializeType=kind),)

    def place(self, storage: Resource) -> str:
        """The collection of volumes.

        Raises:
            Unsupported: There is none.
        """
        path = link(value(storage.body, "Volumes"))
        if path is None:
            raise Unsupported("there are no volumes here", endpoint="", uri=storage.path)
        return path

    def wanted(self, wish: VolumeWish) -> dict[str, Json]:
        """The body of the new volume."""
        found: dict[str, Json] = {
            "RAIDType": wish.raid_type,
            "Links": {"Drives": [{"@odata.id": path} for path in wish.drives]},
        }
        optional = {
            "Name": wish.name,
            "CapacityBytes": wish.capacity_bytes,
            "StripSizeBytes": wish.strip_size_bytes,
        }
        return {**found, **{name: item for name, item in optional.items() if item is not None}}

    def raid_type(self, volume: Resource) -> str | None:
        """The volume's RAID type in today's words, where it says one."""
        return text(volume.body, "RAIDType")
