"""Parts of a storage subsystem, each kept once though several places list it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from fleetd.domain.device import Component
from fleetd.driverkit.payload import canonical


@dataclass(slots=True)
class _Listed:
    """A part that is kept, and the holders that have listed it so far."""

    part: Component
    folder: str
    holders: set[str]


class Once:
    """Parts of one kind, by the key of the first place that lists each.

    Two paths are one part where both say the same lasting name (a serial, a World Wide Name) and
    no one place lists both: what one holder, or one collection, lists side by side are different
    parts, whatever their names say. ``alike`` may know better.
    """

    def __init__(self, alike: Callable[[Component, Component], bool] | None = None) -> None:
        self._alike = alike
        self._kept: dict[str, Component] = {}
        self._by_name: dict[str, list[_Listed]] = {}
        self._renamed: dict[str, str] = {}

    def __iter__(self) -> Iterator[Component]:
        return iter(self._kept.values())

    def add(self, part: Component, name: str | None, holder: str) -> str:
        """Keep a part that a holder lists, unless it's known; the key by which it's kept."""
        known = self._renamed.get(part.key, part.key)
        if known in self._kept:
            return known
        twin = None if name is None else self._twin(part, name, holder)
        if twin is not None:
            self._renamed[part.key] = twin
            return twin
        self._kept[part.key] = part
        return part.key

    def _twin(self, part: Component, name: str, holder: str) -> str | None:
        folder = canonical(part.key).rpartition("/")[0]
        listed = self._by_name.setdefault(name, [])
        for known in listed:
            apart = known.folder != folder and holder not in known.holders
            if apart and (self._alike is None or self._alike(known.part, part)):
                known.holders.add(holder)
                return known.part.key
        listed.append(_Listed(part, folder, {holder}))
        return None

    @property
    def renamed(self) -> Mapping[str, str]:
        """By key of a part that was found once more, the key by which it's kept."""
        return self._renamed
