"""A tree of captured answers on disk: which file answers which path.

The layout is DMTF's (DSP2043 "Redfish Mockups"): one folder a path, the answer in its
``index.json`` (``index.xml`` for ``$metadata``). A tree begins at ``/`` or, in the short form, at
``/redfish/v1``. Every file is listed once at the start, and only what is listed is ever read: no
request can name a file outside.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import orjson

from fleetd_emulators.protocol.problems import Json

ROOT: Final = "/redfish/v1"
BODIES: Final = ("index.json", "index.xml")


class BadTree(Exception):
    """A folder that holds no captured tree, told in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """One captured tree; ``files`` by path as it was captured, ``folded`` by any spelling of it."""

    name: str
    directory: Path
    files: dict[str, Path]
    folded: dict[str, Path] = field(repr=False)

    def find(self, path: str, query: str = "") -> Path | None:
        """The file that answers a path as it came over the wire, with a page's query if it has one.

        The spelling of the capture goes first; then a path may differ in percent escapes, in
        case, and in slashes, as links of real BMCs do.
        """
        page = f"?{unquote(query)}" if query else ""
        bare = path.rstrip("/")
        for candidate in (bare + page, unquote(bare) + page):
            if candidate in self.files:
                return self.files[candidate]
        return self.folded.get(_fold(unquote(path)) + page.lower())

    def root(self) -> Json:
        """The service root's body; empty where it is missing or no JSON object."""
        file = self.find(ROOT)
        try:
            document = orjson.loads(file.read_bytes()) if file is not None else {}
        except (OSError, orjson.JSONDecodeError):
            return {}
        return document if isinstance(document, dict) else {}


def find_trees(directories: Sequence[Path]) -> tuple[Tree, ...]:
    """The trees that these folders are or hold, in order; equal names get a number.

    Raises:
        BadTree: One is no folder, or neither is nor holds a tree.
    """
    trees: list[Tree] = []
    taken: set[str] = set()
    for directory in directories:
        places = list(_places(directory))
        if not places:
            raise BadTree(f"{directory} neither is nor holds a tree (NAME/redfish/v1/index.json)")
        for place in places:
            name = _free_name(place.resolve().name, taken)
            taken.add(name)
            trees.append(_read(name, place))
    return tuple(trees)


def is_tree(directory: Path) -> bool:
    """The folder begins at ``/`` (it holds ``redfish/v1``) or is a service root itself."""
    return (directory / "redfish" / "v1").is_dir() or (directory / BODIES[0]).is_file()


def _places(directory: Path) -> Iterator[Path]:
    if not directory.is_dir():
        raise BadTree(f"{directory} is no folder")
    if is_tree(directory):
        yield directory
        return
    yield from (inner for inner in sorted(directory.iterdir()) if inner.is_dir() and is_tree(inner))


def _free_name(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name


def _read(name: str, directory: Path) -> Tree:
    inside = directory.resolve()
    prefix = "" if (directory / "redfish" / "v1").is_dir() else ROOT
    files: dict[str, Path] = {}
    folded: dict[str, Path] = {}
    # Folders that are links aren't entered, so a circle of them ends nothing here.
    for folder, _, names in os.walk(directory):
        body = next((one for one in BODIES if one in names), None)
        if body is None:
            continue
        file = Path(folder) / body
        # A link to nothing would fail at every request, and reading a pipe would never end.
        if not file.is_file() or not file.resolve().is_relative_to(inside):
            continue
        below = Path(folder).relative_to(directory).as_posix()
        path = prefix if below == "." else f"{prefix}/{below}"
        files[path] = file
        folded.setdefault(_fold(path), file)
        folded.setdefault(_fold(unquote(path)), file)
    return Tree(name=name, directory=directory, files=files, folded=folded)


def _fold(path: str) -> str:
    while "//" in path:
        path = path.replace("//", "/")
    return path.rstrip("/").lower()
