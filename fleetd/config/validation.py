"""pydantic's verdict on a document in fleetd's words: every error at the file, line and key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from fleetd.config.document import Document, Fault, key_text, refuse
from fleetd.config.section import DIRECTORY_CONTEXT, Place

M = TypeVar("M", bound=BaseModel)

_WORDS: Final[Mapping[str, str]] = {
    "missing": "is required",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "bool_parsing": "must be true or false",
    "string_type": "must be text",
    "time_delta_parsing": "must be a time span such as 30s, 5m, 6h or 7d",
    "time_delta_type": "must be a time span such as 30s, 5m, 6h or 7d",
}


def validate(model: type[M], document: Document, directory: Path) -> M:
    """The document as an instance of the model.

    Raises:
        ConfigError: It breaks a rule of the model, or has faults of its own; all are named.
    """
    values = {} if document.values is None else document.values
    try:
        valid = model.model_validate(values, context={DIRECTORY_CONTEXT: directory})
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        refuse(
            document.faults + [fault for one in details for fault in _faults(one, model, document)]
        )
        raise  # every validation error has details, so refuse() has raised
    refuse(document.faults)
    return valid


def _faults(error: ErrorDetails, model: type[BaseModel], document: Document) -> Iterator[Fault]:
    place: Place = error["loc"]
    if error["type"] == "contradictions":
        for below, message in error["ctx"]["found"]:
            yield _fault(document, place + tuple(below), message)
    else:
        yield _fault(document, place, _message(error, model))


def _fault(document: Document, place: Place, message: str) -> Fault:
    return Fault(where=document.where(place) or "", key=key_text(place), message=message)


def _message(error: ErrorDetails, model: type[BaseModel]) -> str:
    kind = error["type"]
    if kind == "extra_forbidden":
        return "unknown key" + _hint(str(error["loc"][-1]), _keys_at(model, error["loc"][:-1]))
    if kind == "string_pattern_mismatch" and "credential" in error["ctx"]["pattern"]:
        return "must say where the secret lies: file:PATH, env:NAME, credential:NAME or secret:NAME"
    if kind == "value_error":
        return str(error["ctx"]["error"])
    return _WORDS.get(kind) or error["msg"].removeprefix("Input ")


def _hint(key: str, keys: tuple[str, ...]) -> str:
    close = get_close_matches(key, keys, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known here: {', '.join(sorted(keys))}" if keys else ""


def _keys_at(model: type[BaseModel], place: Place) -> tuple[str, ...]:
    for step in place:
        if isinstance(step, int):
            continue
        field = model.model_fields.get(step)
        inner = None if field is None else inner_model(field.annotation)
        if inner is None:
            return ()
        model = inner
    return tuple(model.model_fields)


def inner_model(annotation: Any) -> type[BaseModel] | None:
    """The model that an option or the members of its list have, if any."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        if (found := inner_model(argument)) is not None:
            return found
    return None
