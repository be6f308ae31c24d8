"""Schemathesis against the served application: what OpenAPI says holds for generated requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig

from fleetd.api import openapi
from tests.support.api_server import TOKENS, api_in_thread
from tests.support.fakes import fake_fleet

CONFIG = SchemathesisConfig.from_dict(
    {
        # A generated tag is nobody's, so If-Match is refused with 412 as it should be.
        "checks": {
            "positive_data_acceptance": {
                "expected-statuses": [
                    *("2xx", "304", "401", "403", "404", "409", "412"),
                ]
            }
        }
    }
)
schema = schemathesis.openapi.from_dict(
    openapi.document().model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude_unset=True
    ),
    config=CONFIG,
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with api_in_thread(fake_fleet(), tokens=TOKENS) as served:
        yield served


@schema.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_api_keeps_what_its_description_says(case: schemathesis.Case[Any], url: str) -> None:
    case.call_and_validate(base_url=url, headers={"Authorization": f"Bearer {TOKENS['ada'][1]}"})
