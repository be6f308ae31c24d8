"""YAML and CSV text as plain values together with the place each was written.

Every scalar stays text: the model decides its type, as it does for environment variables and CSV
cells. That avoids YAML's own guesses (``on`` as true, a MAC of digits as a base-60 number).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from fleetd.config.section import Place
from fleetd.domain.errors import ConfigError

MAX_BYTES: Final = 16 * 2**20
MAX_DEPTH: Final = 32
# 40,000 endpoints of ten values. It also ends the expansion of nested aliases.
MAX_VALUES: Final = 400_000
_CORE_TAGS: Final = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp")
)
_NOTHING: Final = frozenset({"", "~", "null"})

# libyaml composes 10,000 endpoints in 0.5 s where Python's parser takes 2.3 s, and bounds nesting.
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Plain = Any  # text, None, list or dict of the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong, where it was written."""

    where: str
    key: str
    message: str

    def __str__(self) -> str:
        text = ": ".join(part for part in (self.where, self.key, self.message) if part)
        # One line, and nothing that a terminal would obey, whatever the file holds.
        return "".join(
            letter if letter.isprintable() else letter.encode("unicode_escape").decode()
            for letter in text
        )


@dataclass(slots=True)
class Document:
    """The values of one file; ``places`` tells for each value where it was written."""

    values: Plain
    places: dict[Place, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def where(self, place: Place) -> str | None:
        """Where the value was written; else the first one in it, else the nearest around it."""
        if place in self.places:
            return self.places[place]
        for known, where in self.places.items():
            if known[: len(place)] == place:
                return where
        around = (place[:length] for length in range(len(place) - 1, -1, -1))
        return next((self.places[one] for one in around if one in self.places), None)


def key_text(place: Place) -> str:
    """The way to a value as people write it: ``discovery.ranges[0].cidr``."""
    text = ""
    for step in place:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def refuse(faults: list[Fault]) -> None:
    """Report everything that is wrong at once.

    Raises:
        ConfigError: There is at least one fault; each has its own line in the message.
    """
    if faults:
        raise ConfigError("\n".join(dict.fromkeys(str(fault) for fault in faults)))


def read_bounded(path: Path) -> str:
    """The text of a configuration file.

    Raises:
        ConfigError: It can't be read, is larger than ``MAX_BYTES``, or isn't UTF-8.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{path}: is larger than {MAX_BYTES} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: is not UTF-8 text") from error


def read_yaml(path: Path) -> Document:
    """Parse a YAML file.

    Raises:
        ConfigError: It can't be read or isn't YAML; lesser faults stay in the document.
    """
    text = read_bounded(path)
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f"{path}:{mark.line + 1}" if mark else str(path)
        raise ConfigError(f"{at}: is not YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: is not YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: is nested too deeply") from error
    reading = _Reading(path)
    return Document(
        values=None if node is None else reading.plain(node, ()),
        places={(): f"{path}:1", **reading.places},
        faults=reading.faults,
    )


class _Reading:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._values = 0
        self.places: dict[Place, str] = {}
        self.faults: list[Fault] = []

    def plain(self, node: Node, place: Place) -> Plain:
        where = f"{self._path}:{node.start_mark.line + 1}"
        self.places.setdefault(place, where)
        self._values += 1
        if self._values > MAX_VALUES:
            raise ConfigError(f"{where}: holds more than {MAX_VALUES} values (aliases counted)")
        if len(place) > MAX_DEPTH:
            raise ConfigError(f"{where}: is nested more than {MAX_DEPTH} levels deep")
        if node.tag not in _CORE_TAGS:
            message = f"the tag {node.tag} is not supported"
            self.faults.append(Fault(where=where, key=key_text(place), message=message))
        if isinstance(node, MappingNode):
            return dict(self._pairs(node, place))
        if isinstance(node, SequenceNode):
            return [self.plain(item, (*place, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, ScalarNode)  # noqa: S101 - YAML has three kinds of node
        bare = not node.style and node.value.lower() in _NOTHING
        return None if bare else node.value

    def _pairs(self, node: MappingNode, place: Place) -> Iterator[tuple[str, Plain]]:
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            where = f"{self._path}:{line}"
            key = key_node.value if isinstance(key_node, ScalarNode) else None
            if key is None or key_node.tag == "tag:yaml.org,2002:merge":
                message = "a key must be a plain word; merge keys (<<) are not supported"
                self.faults.append(Fault(where=where, key=key_text(place), message=message))
                continue
            here = (*place, key)
            if key in lines:
                message = f"is given twice, first at line {lines[key]}"
                self.faults.append(Fault(where=where, key=key_text(here), message=message))
                continue
            lines[key] = line
            self.places[here] = where
            value = self.plain(value_node, here)
            if value is not None:  # a key with nothing after it takes its default
                yield key, value


def read_csv(path: Path) -> Document:
    """Parse a CSV file with a header line into a list of mappings; empty cells are left out.

    A column ``labels.rack`` becomes the key ``rack`` of the mapping ``labels``.

    Raises:
        ConfigError: It can't be read or isn't CSV.
    """
    document = Document(values=[], places={(): f"{path}:1"})
    rows = csv.reader(io.StringIO(read_bounded(path), newline=""), strict=True)
    try:
        header = [column.strip() for column in next(rows, [])]
        _check_header(header, f"{path}:1")
        for row in rows:
            _add_row(document, path, rows.line_num, header, row)
    except csv.Error as error:
        raise ConfigError(f"{path}:{rows.line_num}: is not CSV: {error}") from error
    return document


def _check_header(header: list[str], where: str) -> None:
    groups = {column.partition(".")[0] for column in header if "." in column}
    for index, column in enumerate(header):
        if column in header[:index] or column in groups:
            raise ConfigError(f"{where}: {column}: is more than one column")


def _add_row(document: Document, path: Path, line: int, header: list[str], row: list[str]) -> None:
    cells = [cell.strip() for cell in row]
    if not any(cells) or cells[0].startswith("#"):
        return
    place: Place = (len(document.values),)
    document.places[place] = f"{path}:{line}"
    if len(cells) > len(header):
        message = f"has {len(cells)} cells, the header has {len(header)}"
        document.faults.append(Fault(where=f"{path}:{line}", key=key_text(place), message=message))
    entry: dict[str, Plain] = {}
    for column, cell in zip(header, cells, strict=False):
        group, dot, key = column.partition(".")
        if cell and dot:  # the column labels.rack fills the key rack of labels
            entry.setdefault(group, {})[key] = cell
        elif cell:
            entry[column] = cell
    document.values.append(entry)
