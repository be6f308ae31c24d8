"""bmcweb: media over HTTPS or SMB only, images pulled over HTTPS only.

Source: bmcweb's OEM and update documents; quirks OBM-006, OBM-012.
"""

from __future__ import annotations

from typing import Any, Final

from fleetd_emulators.servers.actions import ACTIONS
from fleetd_emulators.servers.documents import Document
from fleetd_emulators.servers.extension import Extension, merged
from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.outcome import Outcome
from fleetd_emulators.servers.refusal import Refused, bad_parameter, unknown_parameter
from fleetd_emulators.servers.site import Site

Body = dict[str, Any]
PROTOCOLS: Final = ("CIFS", "HTTPS")
_SCHEMES: Final = {"https": "HTTPS", "smb": "CIFS"}
_TAKEN: Final = frozenset(
    {"Image", "Inserted", "WriteProtected", "TransferMethod", "TransferProtocolType"}
    | {"UserName", "Password"}
)


def openbmc(machine: Machine) -> Extension:
    """Everything bmcweb does of its own."""
    update = Extension(actions={"UpdateService.SimpleUpdate": _update})
    return merged(strict_media(machine), update)


def strict_media(machine: Machine) -> Extension:
    """bmcweb's check of what is inserted, which whoever builds on it has too."""
    layout = machine.layout
    media = [f"{layout.media_path}/{identity}" for identity, _, _ in layout.virtual_media]
    return Extension(
        actions={"VirtualMedia.InsertMedia": _insert},
        overlays=dict.fromkeys(media, _show_media),
    )


def _insert(site: Site, resource: str, body: Body) -> Outcome:
    """A strict check: the scheme and the protocol must agree, and be safe ones (OBM-012)."""
    action = "VirtualMedia.InsertMedia"
    for name in body:
        if name not in _TAKEN:
            raise unknown_parameter(action, name)
    image = body.get("Image")
    if not isinstance(image, str):
        return ACTIONS[action](site, resource, body)
    protocol = _SCHEMES.get(image.partition("://")[0])
    if protocol is None or body.get("TransferProtocolType", protocol) != protocol:
        raise bad_parameter(action, "Image", image)
    if body.get("Inserted") is False:
        raise bad_parameter(action, "Inserted", body["Inserted"])
    return ACTIONS[action](site, resource, body)


def _show_media(machine: Machine, document: Document) -> Document:
    return {**document, "TransferProtocolType@Redfish.AllowableValues": list(PROTOCOLS)}


def _update(site: Site, resource: str, body: Body) -> Outcome:
    """Pulled over HTTPS only (OBM-006)."""
    image = body.get("ImageURI")
    protocol = body.get("TransferProtocol", "HTTPS")
    if protocol != "HTTPS" or (isinstance(image, str) and not image.startswith("https://")):
        raise Refused(400, "ActionParameterNotSupported", "Images are pulled over HTTPS only.")
    return ACTIONS["UpdateService.SimpleUpdate"](site, resource, body)
