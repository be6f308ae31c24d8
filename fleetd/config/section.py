"""What every section of the configuration has in common: frozen, and no unknown keys."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

Place = tuple[str | int, ...]
"""The way to a value within the configuration, such as ``("discovery", "ranges", 0, "cidr")``."""

DIRECTORY_CONTEXT: Final = "directory"
"""Key of the validation context that holds the directory relative paths start at."""

_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_SPAN: Final = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")


class Section(BaseModel):
    """A part of fleetd.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def contradictions(found: list[tuple[Place, str]]) -> None:
    """Refuse values that contradict each other, each named at its own place below the section.

    Raises:
        PydanticCustomError: ``found`` isn't empty; ``config/load.py`` spreads it over the places.
    """
    if found:
        text = "; ".join(message for _, message in found)
        raise PydanticCustomError("contradictions", "{text}", {"text": text, "found": found})


def _from_configuration(path: Path, info: ValidationInfo) -> Path:
    directory = (info.context or {}).get(DIRECTORY_CONTEXT)
    if "\0" in str(path):
        raise ValueError("a path has no null byte")
    try:
        expanded = path.expanduser()
    except RuntimeError as error:
        raise ValueError(f"{path} names a home directory that is not known") from error
    return expanded if directory is None else Path(directory) / expanded


def _span(value: object) -> object:
    match = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return value
    return timedelta(seconds=float(match[1]) * _UNITS[match[2] or "s"])


def span_text(span: timedelta) -> str:
    """The shortest way to write a time span in fleetd.yaml: ``6h``, ``90s``, ``0.5s``."""
    seconds = span.total_seconds()
    for unit in ("d", "h", "m"):
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{int(seconds) // _UNITS[unit]}{unit}"
    return f"{seconds:g}s"


FilePath = Annotated[Path, AfterValidator(_from_configuration)]
"""A path; a relative one starts at the directory of fleetd.yaml."""
Span = Annotated[
    timedelta,
    BeforeValidator(_span),
    PlainSerializer(span_text, return_type=str, when_used="json"),
    Field(ge=timedelta(0)),
]
"""A time span: ``30s``, ``5m``, ``6h``, ``7d``, a number of seconds, ``HH:MM:SS`` or ISO 8601."""
Duration = Annotated[Span, Field(gt=timedelta(0))]
"""A time span above zero."""
Port = Annotated[int, Field(ge=0, le=65535)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
"""A name for people and labels: letters, digits, dot, underscore and dash."""
Reference = Annotated[str, Field(pattern=r"^(file|env|credential|secret):.+$")]
"""Where a secret lies: ``file:/path``, ``env:NAME``, ``credential:NAME`` (systemd's
LoadCredential) or ``secret:NAME`` (fleetd's own encrypted file); never the secret itself."""
