"""How results are shown: tables for people, JSON or YAML for programs.

What a BMC wrote is shown as text: no markup and no control characters of its reach a terminal.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final

import typer
import yaml
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fleetd.cli.failures import ReaderGone

Json = Any  # JSON as json.loads gives it

NOTHING: Final = "-"
CONTENT_WIDTH: Final = 100_000
"""Lines are as long as their content, on a terminal too: a folded id can't be copied."""


class Format(StrEnum):
    """Form of the output."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


OutputOption = Annotated[
    Format, typer.Option("--output", "-o", help="Form of the output.", show_default=True)
]

_COLOURS: Final = {
    "OK": "green",
    "Warning": "yellow",
    "Critical": "red",
    "On": "green",
    "up": "green",
    "down": "red",
    "held": "red",
    "no-credential": "yellow",
    "succeeded": "green",
    "failed": "red",
    "cancelled": "yellow",
    "found": "green",
    "missing": "red",
    "unexpected": "yellow",
    "available": "green",
    "in-use": "cyan",
    "enrolled": "green",
    "ready": "green",
    "quarantined": "red",
    "maintenance": "yellow",
    "unreachable": "red",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: its heading and how its value is found in an item."""

    title: str
    value: Callable[[Json], object]
    right: bool = False


def member(*path: str) -> Callable[[Json], object]:
    """The value at a path of members, or None where one is absent."""

    def find(item: Json) -> object:
        for name in path:
            item = item.get(name) if isinstance(item, dict) else None
        return item

    return find


def column(title: str, *path: str, right: bool = False) -> Column:
    """A column that shows one member."""
    return Column(title=title, value=member(*path), right=right)


class PipeAwareConsole(Console):
    """A console that leaves a broken pipe to the caller; rich's own would exit at once."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(*, stderr: bool = False) -> PipeAwareConsole:
    """A console with colours on a terminal only, and none where NO_COLOR is set."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stderr and stream.isatty() else CONTENT_WIDTH
    return PipeAwareConsole(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)


def cell(value: object) -> Text:
    """A value as text, without control characters, in its colour."""
    if value is None or value in ("", [], {}):
        return Text(NOTHING, style="dim")
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if isinstance(value, list | tuple):
        value = ", ".join(str(item) for item in value)
    text = "".join(letter if letter.isprintable() else " " for letter in str(value))
    return Text(text, style=_COLOURS.get(text, ""))


def table(columns: Sequence[Column], items: Iterable[Json]) -> Table:
    """A plain table."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for one in columns:
        made.add_column(one.title, justify="right" if one.right else "left", overflow="fold")
    for item in items:
        made.add_row(*(cell(one.value(item)) for one in columns))
    return made


def facts(pairs: Iterable[tuple[str, object]]) -> Table:
    """One thing's properties, a line each; those that say nothing are left out."""
    made = Table(box=None, pad_edge=False, show_header=False)
    made.add_column(style="bold")
    made.add_column(overflow="fold")
    for name, value in pairs:
        if value not in (None, "", [], {}):
            made.add_row(name, cell(value))
    return made


def show(form: Format, content: Json, *shapes: Table | Text) -> None:
    """Print the content in the form asked for; ``shapes`` are its table form.

    Raises:
        ReaderGone: The other end of the pipe is closed.
    """
    try:
        _print(form, content, shapes)
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise ReaderGone from error


def _print(form: Format, content: Json, shapes: Iterable[Table | Text]) -> None:
    match form:
        case Format.JSON:
            sys.stdout.write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
        case Format.YAML:
            yaml.safe_dump(content, sys.stdout, sort_keys=False, allow_unicode=True)
        case Format.TABLE:
            out = console()
            for shape in shapes:
                out.print(shape)
