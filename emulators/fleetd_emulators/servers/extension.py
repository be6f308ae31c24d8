"""What one vendor's BMC does beyond the standard, for one machine.

An extension is data: by path or by the action's name, the function that does it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fleetd_emulators.protocol.exchange import Request
from fleetd_emulators.servers.documents import Document
from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.outcome import Outcome
from fleetd_emulators.servers.site import Site

Body = dict[str, Any]
Change = Callable[[Site, str, Document, Body], Outcome]
Action = Callable[[Site, str, Body], Outcome]
Creation = Callable[[Site, str, Body], Outcome]
Upload = Callable[[Site, Request], Outcome]
Deletion = Callable[[Site, str], Outcome | bool]
Overlay = Callable[[Machine, Document], Document]
Finder = Callable[[Machine, str], Document | None]
Guard = Callable[[Site, str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """Additions to, and replacements of, what every emulated BMC does.

    Attributes:
        changes: By path, what a PATCH does.
        actions: By the action's name without ``#``, what a POST to its target does.
        creations: By path, what a POST of JSON to a collection does.
        uploads: By path, what a POST of anything does.
        deletions: By the parent's path, what a DELETE of a member does; true is done, false is
            no such member.
        overlays: By path, what completes the document there; after the standard's.
        finders: Find documents that are not in the tree; a vendor's come before the standard's.
        guards: May refuse any request that changes something, by method and path.
    """

    changes: Mapping[str, Change] = field(default_factory=dict)
    actions: Mapping[str, Action] = field(default_factory=dict)
    creations: Mapping[str, Creation] = field(default_factory=dict)
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    deletions: Mapping[str, Deletion] = field(default_factory=dict)
    overlays: Mapping[str, Overlay] = field(default_factory=dict)
    finders: tuple[Finder, ...] = ()
    guards: tuple[Guard, ...] = ()


def merged(*extensions: Extension) -> Extension:
    """All of them as one; a later one replaces what an earlier one does at the same place."""
    return Extension(
        changes=_merge(extension.changes for extension in extensions),
        actions=_merge(extension.actions for extension in extensions),
        creations=_merge(extension.creations for extension in extensions),
        uploads=_merge(extension.uploads for extension in extensions),
        deletions=_merge(extension.deletions for extension in extensions),
        overlays=_stacked(extensions),
        finders=tuple(finder for extension in reversed(extensions) for finder in extension.finders),
        guards=tuple(guard for extension in extensions for guard in extension.guards),
    )


def _merge(parts: Any) -> dict[str, Any]:
    return {path: action for part in parts for path, action in part.items()}


def _stacked(extensions: tuple[Extension, ...]) -> dict[str, Overlay]:
    """Overlays of one path all apply, in order."""
    stacks: dict[str, list[Overlay]] = {}
    for extension in extensions:
        for path, overlay in extension.overlays.items():
            stacks.setdefault(path, []).append(overlay)
    return {path: _applying(stack) for path, stack in stacks.items()}


def _applying(stack: list[Overlay]) -> Overlay:
    def apply(machine: Machine, document: Document) -> Document:
        for overlay in stack:
            document = overlay(machine, document)
        return document

    return apply
