"""Where a captured tree departs from the specification, by kind, with the first example of each.

Source: DSP0266 "Resource metadata" and "Collection resource response"; DSP0268 for the values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fleetd.daemon.corpus.irregular_links import link_faults
from fleetd.daemon.corpus.irregular_values import value_faults
from fleetd.daemon.corpus.schema import parent
from fleetd.daemon.corpus.tree import ROOT, Captured, folded
from fleetd.daemon.corpus.walk import is_error
from fleetd.telemetry.redact import Redactor

_EVERY: Final = ("@odata.id", "@odata.type", "Name")
_RESOURCE: Final = (*_EVERY, "Id")
_COLLECTION: Final = (*_EVERY, "Members", "Members@odata.count")
_SHAPES: Final = Redactor()


@dataclass(frozen=True, slots=True, kw_only=True)
class Irregularity:
    """How often one kind of departure was met in a tree, and where first."""

    count: int
    example: str


def irregularities(tree: Captured) -> dict[str, Irregularity]:
    """What was met, by kind, in the order of the first occurrence's kind."""
    found: dict[str, Irregularity] = {}
    for kind, example in _faults(tree):
        known = found.get(kind)
        found[kind] = Irregularity(
            count=1 if known is None else known.count + 1,
            # A link may carry a password: https://user:password@host.
            example=_SHAPES.text(example) if known is None else known.example,
        )
    return dict(sorted(found.items()))


def _faults(tree: Captured) -> Iterator[tuple[str, str]]:
    for path, reason in tree.unreadable.items():
        yield "body that is no JSON object", f"{path}: {reason}"
    for path, body in tree.bodies.items():
        if not folded(path).startswith(ROOT):
            continue
        if is_error(body):
            yield "error body in place of a resource", path
            continue
        for kind, detail in _of_body(tree, path, body):
            yield kind, f"{path}: {detail}"
    yield from _repeated_ids(tree)


def _of_body(tree: Captured, path: str, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _missing(path, body)
    yield from _members(body)
    yield from value_faults(body)
    yield from link_faults(tree, path, body)


def _missing(path: str, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if folded(path).endswith(("/odata", "/$metadata")):
        return
    for name in _COLLECTION if "Members" in body else _RESOURCE:
        if name not in body:
            yield "missing mandatory property", name
    own = body.get("Id")
    if isinstance(own, str) and own != path.rstrip("/").rpartition("/")[2] and path != ROOT:
        yield "Id that is not the path's last segment", own


def _members(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "Members" not in body:
        return
    members, count = body["Members"], body.get("Members@odata.count")
    if not isinstance(members, list):
        yield "Members that is no list", type(members).__name__
        return
    if isinstance(count, int) and count != len(members) and "Members@odata.nextLink" not in body:
        yield "count that is not the number of members", f"{count}, but {len(members)}"
    links = [item.get("@odata.id") for item in members if isinstance(item, dict)]
    for link in sorted({link for link in links if isinstance(link, str)}):
        if links.count(link) > 1:
            yield "member listed twice", link
    if any(link is None for link in links):
        yield "member without a link", "Members"


def _repeated_ids(tree: Captured) -> Iterator[tuple[str, str]]:
    """Two members of one collection with one Id (DSP0268 "Id": unique in its collection)."""
    seen: dict[tuple[str, str], str] = {}
    for path, body in tree.bodies.items():
        own = body.get("Id")
        holder = parent(path)
        collection = tree.body(holder)
        if not isinstance(own, str) or collection is None or "Members" not in collection:
            continue
        first = seen.setdefault((holder, own), path)
        if first != path:
            yield "Id given twice in a collection", f"{own}: {first} and {path}"
