from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from fleetd_emulators.fleet import BadFleet, Fleet, changed, load


def fleet(**spec: Any) -> Fleet:
    return Fleet.model_validate(spec)


def written(directory: Path, text: str) -> Path:
    path = directory / "fleet.yaml"
    path.write_text(text)
    return path


def test_the_example_loads_and_shows_every_option() -> None:
    path = Path(str(files("fleetd_emulators") / "examples" / "fleet.yaml"))
    text = path.read_text()

    example = load(path)

    assert len(example.plan()) == 16
    assert all(f"{option}:" in text for option in Fleet.model_fields)


def test_addresses_are_given_out_in_order_around_the_fixed_ones() -> None:
    plans = fleet(
        network="127.9.0.0/29",
        servers=[
            {"personality": "dell", "count": 2},
            {"personality": "hpe", "address": "127.9.0.2", "name": "special"},
        ],
        pdus=1,
    ).plan()

    assert [(plan.name, plan.address) for plan in plans] == [
        ("server-001", "127.9.0.1"),
        ("server-002", "127.9.0.3"),
        ("special", "127.9.0.2"),
        ("pdu-1", "127.9.0.4"),
    ]


def test_the_first_fitting_rule_gives_the_credentials(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from-a-file\n")
    path = written(
        tmp_path,
        """
        servers: [{personality: dell, count: 2}, {personality: hpe}]
        pdus: 1
        credentials:
          - {name: server-001, username: only, password: one}
          - {personality: dell, password_file: secret}
          - {kind: pdu, username: power}
        """,
    )

    spec = load(path)
    found = {plan.name: spec.credentials_of(plan) for plan in spec.plan()}

    assert found["server-001"] == ("only", "one")
    assert found["server-002"] == ("root", "from-a-file")
    assert found["server-003"][0] == "Administrator"
    assert found["pdu-1"][0] == "power"
    assert len({password for _, password in found.values()}) == 4


def test_generated_passwords_follow_from_the_seed() -> None:
    def password(seed: int) -> str:
        spec = fleet(seed=seed, pdus=1)
        return spec.credentials_of(spec.plan()[0])[1]

    assert password(1) == password(1)
    assert password(1) != password(2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("serverz: []", "serverz: Extra inputs are not permitted"),
        ("servers: [{personality: acme}]", "servers.0.personality"),
        ("network: 10.0.0.0/24", "not within 127.0.0.0/8"),
        ("network: 127.1.0.0/99", "network"),
        ("{network: 127.1.0.0/30, pdus: 3}", "too few addresses"),
        ("servers: [{personality: dell, count: 2, name: x}]", "count 1"),
        ("servers: [{personality: dell, name: x}, {personality: hpe, name: x}]", "twice"),
        ("faults: [{kind: earthquake}]", "faults.0"),
        ("credentials: [{password_file: none-here}]", "no file"),
        ("{light: {count: 300, network: 127.1.0.0/24}}", "too small"),
        ("a: [", "not YAML"),
    ],
)
def test_a_bad_fleet_is_named_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadFleet) as caught:
        load(written(tmp_path, text))

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_changed_fleet_keeps_the_rest_and_its_rules() -> None:
    before = fleet(pdus=1, credentials=[{"password": "kept"}], faults=[{"kind": "missing"}])

    after = changed(before, pace=0.5)

    assert after.pace == 0.5
    assert after.credentials_of(after.plan()[0]) == ("admin", "kept")
    assert after.faults == before.faults
    with pytest.raises(BadFleet, match="pace"):
        changed(before, pace=0)


def test_a_password_is_never_in_the_complaint(tmp_path: Path) -> None:
    text = "credentials: [{password: s3cret-word, password_file: fleet.yaml, colour: s3cret-word}]"

    with pytest.raises(BadFleet) as caught:
        load(written(tmp_path, text))

    assert "s3cret-word" not in str(caught.value)


def test_a_missing_file_is_a_bad_fleet(tmp_path: Path) -> None:
    with pytest.raises(BadFleet, match="No such file"):
        load(tmp_path / "none.yaml")
