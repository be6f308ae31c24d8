"""Which part a firmware image is for, and which version it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from fleetd_emulators.hardware import Server
from fleetd_emulators.servers.documents import ROOT, Layout
from fleetd_emulators.servers.documents.firmware import Firmware, Target, firmware
from fleetd_emulators.servers.refusal import Refused

_INVENTORY: Final = f"{ROOT}/UpdateService/FirmwareInventory/"
_WORDS: Final = (
    (Target.BMC, ("bmc", "idrac", "ilo", "xcc", "openbmc", "irmc")),
    (Target.BIOS, ("bios", "uefi", "rom", "u54")),
    (Target.ADAPTER, ("nic", "network", "ethernet", "connectx", "broadcom")),
    (Target.CONTROLLER, ("raid", "perc", "storage", "boss")),
)
_VERSION: Final = re.compile(r"\d+(?:\.\d+)+(?:-\d+)?")


def choose(server: Server, layout: Layout, image: str, targets: Sequence[str]) -> Firmware:
    """The part that an image is for: the first target, else what the image's name tells.

    Raises:
        Refused: A target is no resource that can be updated.
    """
    entries = firmware(server)
    for target in targets:
        entry = _of_target(entries, layout, target.rstrip("/"))
        if entry is None:
            raise Refused(
                400, "ResourceNotFound", f"The target {target} cannot be updated on this system."
            )
        return entry
    name = file_name(image).lower()
    for kind, words in _WORDS:
        if any(word in name for word in words):
            found = next((entry for entry in entries if entry.target is kind), None)
            if found is not None:
                return found
    return next(entry for entry in entries if entry.target is Target.BIOS)


def _of_target(entries: tuple[Firmware, ...], layout: Layout, target: str) -> Firmware | None:
    by_path = {f"{_INVENTORY}{entry.identity}": entry for entry in entries}
    by_path[layout.manager_path] = next(e for e in entries if e.target is Target.BMC)
    bios = next(e for e in entries if e.target is Target.BIOS)
    by_path[layout.bios_path] = by_path[layout.system_path] = bios
    return by_path.get(target)


def file_name(image: str) -> str:
    """The last part of an image's URI or path."""
    return urlsplit(image).path.rpartition("/")[2]


def version_in(image: str, current: str) -> str:
    """The version that the image's name tells, else the one after the current.

    The words around a version stay as they are: ``U54 v2.16 (…)`` becomes ``U54 v2.20 (…)``.
    """
    named = _VERSION.search(file_name(image))
    present = _VERSION.search(current)
    if named is not None:
        if present is None:
            return named.group()
        return current[: present.start()] + named.group() + current[present.end() :]
    numbers = list(re.finditer(r"\d+", present.group() if present else current))
    if not numbers:
        return f"{current}.1"
    offset = present.start() if present else 0
    last = numbers[-1]
    start, end = offset + last.start(), offset + last.end()
    return current[:start] + str(int(last.group()) + 1) + current[end:]


def installed(server: Server, entry: Firmware, version: str) -> Server:
    """The server with the version active on the part."""
    if entry.target is Target.BIOS:
        return replace(server, bios_version=version)
    if entry.target is Target.BMC:
        return replace(server, bmc_version=version)
    if entry.target is Target.ADAPTER:
        adapters = list(server.adapters)
        adapters[entry.index] = replace(adapters[entry.index], firmware=version)
        return replace(server, adapters=tuple(adapters))
    controllers = list(server.controllers)
    controllers[entry.index] = replace(controllers[entry.index], firmware=version)
    return replace(server, controllers=tuple(controllers))


def active_version(server: Server, entry: Firmware) -> str:
    """The version now active on the part, in the hardware's own words."""
    if entry.target is Target.BIOS:
        return server.bios_version
    if entry.target is Target.BMC:
        return server.bmc_version
    if entry.target is Target.ADAPTER:
        return server.adapters[entry.index].firmware
    return server.controllers[entry.index].firmware
