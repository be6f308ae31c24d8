"""Environment variables as overrides: ``FLEETD_API__PORT=9000`` stands over ``api.port``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError

from fleetd.config.document import Document, Fault, Plain, key_text
from fleetd.config.section import Place
from fleetd.config.settings import Settings

PREFIX: Final = "FLEETD_"
DELIMITER: Final = "__"
KNOWN_VARIABLES: Final = frozenset({"FLEETD_URL", "FLEETD_TOKEN", "FLEETD_LAB"})
"""Variables with our prefix that override no option: two of fleetctl's, and the tests' lab."""

_REFERENCE: Final = re.compile(r"\benv:([A-Za-z_][A-Za-z0-9_]*)")


class _Overrides(Settings, BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=DELIMITER, extra="forbid", frozen=True
    )


class _Source(EnvSettingsSource):
    """pydantic-settings' reading of nested variables, over a given environment."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        super().__init__(_Overrides)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._environment.items()}


def read_environment(environment: Mapping[str, str], *, mentioned: Plain = None) -> Document:
    """The options that environment variables set, as values and places.

    Args:
        environment: All variables; those without our prefix are left alone.
        mentioned: Values of fleetd.yaml; variables that it refers to by ``env:NAME`` are known.
    """
    ours = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
    known = KNOWN_VARIABLES | set(_mentions(mentioned)) | set(_mentions(ours))
    document = Document(values={})
    for name, value in ours.items():
        section, *rest = name.removeprefix(PREFIX).lower().split(DELIMITER)
        if section in Settings.model_fields and rest:
            _take(document, name, value)
        elif name not in known:
            document.faults.append(_unknown(name))
    return document


def _take(document: Document, name: str, value: str) -> None:
    place: Place = tuple(name.removeprefix(PREFIX).lower().split(DELIMITER))
    where = f"environment variable {name}"
    try:
        values = _Source({name: value})()
    except (SettingsError, RecursionError):
        message = "is not the JSON that this option needs in the environment"
        document.faults.append(Fault(where=where, key=key_text(place), message=message))
        return
    overlay(document, Document(values=values, places={place: where}))


def _unknown(name: str) -> Fault:
    options = [f"{PREFIX}{section.upper()}{DELIMITER}" for section in Settings.model_fields]
    close = get_close_matches(name, [*options, *KNOWN_VARIABLES], n=1)
    hint = f"; did you mean {close[0]}…?" if close else ""
    message = f"sets no option: it must be {PREFIX}SECTION{DELIMITER}OPTION{hint}"
    return Fault(where=f"environment variable {name}", key="", message=message)


def _mentions(values: Plain) -> Iterator[str]:
    if isinstance(values, str):
        yield from _REFERENCE.findall(values)
    elif isinstance(values, dict):
        for value in values.values():
            yield from _mentions(value)
    elif isinstance(values, list):
        for value in values:
            yield from _mentions(value)


def overlay(document: Document, above: Document) -> None:
    """Put the values of another document over this one's: mappings merge, all else is replaced."""
    if isinstance(document.values, dict):  # else it is refused, and must not be hidden before that
        document.values = _merged(document.values, above.values)
    document.places.update(above.places)
    document.faults.extend(above.faults)


def _merged(below: Any, above: Any) -> Any:
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return below | {key: _merged(below.get(key), value) for key, value in above.items()}
