from __future__ import annotations

import re
from pathlib import Path

from fleetd.config.explain import Option, options, render_markdown, render_yaml
from fleetd.config.load import load
from fleetd.config.settings import Settings
from fleetd.config.validation import inner_model

ROOT = Path(__file__).parents[2]
STALE = "run .venv/bin/python docs/generate.py"
COMMENTED_OPTION = re.compile(r"(?m)^( *)#(?! \S)(?!$)")


def test_the_example_file_is_what_the_code_says() -> None:
    assert (ROOT / "config/fleetd.yaml").read_text() == render_yaml(), STALE


def test_the_page_on_configuration_is_what_the_code_says() -> None:
    assert (ROOT / "docs/configuration.md").read_text() == render_markdown(), STALE


def test_the_example_file_is_accepted_and_changes_nothing() -> None:
    assert load(ROOT / "config/fleetd.yaml", {}) == Settings()


def test_the_example_file_is_still_accepted_with_every_option_uncommented(tmp_path: Path) -> None:
    path = tmp_path / "fleetd.yaml"
    path.write_text(COMMENTED_OPTION.sub(r"\1", render_yaml()))

    settings = load(path, {})

    assert settings.inventory == Settings().inventory
    assert settings.redfish == Settings().redfish
    assert settings.discovery.credentials[0].name == "factory"


def test_every_option_says_what_it_means() -> None:
    def silent(found: tuple[Option, ...], path: str) -> list[str]:
        return [
            name
            for option in found
            for name in [
                *([] if option.meaning else [f"{path}.{option.name}"]),
                *silent(option.members, f"{path}.{option.name}"),
            ]
        ]

    sections = {
        name: inner_model(field.annotation) for name, field in Settings.model_fields.items()
    }

    assert [
        name for key, model in sections.items() if model for name in silent(options(model), key)
    ] == []
