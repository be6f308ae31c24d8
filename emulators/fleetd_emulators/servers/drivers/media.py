"""sushy-tools' driver of virtual drives."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, Final

from sushy_tools.emulator.resources import base, vmedia

from fleetd_emulators.servers.machine import Machine, Media

_LOG: Final = logging.getLogger(__name__)


class VirtualMedia(vmedia.BaseDriver):  # type: ignore[misc]  # sushy-tools carries no types
    """Virtual drives that record what is inserted; no image is downloaded."""

    def __init__(self, machine: Machine) -> None:
        base.DriverBase.__init__(self, {}, _LOG)
        self._machine = machine
        self._devices: dict[Any, Any] = {}
        self._device_types = {
            identity: {"Name": name, "MediaTypes": list(types)}
            for identity, name, types in machine.layout.virtual_media
        }

    def get_device_image_info(self, identity: str, device: str) -> Any:
        self._get_device(identity, device)
        media = self._machine.media[device]
        image = media.image or ""
        return vmedia.DeviceInfo(
            image.rpartition("/")[2],
            image,
            media.image is not None,
            media.write_protected,
            media.user_name or "",
            "",
            media.verify_certificate,
        )

    def update_device_info(
        self,
        identity: str,
        device: str,
        verify: bool = False,  # noqa: FBT001, FBT002  # sushy-tools' interface
    ) -> None:
        self._get_device(identity, device)
        self._machine.media[device] = replace(
            self._machine.media[device], verify_certificate=verify
        )

    def insert_image(
        self,
        identity: str,
        device: str,
        image_url: str,
        inserted: bool = True,  # noqa: FBT001, FBT002  # sushy-tools' interface
        write_protected: bool = True,  # noqa: FBT001, FBT002
        username: str | None = None,
        password: str | None = None,
    ) -> str:
        """Record the image; for an HTTP boot sushy-tools names a drive that is not there."""
        if device in self._machine.media:
            verify = self._machine.media[device].verify_certificate
            media = Media(
                image=image_url,
                write_protected=write_protected,
                user_name=username or None,
                verify_certificate=verify,
            )
            self._machine.insert(device, media)
        return image_url

    def eject_image(self, identity: str, device: str) -> None:
        self._get_device(identity, device)
        self._machine.eject(device)
