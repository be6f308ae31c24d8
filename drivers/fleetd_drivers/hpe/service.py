"""The iLO's own seams: restarts, media, updates, tasks, volumes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fleetd.domain.device import Json
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.actions import action, find_action
from fleetd.driverkit.behaviours.apply_time import ApplyTime
from fleetd.driverkit.behaviours.bmc_reset import BmcReset
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image, UpdateWay
from fleetd.driverkit.behaviours.tracking import Progress, Stage, Tracking
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.behaviours.volumes import Volumes, VolumeWish
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import entries, link, text, value
from fleetd.driverkit.request import Request


class PlainReset(BmcReset):
    """A restart without a type, where none is named."""

    def reset(self, manager: Resource, documents: Documents) -> Request:
        """The request for the gentlest restart.

        Raises:
            Unsupported: It can't be restarted.
        """
        found = action(manager, "Manager.Reset", documents)
        return super().reset(manager, documents) if found.allowed else found.request()


class ImageOnlyMedia(VirtualMedia):
    """Nothing is said but the image."""

    def wanted(self, slot: Resource, uri: str) -> dict[str, Json]:
        """The image.

        Raises:
            Unsupported: The BMC can't fetch by the URI's protocol.
        """
        return {"Image": super().wanted(slot, uri)["Image"]}


class PulledUpdate(FirmwareUpdate):
    """The iLO fetches images; an upload would want the session's key inside the form."""

    def ways(self, service: Resource, documents: Documents) -> tuple[UpdateWay, ...]:
        """The ways that need no more than the standard's."""
        found = super().ways(service, documents)
        return tuple(way for way in found if way is not UpdateWay.HTTP_PUSH)

    def pull(
        self, service: Resource, documents: Documents, image: Image, at: ApplyTime | None
    ) -> tuple[Request, ...]:
        """SimpleUpdate with the image's URI and nothing else."""
        del at
        if image.uri is None:
            raise Unsupported("the image has no URI to fetch", endpoint="", uri=service.path)
        found = action(service, "UpdateService.SimpleUpdate", documents)
        return (found.request(ImageURI=image.uri),)


class MonitorTracking(Tracking):
    """The monitor is named in the body, and ends as a message."""

    def place(self, status: int, headers: Mapping[str, str], body: Json) -> str | None:
        """The resource to look at after an answer of that kind."""
        return super().place(status, headers, body) or link(value(body, "TaskMonitor"))

    def progress(self, task: Mapping[str, Json]) -> Progress:
        """What the task says; a monitor at its end says a message in place of a task."""
        told = [
            (item, (text(item, "MessageId") or "").rpartition(".")[2])
            for item in entries(task, "error/@Message.ExtendedInfo")
        ]
        if not told:
            return super().progress(task)
        succeeded = all(name == "Success" for _, name in told)
        return Progress(
            stage=Stage.SUCCEEDED if succeeded else Stage.FAILED,
            said=told[0][1],
            messages=tuple(text(item, "Message") or name for item, name in told),
        )


class IloVolumes(Volumes):
    """Not every controller's volumes are made and deleted by the standard."""

    def create(
        self,
        storage: Resource,
        documents: Documents,
        wish: VolumeWish,
        at: ApplyTime | None = None,
    ) -> tuple[Request, ...]:
        """The requests that make the volume.

        Raises:
            Unsupported: It's a Smart Array, or the subsystem has no volumes of that kind.
        """
        if "AdapterType" in storage.body or "ControllerPartNumber" in storage.body:
            raise Unsupported(
                "logical drives of a Smart Array are made through SmartStorageConfig",
                endpoint="",
                uri=storage.path,
            )
        return super().create(storage, documents, wish, at)

    def delete(self, volume: Resource, documents: Documents) -> tuple[Request, ...]:
        """The requests that delete the volume.

        Raises:
            Unsupported: It's a boot controller's, which only forgets everything at once.
        """
        for storage in documents.of_kind("Storage"):
            inside = volume.path.lower().startswith(f"{storage.path.lower()}/")
            resets = find_action(storage, "Storage.ResetToDefaults", documents)
            if inside and resets and any("NS204" in model for model in _models(storage, documents)):
                raise Unsupported(
                    "a volume of an NS204 goes by Storage.ResetToDefaults only, with all that is "
                    "on the controller",
                    endpoint="",
                    uri=volume.path,
                )
        return super().delete(volume, documents)


def _models(storage: Resource, documents: Documents) -> Iterator[str]:
    controllers = [item.body for item in documents.follow(storage.body, "Controllers")]
    for body in (storage.body, *entries(storage.body, "StorageControllers"), *controllers):
        yield text(body, "Model", "Name") or ""
