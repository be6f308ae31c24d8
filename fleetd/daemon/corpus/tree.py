"""Captured trees on disk, read straight from their files: no HTTP, no client, no driver."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import orjson

from fleetd.domain.errors import InvalidInput

ROOT: Final = "/redfish/v1"
_BODY: Final = "index.json"
_LARGEST_BYTES: Final = 64 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a tree lies, and what it is called."""

    name: str
    directory: Path


class Captured:
    """The bodies of one tree by path; what is no JSON object is listed as unreadable."""

    def __init__(self, place: Place) -> None:
        self.bodies: dict[str, dict[str, Any]] = {}
        self.unreadable: dict[str, str] = {}
        self._spellings: dict[str, str] = {}
        for path, file in _files(place.directory):
            self._spellings.setdefault(folded(path), path)
            try:
                body = _read(file)
            except (OSError, ValueError) as error:
                self.unreadable[path] = _reason(error)
            else:
                self.bodies[path] = body

    def find(self, path: str) -> str | None:
        """The path, as captured, of what a link leads to; None where the link dangles.

        Links may differ from the place in case, slashes and percent escapes.
        """
        bare = path.partition("#")[0]
        if bare in self.bodies:
            return bare
        known = self._spellings.get(folded(bare))
        return known if known in self.bodies else None

    def body(self, path: str) -> Mapping[str, Any] | None:
        """The body that a link leads to."""
        known = self.find(path)
        return None if known is None else self.bodies[known]


def find_places(directory: Path, names: Sequence[str] = ()) -> tuple[Place, ...]:
    """The trees that a folder holds, or the one that it is, by name; ``names`` chooses among them.

    Raises:
        InvalidInput: There are none, or none of a chosen name.
    """
    if not directory.is_dir():
        raise InvalidInput(f"{directory} is no folder")
    if _is_tree(directory):
        found = [Place(name=directory.resolve().name, directory=directory)]
    else:
        inner = sorted(path for path in directory.iterdir() if path.is_dir() and _is_tree(path))
        found = [Place(name=path.name, directory=path) for path in inner]
    if not found:
        raise InvalidInput(f"{directory} holds no tree (NAME/redfish/v1/...)")
    unknown = sorted(set(names) - {place.name for place in found})
    if unknown:
        raise InvalidInput(f"{directory} holds no tree named {unknown[0]}")
    return tuple(place for place in found if not names or place.name in names)


def folded(path: str) -> str:
    """One spelling for all the spellings of a path."""
    path = unquote(path)
    while "//" in path:
        path = path.replace("//", "/")
    return path.rstrip("/").lower()


def _is_tree(directory: Path) -> bool:
    return (directory / "redfish" / "v1").is_dir() or (directory / _BODY).is_file()


def _files(directory: Path) -> Iterator[tuple[str, Path]]:
    """Every body with its path; in DMTF's short form the folder itself is the service root.

    What a symbolic link leads to outside of the tree is none of the tree, as for the emulator.
    """
    inside = directory.resolve()
    prefix = "" if (directory / "redfish" / "v1").is_dir() else ROOT
    for folder, inner, names in os.walk(directory):
        inner.sort()
        file = Path(folder) / _BODY
        if _BODY in names and file.resolve().is_relative_to(inside):
            below = Path(folder).relative_to(directory).as_posix()
            yield prefix if below == "." else f"{prefix}/{below}", file


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise ValueError("no file")
    if file.stat().st_size > _LARGEST_BYTES:
        raise ValueError("too large")
    body = orjson.loads(file.read_bytes())
    if not isinstance(body, dict):
        raise ValueError("no JSON object")  # noqa: TRY004 - a reason like the parser's own
    return body
