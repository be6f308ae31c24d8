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
        known = self.find(part, name, holder)
        if known is not None:
            return known
        if name is not None:
            listed = _Listed(part, _folder(part), {holder})
            self._by_name.setdefault(name, []).append(listed)
        self._kept[part.key] = part
        return part.key

    def find(self, part: Component, name: str | None, holder: str) -> str | None:
        """The key by which a part is kept already; from here on it's known by its own key too."""
        same = self._renamed.get(part.key, part.key)
        if same in self._kept:
            return same
        for known in self._by_name.get(name, ()) if name is not None else ():
            apart = known.folder != _folder(part) and holder not in known.holders
            if apart and (self._alike is None or self._alike(known.part, part)):
                known.holders.add(holder)
                self._renamed[part.key] = known.part.key
                return known.part.key
        return None

    @property
    def renamed(self) -> Mapping[str, str]:
        """By key of a part that was found once more, the key by which it's kept."""
        return self._renamed


def _folder(part: Component) -> str:
    return canonical(part.key).rpartition("/")[0]
