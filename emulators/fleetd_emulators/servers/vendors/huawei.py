"""Huawei iBMC: images are uploaded first, a boot order is four attributes, disks are seen late.

Source: Huawei's iBMC Redfish guide; quirks HWX-001, HWX-002, HWX-007.
"""

from __future__ import annotations

from typing import Any, Final

from fleetd_emulators.protocol.exchange import Request
from fleetd_emulators.servers.actions import ACTIONS
from fleetd_emulators.servers.changes import check_writable, stage_bios
from fleetd_emulators.servers.documents import Document
from fleetd_emulators.servers.extension import Extension
from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.multipart import boundary_of, parts
from fleetd_emulators.servers.outcome import Outcome
from fleetd_emulators.servers.refusal import Refused
from fleetd_emulators.servers.site import Site
from fleetd_emulators.servers.state import members

Body = dict[str, Any]
WEB: Final = "/tmp/web/"  # noqa: S108  # the BMC's own folder, in its API
_ORDER: Final = frozenset(f"BootTypeOrder{place}" for place in range(4))
_FILES: Final = "uploaded"


def huawei(machine: Machine) -> Extension:
    """Everything iBMC does of its own."""
    layout = machine.layout
    machine.kept[_FILES] = {}
    return Extension(
        changes={layout.bios_settings_path: _change_bios},
        actions={"UpdateService.SimpleUpdate": _update},
        uploads={layout.push_uri or "": _upload},
        overlays={f"{layout.system_path}/Storage": _show_storage},
    )


def _change_bios(site: Site, path: str, document: Document, body: Body) -> None:
    """The four places of the boot order go together, each with another device (HWX-002)."""
    check_writable(document, body, ("Attributes",))
    wanted = body["Attributes"]
    given = _ORDER & wanted.keys() if isinstance(wanted, dict) else frozenset()
    devices = [str(wanted[name]) for name in sorted(given)]
    if given and (given != _ORDER or len(set(devices)) != len(devices)):
        raise Refused(400, "PropertyValueConflict", "The boot order needs four places, all unlike.")
    stage_bios(site, body)


def _upload(site: Site, request: Request) -> None:
    """Keeps the image under its name; installing it is another request."""
    form = {part.name: part for part in parts(request.body, boundary_of(request))}
    image = form.get("imgfile")
    if image is None or not image.file_name:
        raise Refused(400, "PropertyMissing", "The part imgfile is required.")
    site.machine.kept[_FILES][image.file_name] = len(image.content)


def _update(site: Site, resource: str, body: Body) -> Outcome:
    """From a server, or from what was uploaded."""
    image = body.get("ImageURI")
    name = image.removeprefix(WEB) if isinstance(image, str) else ""
    if name != image and name and name not in site.machine.kept[_FILES]:
        raise Refused(400, "ResourceNotFound", f"There is no file {name}.")
    return ACTIONS["UpdateService.SimpleUpdate"](site, resource, body)


def _show_storage(machine: Machine, document: Document) -> Document:
    """Disks are not seen before the firmware has started (HWX-007)."""
    return members(machine, document, []) if machine.is_in_post else document
