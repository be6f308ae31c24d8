"""Whose a resource is, by the machine that its path is below."""

from __future__ import annotations

from typing import Final

from fleetd.daemon.corpus.tree import ROOT, folded

_MACHINES: Final = frozenset({"systems", "chassis", "storage"})
_HOSTS: Final = {"resourceblocks": "systems"}  # what a system may be composed of


def owner(path: str) -> tuple[str, str]:
    """The collection and the name of the machine that a path is below: ("systems", "1")."""
    below = folded(path).removeprefix(f"{ROOT}/").removeprefix("compositionservice/")
    first, _, rest = below.partition("/")
    return first, rest.partition("/")[0]


def may_share(first: str, second: str) -> bool:
    """Two paths may tell of one part: they aren't below two machines of one collection."""
    one, other = owner(first), owner(second)
    kinds = {_HOSTS.get(one[0], one[0]), _HOSTS.get(other[0], other[0])}
    return one == other or len(kinds) > 1 or not kinds <= _MACHINES
