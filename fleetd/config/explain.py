"""Every option with its meaning and default, as config/fleetd.yaml and docs/configuration.md."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from fleetd.config.section import span_text
from fleetd.config.settings import Settings
from fleetd.config.validation import inner_model

_WIDTH: Final = 86
_LIMITS: Final = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
_ALTERNATIVES: Final = re.compile(r"\^\(?([a-z|]+)\)?\$")
_HEAD: Final = """\
# fleetd.yaml: every option, each commented out with its default.
#
# Made from the code; uncomment what you change. `fleetd check-config FILE` names file, line and
# key of what is wrong. An environment variable stands over the file: api.port is
# FLEETD_API__PORT, and lists are given as JSON. Time spans read 30s, 5m, 6h or 7d. A relative path
# starts at the directory of this file. A secret is never written here, only where it lies:
# file:/path (mode 0600), env:NAME, credential:NAME (systemd's LoadCredential) or secret:NAME
# (fleetd's own encrypted file, `fleetd secret set NAME`).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option: its name, what it means, what it may be, and its default as YAML writes it."""

    name: str
    meaning: str
    kind: str
    default: str
    required: bool
    listed: bool = False
    members: tuple[Option, ...] = ()


def options(model: type[BaseModel]) -> tuple[Option, ...]:
    """The options of a section, in the order of the code; those of inner sections as members."""
    return tuple(_option(name, field) for name, field in model.model_fields.items())


def render_yaml() -> str:
    """The whole of config/fleetd.yaml."""
    lines = [_HEAD]
    for name, field in Settings.model_fields.items():
        section = inner_model(field.annotation)
        if section is None:
            continue
        lines.append(f"# {_first_line(section)}")
        lines.append(f"{name}:")
        for option in options(section):
            lines.extend(f"  {line}" for line in _commented(option))
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def render_markdown() -> str:
    """The whole of docs/configuration.md."""
    lines = [
        "# Configuration",
        "",
        "Made from the code; a test keeps it so.",
        "[config/fleetd.yaml](../config/fleetd.yaml) has the same as a file to start from.",
        "",
        "An environment variable stands over the file: `api.port` is `FLEETD_API__PORT`, and lists",
        "are given as JSON. Time spans read `30s`, `5m`, `6h` or `7d`. A relative path starts at",
        "the directory of fleetd.yaml.",
    ]
    for name, field in Settings.model_fields.items():
        section = inner_model(field.annotation)
        if section is None:
            continue
        lines += ["", f"## {name}", "", _first_line(section), ""]
        lines += ["| option | what | default |", "| --- | --- | --- |"]
        lines += [_row(path, option) for path, option in _flat(options(section), "")]
    return "\n".join(lines) + "\n"


def _option(name: str, field: FieldInfo) -> Option:
    section = inner_model(field.annotation)
    listed = get_origin(field.annotation) is tuple
    return Option(
        name=name,
        meaning=" ".join((field.description or "").replace("``", "`").split()),
        kind=_kind(field),
        default=_default(field, has_members=section is not None),
        required=field.is_required(),
        listed=listed,
        members=() if section is None else _members(section, listed=listed),
    )


def _members(section: type[BaseModel], *, listed: bool) -> tuple[Option, ...]:
    inner = options(section)
    return tuple(sorted(inner, key=lambda one: not one.required)) if listed else inner


def _default(field: FieldInfo, *, has_members: bool) -> str:
    if field.is_required():
        return _scalar(field.examples[0]) if field.examples else ""
    default = field.get_default(call_default_factory=True)
    if default is PydanticUndefined or default is None or isinstance(default, BaseModel):
        return ""
    return "" if has_members else _scalar(default)


def _scalar(value: Any) -> str:
    if isinstance(value, timedelta):
        return span_text(value)
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, tuple):
        value = list(value)
    if not isinstance(value, str | int | float | bool | list | dict):
        value = str(value)
    text: str = yaml.safe_dump(value, default_flow_style=True, width=1_000)
    return text.removesuffix("\n").removesuffix("\n...")


def _kind(field: FieldInfo) -> str:
    words = [_choices(field.annotation)]
    words += [word for rule in field.metadata for word in _bounds(rule)]
    return ", ".join(word for word in words if word)


def _bounds(rule: Any) -> Iterator[str]:
    for attribute, words in _LIMITS.items():
        limit = getattr(rule, attribute, None)
        if limit is not None and not isinstance(limit, timedelta):
            yield f"{words} {limit}"
    if (match := _ALTERNATIVES.fullmatch(getattr(rule, "pattern", None) or "")) is not None:
        yield "one of " + ", ".join(match[1].split("|"))


def _choices(annotation: Any) -> str:
    if get_origin(annotation) in {Union, UnionType}:
        annotation = next(one for one in get_args(annotation) if one is not type(None))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "one of " + ", ".join(str(member.value) for member in annotation)
    return ""


def _written(option: Option) -> Iterator[str]:
    """The option as lines of YAML under comments, as if nothing were commented out."""
    yield from (f"# {line}" for line in textwrap.wrap(_explanation(option), _WIDTH))
    yield f"{option.name}: {option.default}".rstrip()
    for index, member in enumerate(option.members):
        for line in _written(member):
            opens = option.listed and index == 0 and line.startswith(f"{member.name}:")
            indent = "  - " if opens else "    " if option.listed else "  "
            yield indent + line


def _commented(option: Option) -> Iterator[str]:
    """As ``_written`` with every option behind a ``#``; prose has a space after its own."""
    for line in _written(option):
        yield line if line.startswith("# ") else f"#{line}"


def _explanation(option: Option) -> str:
    notes = [note for note in (option.kind, "required" if option.required else "") if note]
    suffix = f" ({'; '.join(notes)})" if notes else ""
    return f"{option.meaning}{suffix}".strip()


def _flat(found: tuple[Option, ...], prefix: str) -> Iterator[tuple[str, Option]]:
    for option in found:
        yield f"{prefix}{option.name}", option
        yield from _flat(option.members, f"{prefix}{option.name}.")


def _row(path: str, option: Option) -> str:
    default = "required" if option.required else f"`{option.default}`" if option.default else ""
    return f"| `{path}` | {_explanation(option)} | {default} |"


def _first_line(section: type[BaseModel]) -> str:
    return (section.__doc__ or "").strip().splitlines()[0]
