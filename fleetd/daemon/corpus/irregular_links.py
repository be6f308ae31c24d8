"""Links that are not what DSP0266 "Resource identifier" says: absolute paths of this service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fleetd.daemon.corpus.item import brief
from fleetd.daemon.corpus.tree import ROOT, Captured, folded

Fault = tuple[str, str]
_ROOT_SLASH: Final = f"{ROOT}/"


def link_faults(tree: Captured, path: str, body: Mapping[str, Any]) -> Iterator[Fault]:
    """Every odd link in a body, and a self link that names another place."""
    own = body.get("@odata.id")
    if isinstance(own, str) and own != path:
        if folded(own.partition("#")[0]) != folded(path):
            yield "@odata.id that names another resource", own
        elif own.rstrip("/") != path.rstrip("/"):
            yield "@odata.id in another spelling", own
    for place, target in _targets(body):
        for kind in _kinds(tree, target):
            yield kind, f"{place} -> {brief(target)}"


def _targets(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every reference, with the top-level property that it stands under."""
    for place, value in body.items():
        waiting = [value] if place != "@odata.id" else []
        while waiting:
            item = waiting.pop()
            if isinstance(item, dict):
                if "@odata.id" in item:
                    yield place, item["@odata.id"]
                waiting.extend(item.values())
            elif isinstance(item, list):
                waiting.extend(item)


def _kinds(tree: Captured, target: Any) -> Iterator[str]:
    if not isinstance(target, str) or not target:
        yield "link that is empty or no text"
        return
    bare = target.partition("#")[0]
    if "://" in bare:
        yield "absolute link to a host"
    elif not bare.startswith("/"):
        yield "relative link"
    elif not bare.lower().startswith("/redfish"):
        yield "link outside /redfish"
    else:
        yield from _spelling(tree, bare)


def _spelling(tree: Captured, bare: str) -> Iterator[str]:
    if bare.endswith("/") and bare != _ROOT_SLASH:
        yield "link with a slash at its end"
    if "//" in bare:
        yield "link with a doubled slash"
    known = tree.find(bare)
    if known is None:
        yield "dangling link"
    elif known != bare.rstrip("/") and known.lower() == bare.rstrip("/").lower():
        yield "link in another case than its target"
