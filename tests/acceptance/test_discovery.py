"""Finding the fleet: networks, SSDP, files, REST, and what was expected."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from tests.support.daemon import Daemon, configuration, eventually, running_daemon
from tests.support.emulators import EmulatedFleet, emulated_fleet

pytestmark = pytest.mark.slow

PASSWORD = "one-for-all-7Qz"


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[EmulatedFleet]:
    spec = {
        "credentials": [{"username": "admin", "password": PASSWORD}],
        "servers": [{"personality": "dell"}, {"personality": "openbmc"}],
        "switches": 1,
        "ssdp": True,
    }
    with emulated_fleet(spec, tmp_path) as running:
        yield running


def by_rule(fleet: EmulatedFleet, directory: Path, **discovery: Any) -> dict[str, Any]:
    """A configuration without static endpoints, and one credential for everything."""
    path = directory / "all.password"
    path.touch(mode=0o600)
    path.write_text(PASSWORD)
    settings = configuration(fleet, directory)
    settings["redfish"]["tls"]["learn"] = True
    settings["discovery"] = {
        "credentials": [{"name": "all", "username": "admin", "password": f"file:{path}"}],
        "rules": [{"credential": "all"}],
        **discovery,
    }
    return settings


def discovered(daemon: Daemon, run_id: str) -> dict[str, Any]:
    """The discovery once it has ended."""
    eventually(lambda: daemon.get(f"/v1/discoveries/{run_id}")["state"] != "running", timeout_s=90)
    run: dict[str, Any] = daemon.get(f"/v1/discoveries/{run_id}")
    return run


def test_a_network_is_scanned_and_what_is_redfish_is_read(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    network = str(ipaddress.ip_network(f"{fleet.bmcs[0].address}/28", strict=False))
    settings = by_rule(
        fleet, tmp_path, ranges=[{"cidr": network, "ports": [fleet.bmcs[0].port], "site": "north"}]
    )
    with running_daemon(settings, tmp_path) as daemon:
        eventually(lambda: len(daemon.items("/v1/devices")) == len(fleet.bmcs))
        (run,) = daemon.items("/v1/discoveries")
        run = discovered(daemon, run["id"])
        endpoints = daemon.items("/v1/endpoints")

    assert run["trigger"] == "start"
    assert run["outcomes"] == {"redfish": 3, "no-answer": 11}
    assert {one["site"] for one in endpoints} == {"north"}
    assert {one["fingerprint"] for one in endpoints} == {
        bmc.fingerprint_sha256 for bmc in fleet.bmcs
    }


def test_what_ssdp_announces_is_read(fleet: EmulatedFleet, tmp_path: Path) -> None:
    assert fleet.ssdp is not None
    settings = by_rule(fleet, tmp_path, ssdp={"enabled": True, "target": fleet.ssdp, "wait": 0.5})
    with running_daemon(settings, tmp_path) as daemon:
        eventually(lambda: len(daemon.items("/v1/devices")) == len(fleet.bmcs))
        sources = {one["source"] for one in daemon.items("/v1/endpoints")}

    assert sources == {"ssdp"}


def test_a_file_and_a_manifest_tell_found_missing_and_unexpected(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    found, listed, extra = fleet.bmcs
    (tmp_path / "bmcs.csv").write_text(
        "address,site\n" + "".join(f"{bmc.url},hall-2\n" for bmc in fleet.bmcs)
    )
    manifest = [
        {"name": "by-serial", "serial": listed.serial.lower()},
        {"name": "by-mac", "mac": found.macs[0].upper()},
        {"name": "gone", "serial": "NOWHERE1"},
    ]
    (tmp_path / "expected.yaml").write_text(yaml.safe_dump(manifest))
    settings = by_rule(
        fleet,
        tmp_path,
        files=[str(tmp_path / "bmcs.csv")],
        manifest=str(tmp_path / "expected.yaml"),
    )
    with running_daemon(settings, tmp_path) as daemon:
        eventually(lambda: len(daemon.items("/v1/devices")) == len(fleet.bmcs))
        entries = daemon.get("/v1/manifest")["items"]

    told = {entry["name"]: entry["presence"] for entry in entries if entry["expected"]}
    assert told == {"by-serial": "found", "by-mac": "found", "gone": "missing"}
    assert [e["presence"] for e in entries if not e["expected"]] == ["unexpected"]
    assert extra.kind == "switch"


def test_addresses_that_are_no_bmc_are_told_apart_and_not_kept(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    settings = by_rule(fleet, tmp_path)
    with running_daemon(settings, tmp_path) as daemon:
        api = daemon.url
        plain_http = fleet.bmcs[0].url.replace("https", "http")
        silent = "https://127.255.255.254:9"
        run = daemon.post("/v1/discoveries", {"targets": [api, plain_http, silent]})
        run = discovered(daemon, run["id"])
        endpoints = daemon.items("/v1/endpoints")

    assert run["found"] == 0
    assert run["outcomes"]["no-answer"] == 1
    assert sum(run["outcomes"].values()) == 3
    assert endpoints == []


@pytest.mark.timeout(240)
def test_a_large_network_is_scanned_with_few_connections_and_little_memory(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    """A /16 of addresses that refuse, with the fleet in its midst."""
    network = ipaddress.ip_network(f"{fleet.bmcs[0].address}/16", strict=False)
    settings = by_rule(fleet, tmp_path, connections=32)
    with running_daemon(settings, tmp_path) as daemon:
        process = psutil.Process(daemon.process.pid)
        before = process.memory_info().rss
        target = f"{network}:{fleet.bmcs[0].port}"
        run = daemon.post("/v1/discoveries", {"targets": [target]})
        descriptors: list[int] = []

        def ended() -> bool:
            descriptors.append(process.num_fds())
            return bool(daemon.get(f"/v1/discoveries/{run['id']}")["state"] != "running")

        eventually(ended, timeout_s=150)
        run = discovered(daemon, run["id"])
        grown = process.memory_info().rss - before

    assert run["state"] == "succeeded"
    assert run["probed"] == 65_534
    assert run["found"] == len(fleet.bmcs)
    # The scan's connections, beside files, REST and the fleet's own.
    assert max(descriptors) < 32 + 60
    assert grown < 64 * 2**20


def test_a_discovery_can_be_cancelled(fleet: EmulatedFleet, tmp_path: Path) -> None:
    fleet.admin.faults({"kind": "latency", "ms": 20_000})
    with running_daemon(by_rule(fleet, tmp_path, probe_timeout=60), tmp_path) as daemon:
        run = daemon.post("/v1/discoveries", {"targets": [bmc.url for bmc in fleet.bmcs]})
        state = daemon.delete(f"/v1/discoveries/{run['id']}")["state"]

        assert state == "cancelled"
        assert daemon.get(f"/v1/discoveries/{run['id']}")["state"] == "cancelled"
