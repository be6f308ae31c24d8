"""What was found, held against what is there, thing by thing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fleetd.daemon.corpus.item import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One kind in one tree; ``missing`` and ``invented`` are paths.

    ``aside`` is what was not found and need not be (see ``Item.optional``).
    """

    there: int
    right: int
    missing: tuple[str, ...]
    invented: tuple[str, ...]
    aside: tuple[str, ...] = ()

    @property
    def all(self) -> int:
        """Everything that is there or was claimed to be."""
        return self.there + len(self.invented)


def score(there: Iterable[Item], found: Iterable[Item]) -> Score:
    """Pair what was found with what is there, each thing at most once.

    What is optional counts only where it was found.
    Things are the same by path; failing that by another name (serial, MAC).
    """
    left = {item.key: item for item in there}
    every = len(left)
    unpaired = [item for item in found if left.pop(item.key, None) is None]
    keys: dict[str, list[str]] = {}
    for key, item in left.items():
        for name in (*item.names, f"path:{key}"):
            keys.setdefault(name, []).append(key)
    invented = []
    for item in unpaired:
        names = sorted({*item.names, f"path:{item.key}"})
        twin = next((key for name in names for key in keys.get(name, ()) if key in left), None)
        if twin is None:
            invented.append(item.path)
        else:
            del left[twin]
    missing = [item.path for item in left.values() if not item.optional]
    right = every - len(left)
    return Score(
        there=right + len(missing),
        right=right,
        missing=tuple(sorted(missing)),
        invented=tuple(sorted(invented)),
        aside=tuple(sorted(item.path for item in left.values() if item.optional)),
    )
