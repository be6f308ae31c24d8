from __future__ import annotations

from pathlib import Path

import pytest

from fleetd.config.load import load
from fleetd.config.targets import read_endpoints, read_manifest
from fleetd.domain.errors import ConfigError


def configured(directory: Path, text: str) -> Path:
    path = directory / "fleetd.yaml"
    path.write_text(text)
    return path


def test_endpoint_files_add_to_the_static_list(tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text(
        "address,credential,site,labels.rack\n"
        "10.0.0.2,bmc,east,R1\n"
        "\n"
        "# a comment\n"
        "https://10.0.0.3:8443,,,\n"
    )
    (tmp_path / "rest.yaml").write_text("- address: 10.0.0.4\n  labels: {rack: 12}\n")
    path = configured(
        tmp_path,
        "discovery:\n"
        "  endpoints: [{address: 10.0.0.1}]\n"
        "  files: [more.csv, rest.yaml]\n"
        "  credentials: [{name: bmc, username: root, password: 'env:BMC'}]\n",
    )

    entries = read_endpoints(load(path, {}).discovery)

    assert [entry.address for entry in entries] == [
        "https://10.0.0.1",
        "https://10.0.0.2",
        "https://10.0.0.3:8443",
        "https://10.0.0.4",
    ]
    assert (entries[1].credential, entries[1].site) == ("bmc", "east")
    assert [entry.labels for entry in entries] == [{}, {"rack": "R1"}, {}, {"rack": "12"}]


def test_an_address_is_listed_once_over_all_files(tmp_path: Path) -> None:
    csv = tmp_path / "a.csv"
    csv.write_text("address\n10.0.0.1\n10.0.0.2\n")
    yaml = tmp_path / "b.yaml"
    yaml.write_text("endpoints:\n  - address: 10.0.0.2\n    credential: ghost\n")
    path = configured(
        tmp_path, "discovery: {endpoints: [{address: 10.0.0.1}], files: [a.csv, b.yaml]}\n"
    )

    with pytest.raises(ConfigError) as caught:
        load(path, {})

    assert str(caught.value).splitlines() == [
        (
            f"{csv}:2: endpoints[0].address: "
            "https://10.0.0.1 is listed twice, first in the configuration"
        ),
        f"{yaml}:2: endpoints[0].address: https://10.0.0.2 is listed twice, first in {csv}:3",
        f"{yaml}:2: endpoints[0].credential: 'ghost' is no name under discovery.credentials",
    ]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.csv", "adress\n10.0.0.1\n", ":2: endpoints[0].address: is required"),
        ("a.csv", "adress\n10.0.0.1\n", "unknown key; did you mean address?"),
        ("a.csv", "address\n10.0.0.1,x\n", ":2: [0]: has 2 cells, the header has 1"),
        ("a.csv", 'address\n"10.0.0.1\n', "is not CSV"),
        ("a.yaml", "endpoints:\n  - address: ftp://x\n", ":2: endpoints[0].address: 'ftp://x'"),
        ("a.txt", "", "a.txt must end in .yaml, .yml or .csv"),
    ],
)
def test_a_fault_in_an_endpoint_file_is_named(
    tmp_path: Path, name: str, text: str, expected: str
) -> None:
    (tmp_path / name).write_text(text)
    path = configured(tmp_path, f"discovery: {{files: [{name}]}}\n")

    with pytest.raises(ConfigError) as caught:
        load(path, {})

    assert f"{tmp_path / name}" in str(caught.value)
    assert expected in str(caught.value)


def test_a_file_that_is_not_there_is_named_where_it_is_asked_for(tmp_path: Path) -> None:
    absent = "No such file or directory"
    path = configured(tmp_path, "discovery:\n  files:\n    - no.csv\n  manifest: gone.yaml\n")

    with pytest.raises(ConfigError) as caught:
        load(path, {})

    assert str(caught.value).splitlines() == [
        f"{path}:3: discovery.files[0]: {tmp_path}/no.csv cannot be read: {absent}",
        f"{path}:4: discovery.manifest: {tmp_path}/gone.yaml cannot be read: {absent}",
    ]


def test_a_manifest_names_devices_by_serial_mac_or_address(tmp_path: Path) -> None:
    path = tmp_path / "expected.csv"
    path.write_text(
        "name,serial,mac,address,kind\n"
        "r1-u1,00123,,,server\n"
        "r1-u2,,10:20:30:40:50:16,,\n"
        "r1-pdu,,,10.0.0.9,pdu\n"
    )

    by_serial, by_mac, by_address = read_manifest(path)

    assert (by_serial.serial, by_serial.kind) == ("00123", "server")
    assert by_mac.mac == "10:20:30:40:50:16"
    assert by_address.address == "https://10.0.0.9"


def test_digits_in_yaml_stay_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "expected.yaml"
    path.write_text("devices:\n  - {name: 7, serial: 0123, mac: 10:20:30:40:50:16}\n")

    (entry,) = read_manifest(path)

    assert (entry.name, entry.serial, entry.mac) == ("7", "0123", "10:20:30:40:50:16")


def test_a_manifest_entry_that_can_not_be_recognised_is_refused(tmp_path: Path) -> None:
    manifest = tmp_path / "expected.yaml"
    manifest.write_text("- name: a\n- {name: b, mac: xyz}\n- {name: c, serial: 1, kind: toaster}\n")
    path = configured(tmp_path, "discovery: {manifest: expected.yaml}\n")

    with pytest.raises(ConfigError) as caught:
        load(path, {})

    assert str(caught.value).splitlines() == [
        f"{manifest}:1: devices[0]: needs a serial, mac or address to be recognised by",
        f"{manifest}:2: devices[1].mac: 'xyz' is not a MAC address",
        (
            f"{manifest}:3: devices[2].kind: should be 'server', 'storage', 'switch', 'pdu', "
            "'chassis', 'cooling' or 'dpu'"
        ),
    ]


def test_a_manifest_lists_a_name_once(tmp_path: Path) -> None:
    path = tmp_path / "expected.yaml"
    path.write_text("- {name: a, serial: one}\n- {name: a, serial: two}\n")

    with pytest.raises(ConfigError, match=r"a is listed twice, first in .*expected\.yaml:1"):
        read_manifest(path)
