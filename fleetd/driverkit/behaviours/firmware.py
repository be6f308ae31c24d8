"""Firmware updates: the ways a BMC takes an image, and what it says of versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from fleetd.domain.device import Json
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.actions import action, find_action
from fleetd.driverkit.behaviours.apply_time import OPERATION, ApplyTime, asked
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import text
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Method, Part, Request


class UpdateWay(StrEnum):
    """How an image reaches the BMC (DSP0268 'UpdateService')."""

    MULTIPART = "multipart"
    """MultipartHttpPushUri: the image with its parameters, at once."""
    HTTP_PUSH = "http-push"
    """HttpPushUri: the image alone."""
    PULL = "pull"
    """SimpleUpdate: the BMC fetches it from a URI."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image to install: ``uri`` is where a BMC may fetch it, ``targets`` what it's for.

    ``component`` is the kind of part it's for in fleetd's words (bmc, bios, nic, psu, cpld, gpu,
    drive): some BMCs must be told.
    """

    name: str
    uri: str | None = None
    targets: tuple[str, ...] = ()
    component: str | None = None


class FirmwareUpdate(Behaviour):
    """UpdateService (DSP0268 'UpdateService'; DSP0266 'Multipart HTTP push updates')."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "ServiceRoot": (Follow("UpdateService", "UpdateService"),),
        "UpdateService": (
            Follow("Actions/#UpdateService.SimpleUpdate/@Redfish.ActionInfo", "ActionInfo"),
            Follow("FirmwareInventory", "SoftwareInventory"),
        ),
    }

    def ways(self, service: Resource, documents: Documents) -> tuple[UpdateWay, ...]:
        """The ways this BMC offers, the best first: what says most at once, then what we send."""
        offered = {
            UpdateWay.MULTIPART: text(service.body, "MultipartHttpPushUri"),
            UpdateWay.HTTP_PUSH: text(service.body, "HttpPushUri"),
            UpdateWay.PULL: find_action(service, "UpdateService.SimpleUpdate", documents),
        }
        return tuple(way for way, place in offered.items() if place)

    def update(
        self,
        service: Resource,
        documents: Documents,
        image: Image,
        *,
        way: UpdateWay,
        at: ApplyTime | None = None,
    ) -> tuple[Request, ...]:
        """The requests that hand the image over and have it installed.

        Raises:
            Unsupported: The BMC doesn't offer the way, or the time.
        """
        if way not in self.ways(service, documents):
            raise Unsupported(f"no update by {way} here", endpoint="", uri=service.path)
        if way is UpdateWay.PULL:
            return self.pull(service, documents, image, at)
        if way is UpdateWay.HTTP_PUSH:
            return self.push(service, image)
        return self.multipart(service, image, at)

    def start(self, service: Resource, documents: Documents) -> tuple[Request, ...]:
        """The requests that begin what an update only uploaded; none where uploading begins it."""
        del service, documents
        return ()

    def pull(
        self, service: Resource, documents: Documents, image: Image, at: ApplyTime | None
    ) -> tuple[Request, ...]:
        """SimpleUpdate with the image's URI, which says its own protocol."""
        if image.uri is None:
            raise Unsupported("the image has no URI to fetch", endpoint="", uri=service.path)
        parameters: dict[str, Json] = {"ImageURI": image.uri, **asked(service, at, OPERATION)}
        protocol = image.uri.partition(":")[0].upper()
        simple = action(service, "UpdateService.SimpleUpdate", documents)
        if simple.allowed.get("TransferProtocol"):
            parameters["TransferProtocol"] = protocol
        if image.targets:
            parameters["Targets"] = list(image.targets)
        return (simple.request(**parameters),)

    def push(self, service: Resource, image: Image) -> tuple[Request, ...]:
        """The image's bytes alone, to HttpPushUri."""
        del image
        return (
            Request(
                method=Method.POST,
                path=text(service.body, "HttpPushUri") or "",
                sends_image=True,
                headers={"Content-Type": "application/octet-stream"},
            ),
        )

    def multipart(
        self, service: Resource, image: Image, at: ApplyTime | None
    ) -> tuple[Request, ...]:
        """UpdateParameters and the image, to MultipartHttpPushUri."""
        return (
            Request(
                method=Method.POST,
                path=text(service.body, "MultipartHttpPushUri") or "",
                parts=(
                    Part(name="UpdateParameters", json=self.parameters(service, image, at)),
                    *self.oem_parts(image),
                    Part(name="UpdateFile", filename=image.name),
                ),
            ),
        )

    def parameters(
        self, service: Resource, image: Image, at: ApplyTime | None
    ) -> Mapping[str, Json]:
        """UpdateParameters (DSP0266 'Multipart HTTP push updates')."""
        found: dict[str, Json] = {"Targets": list(image.targets)} if image.targets else {}
        return {**found, **asked(service, at, OPERATION)}

    def oem_parts(self, image: Image) -> Iterable[Part]:
        """Parts of the maker's own, between the standard's two."""
        del image
        return ()

    def version(self, inventory: Resource) -> str | None:
        """The version that runs, by a member of the firmware inventory."""
        return text(inventory.body, "Version")
