from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from fleetd.config.document import MAX_BYTES
from fleetd.config.load import load
from fleetd.config.settings import Settings
from fleetd.domain.errors import ConfigError


def written(directory: Path, text: str) -> Path:
    path = directory / "fleetd.yaml"
    path.write_text(text)
    return path


def refusal(path: Path | None, environment: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path, environment or {})
    return str(caught.value).splitlines()


def test_without_a_file_the_defaults_hold() -> None:
    assert load(None, {"PATH": "/bin"}) == Settings()


def test_an_empty_file_and_empty_sections_mean_the_defaults(tmp_path: Path) -> None:
    assert load(written(tmp_path, ""), {}) == Settings()
    assert load(written(tmp_path, "api:\ndiscovery:\n  endpoints:\n"), {}) == Settings()


def test_values_of_the_file_are_read_by_the_types_of_the_model(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "api: {port: 9000}\n"
        "inventory: {interval: 90m, raw_documents: no}\n"
        "discovery:\n"
        "  credentials: [{name: a, username: 0123, password: 'env:BMC'}]\n",
    )

    settings = load(path, {})

    assert settings.api.port == 9000
    assert settings.inventory.interval == timedelta(minutes=90)
    assert settings.inventory.raw_documents is False
    assert settings.discovery.credentials[0].username == "0123"


def test_every_error_is_named_at_once_with_file_line_and_key(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "api:\n"
        "  port: 99999\n"
        "  prot: 12\n"
        "inventory:\n"
        "  interval: 5parsecs\n"
        "discovery:\n"
        "  ranges:\n"
        "    - cidr: 10.0.0.1/8\n"
        "ironics: {}\n",
    )

    assert refusal(path) == [
        f"{path}:2: api.port: should be less than or equal to 65535",
        f"{path}:3: api.prot: unknown key; did you mean port?",
        f"{path}:8: discovery.ranges[0].cidr: 10.0.0.1/8 has host bits set",
        f"{path}:5: inventory.interval: must be a time span such as 30s, 5m, 6h or 7d",
        f"{path}:9: ironics: unknown key; did you mean ironic?",
    ]


def test_a_key_given_twice_is_refused_beside_other_errors(tmp_path: Path) -> None:
    path = written(tmp_path, "api:\n  port: 1\n  port: 2\nstore:\n  pool_size: 0\n")

    assert refusal(path) == [
        f"{path}:3: api.port: is given twice, first at line 2",
        f"{path}:5: store.pool_size: should be greater than or equal to 1",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [("api: [1\n", 2), ("api:\n\tport: 1\n", 2), ("a: b: c\n", 1), ("a: *b\n", 1)],
)
def test_what_is_not_yaml_is_named_by_line(tmp_path: Path, text: str, line: int) -> None:
    path = written(tmp_path, text)

    (message,) = refusal(path)

    assert message.startswith(f"{path}:{line}: is not YAML")


def test_tags_of_programs_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "api:\n  host: !!python/name:os.getcwd '127.0.0.1'\n")

    assert refusal(path) == [
        f"{path}:2: api.host: the tag tag:yaml.org,2002:python/name:os.getcwd is not supported"
    ]


def test_an_address_listed_twice_is_named_where_it_repeats(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "discovery:\n"
        "  endpoints:\n"
        "    - address: https://10.0.0.1\n"
        "    - address: 10.0.0.1:443\n"
        "      credential: ghost\n",
    )

    assert refusal(path) == [
        (
            f"{path}:4: discovery.endpoints[1].address: "
            "https://10.0.0.1 is listed twice, first as endpoints[0]"
        ),
        f"{path}:5: discovery.endpoints[1].credential: 'ghost' is no name under credentials",
    ]


def test_a_password_in_clear_is_refused_and_not_repeated(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "discovery:\n"
        "  credentials:\n"
        "    - {name: a, username: u, password: hunter2}\n"
        "  endpoints:\n"
        "    - address: https://root:calvin@10.0.0.1\n"
        "store: {url: 'postgresql+asyncpg://fleetd:swordfish@db/fleetd'}\n",
    )

    lines = refusal(path)

    assert len(lines) == 3
    assert not any(secret in "".join(lines) for secret in ("hunter2", "calvin", "swordfish"))


def test_the_environment_stands_over_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "api: {port: 9000, page_limit: 10}\n")

    settings = load(
        path,
        {
            "FLEETD_API__PORT": "0",
            "FLEETD_DISCOVERY__RANGES": '[{"cidr": "10.1.0.0/24", "ports": [443, 8443]}]',
            "FLEETD_REDFISH__TLS__TRUST": "pin",
        },
    )

    assert (settings.api.port, settings.api.page_limit) == (0, 10)
    assert settings.discovery.ranges[0].ports == (443, 8443)
    assert settings.redfish.tls.trust == "pin"


def test_errors_of_the_environment_name_the_variable() -> None:
    lines = refusal(
        None,
        {
            "FLEETD_API__PORT": "https",
            "FLEETD_API__PROT": "1",
            "FLEETD_APIS": "1",
            "FLEETD_DISCOVERY__FILES": "not json",
        },
    )

    assert lines == [
        (
            "environment variable FLEETD_APIS: sets no option: it must be FLEETD_SECTION__OPTION; "
            "did you mean FLEETD_API__…?"
        ),
        (
            "environment variable FLEETD_DISCOVERY__FILES: discovery.files: "
            "is not the JSON that this option needs in the environment"
        ),
        "environment variable FLEETD_API__PORT: api.port: must be a whole number",
        "environment variable FLEETD_API__PROT: api.prot: unknown key; did you mean port?",
    ]


def test_a_variable_that_a_reference_names_is_known(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "discovery:\n  credentials: [{name: a, username: u, password: 'env:FLEETD_BMC'}]\n",
    )

    load(path, {"FLEETD_BMC": "x", "FLEETD_URL": "http://localhost", "FLEETD_TOKEN": "t"})

    assert refusal(None, {"FLEETD_BMC": "x"})[0].startswith("environment variable FLEETD_BMC")


def test_relative_paths_start_at_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "redfish: {tls: {ca_file: ca.pem}}\nsecrets: {file: /abs.json}\n")

    settings = load(path, {})

    assert settings.redfish.tls.ca_file == tmp_path / "ca.pem"
    assert settings.secrets.file == Path("/abs.json")


def test_systemds_state_directory_stands_in_for_the_default_only(tmp_path: Path) -> None:
    environment = {"STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}
    path = written(tmp_path, "daemon: {state_directory: /srv/fleetd}\n")

    assert load(None, environment).daemon.state_directory == Path("/var/lib/a")
    assert load(path, environment).daemon.state_directory == Path("/srv/fleetd")


def test_aliases_can_not_blow_up_the_memory(tmp_path: Path) -> None:
    layers = "".join(
        f"  l{depth}: &l{depth} [{', '.join([f'*l{depth - 1}'] * 10)}]\n" for depth in range(1, 12)
    )
    path = written(tmp_path, f"x:\n  l0: &l0 [a]\n{layers}")

    (message,) = refusal(path)

    assert "values (aliases counted)" in message


def test_a_file_that_is_too_large_too_deep_or_not_text_is_refused(tmp_path: Path) -> None:
    assert "is larger than" in refusal(written(tmp_path, "#" * (MAX_BYTES + 1)))[0]
    assert "levels deep" in refusal(written(tmp_path, "[" * 60 + "]" * 60))[0]
    assert "nest" in refusal(written(tmp_path, "[" * 40_000))[0]
    indented = "".join(f"{' ' * level}a:\n" for level in range(1_500))
    assert "nest" in refusal(written(tmp_path, indented))[0]
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"api:\n  host: \xe9\n")
    assert refusal(path) == [f"{path}:2: is not UTF-8 text"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.yaml") == [
        f"{tmp_path / 'no.yaml'}: cannot be read: No such file or directory"
    ]


def test_a_list_where_sections_belong_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "- api\n")

    assert refusal(path) == [f"{path}:1: must be a mapping"]
