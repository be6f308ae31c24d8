"""What was found, held against what is there, thing by thing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fleetd.daemon.corpus.item import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One kind in one tree; ``missing`` and ``invented`` are paths."""

    there: int
    right: int
    missing: tuple[str, ...]
    invented: tuple[str, ...]

    @property
    def all(self) -> int:
        """Everything that is there or was claimed to be."""
        return self.there + len(self.invented)


def score(there: Iterable[Item], found: Iterable[Item]) -> Score:
    """Pair what was found with what is there, each thing at most once.

    Things are the same by path; failing that by another name (serial, MAC).
    """
    left = {item.key: item for item in there}
    total = len(left)
    unpaired = [item for item in found if left.pop(item.key, None) is None]
    by_name = {name: key for key, item in left.items() for name in item.names}
    by_path = {f"path:{key}": key for key in left}
    invented = []
    for item in unpaired:
        names = {*item.names, f"path:{item.key}"}
        key = next((by_name[name] for name in names if by_name.get(name) in left), None)
        key = key or next((by_path[name] for name in names if by_path.get(name) in left), None)
        if key is None:
            invented.append(item.path)
        else:
            del left[key]
    return Score(
        there=total,
        right=total - len(left),
        missing=tuple(sorted(item.path for item in left.values())),
        invented=tuple(sorted(invented)),
    )
