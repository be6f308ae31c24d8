"""The checked-in description is the code's, and the table of problems is whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_pydantic import OpenAPI

import fleetd.api.errors
import fleetd.domain.errors
from fleetd.api import openapi, problems, reference
from fleetd.api.routes import ROUTES
from fleetd.domain.errors import FleetError

DOCS = Path(__file__).parents[2] / "docs"
HINT = "run `python -m fleetd.api.reference`"


def errors(root: type[FleetError] = FleetError) -> Iterator[type[FleetError]]:
    for child in root.__subclasses__():
        if child.__module__.startswith(("fleetd.domain.", "fleetd.api.")):
            yield child
        yield from errors(child)


def members(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield name, item
            yield from members(item)
    elif isinstance(value, list):
        for item in value:
            yield from members(item)


def test_openapi_json_in_docs_is_what_the_code_gives() -> None:
    assert (DOCS / "openapi.json").read_bytes() == openapi.render(), HINT


def test_api_md_in_docs_is_what_the_code_gives() -> None:
    assert (DOCS / "api.md").read_text(encoding="utf-8") == reference.markdown(), HINT


def test_the_description_is_valid_and_every_reference_in_it_leads_somewhere() -> None:
    content = json.loads(openapi.render())

    described = OpenAPI.model_validate(content)

    assert described.paths is not None
    references = {str(item) for name, item in members(content) if name == "$ref"}
    assert references
    for found in references:
        place = content
        for part in found.removeprefix("#/").split("/"):
            place = place[part]


def test_every_operation_has_a_name_of_its_own_and_a_summary() -> None:
    assert len({route.name for route in ROUTES}) == len(ROUTES)
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)
    assert all(route.summary and route.tag in openapi.TAGS for route in ROUTES)


@pytest.mark.parametrize("error", list(dict.fromkeys(errors())))
def test_every_error_has_its_row_in_the_table_of_problems(error: type[FleetError]) -> None:
    assert error in problems.STATUSES


def test_a_slug_means_one_kind_of_problem() -> None:
    codes = [error.code for error in problems.STATUSES]

    assert len(codes) == len(set(codes))


def test_an_error_that_may_pass_is_no_internal_one() -> None:
    later = [e for e in problems.STATUSES if e.next is fleetd.domain.errors.Next.LATER]

    assert later
    assert all(problems.status_of(error) != 500 for error in later)
    assert fleetd.api.errors.KeyInUse in later
