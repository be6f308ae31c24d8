"""What every section of the configuration has in common: frozen, and no unknown keys."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A part of fleetd.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def _absolute(path: Path) -> Path:
    return path.expanduser()


FilePath = Annotated[Path, AfterValidator(_absolute)]
Duration = Annotated[timedelta, Field(gt=timedelta(0))]
"""A time span above zero: ISO 8601 (``PT5M``), ``HH:MM:SS`` or a number of seconds."""
Port = Annotated[int, Field(ge=0, le=65535)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]
"""A name for people and labels: letters, digits, dot, underscore and dash."""
