"""Whatever stands in a file or variable, the answer is settings or a ConfigError that names it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fleetd.config.discovery import DiscoverySection
from fleetd.config.explain import options
from fleetd.config.load import load
from fleetd.config.settings import Settings
from fleetd.config.targets import read_endpoints, read_manifest
from fleetd.config.validation import inner_model
from fleetd.domain.errors import ConfigError

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["1h", "10.0.0.0/8", "file:/x", "https://[::1]", "env:A", "\x00", "a\x00.csv"]
    )
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner)
)
NAMES = {
    section: [option.name for option in options(model)]
    for section, field in Settings.model_fields.items()
    if (model := inner_model(field.annotation)) is not None
}


def sections() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            section: st.dictionaries(st.sampled_from(names), VALUES, max_size=3) | VALUES
            for section, names in NAMES.items()
        },
    )


def outcome(content: bytes, environment: Mapping[str, str]) -> Settings | str:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "fleetd.yaml")
        path.write_bytes(content)
        try:
            return load(path, environment)
        except ConfigError as error:
            message = str(error)
    return message if environment else require_named(message, directory)


def require_named(message: str, place: str) -> str:
    assert [line for line in message.splitlines() if place not in line] == []
    return message


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@example(b"%YAML 9.9\n---\n")
@example(b"? [a]\n: b\n")
@example(b"? {a: b}\n")
@example(b"<<: {api: {}}\n")
@example(b"--- a\n--- b\n")
def test_any_bytes_are_taken_or_refused(content: bytes) -> None:
    assert outcome(content, {})


@settings(deadline=None, max_examples=60)
@given(sections())
def test_any_values_are_taken_or_refused(values: dict[str, Any]) -> None:
    assert outcome(yaml.safe_dump(values, allow_unicode=True).encode(), {})


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from([(section, name) for section, names in NAMES.items() for name in names]),
    st.text(max_size=20).filter(lambda text: "\x00" not in text),
)
@example(("discovery", "ranges"), "[" * 100_000)
@example(("redfish", "tls"), "9" * 5_000)
def test_any_variable_is_taken_or_refused(option: tuple[str, str], value: str) -> None:
    name = f"FLEETD_{option[0].upper()}__{option[1].upper()}"

    found = outcome(b"", {name: value})

    assert isinstance(found, Settings) or f"environment variable {name}" in found


@settings(deadline=None, max_examples=60)
@given(st.sampled_from([".csv", ".yaml"]), st.binary(max_size=200))
@example(".csv", b"address\n" + b'"' * 140_000)
@example(".csv", b"address,address\nx,y\n")
@example(".csv", b"labels,labels.a\nx,y\n")
@example(".csv", b"labels.a,labels\nx,y\n")
@example(".csv", b"address\r10.0.0.1\r")
@example(".yaml", b"endpoints: {a: b}\n")
@example(".yaml", b"devices\n")
def test_any_file_of_targets_is_taken_or_refused(suffix: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, f"list{suffix}")
        path.write_bytes(content)
        section = DiscoverySection(files=(path,))
        for read in (lambda: read_endpoints(section), lambda: read_manifest(path)):
            try:
                read()
            except ConfigError as error:
                message = str(error)
            else:
                continue
            require_named(message, str(path))
