"""Endpoints that can't be what they are said to be: each says why, and gets no password."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.daemon import Daemon, configuration, eventually, running_daemon
from tests.support.emulators import EmulatedFleet, emulated_fleet

pytestmark = pytest.mark.slow


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[EmulatedFleet]:
    servers = [
        {"personality": "openbmc", "name": "tls"},
        {"personality": "openbmc", "name": "plain", "tls": "off"},
        {"personality": "openbmc", "name": "empty"},
    ]
    rootless = {
        "kind": "overlay",
        "bmc": "empty",
        "path": "/redfish/v1*",
        "merge": {"Systems": None, "Managers": None, "Chassis": None},
    }
    with emulated_fleet({"servers": servers, "faults": [rootless]}, tmp_path) as running:
        yield running


def told(daemon: Daemon) -> dict[str, tuple[str, str]]:
    """Code and words of each endpoint that has been tried."""
    return {
        one["address"]: (one["error_code"], one["error"])
        for one in daemon.items("/v1/endpoints")
        if one["reach"] != "never-tried" and one["error"]
    }


def test_an_endpoint_says_what_is_wrong_with_it_and_what_to_do(
    fleet: EmulatedFleet, tmp_path: Path, unused_tcp_port: int
) -> None:
    tls, plain, empty = fleet.bmcs
    settings = configuration(fleet, tmp_path)
    settings["redfish"]["tls"]["learn"] = True
    settings["discovery"]["endpoints"] = []
    with running_daemon(settings, tmp_path) as daemon:
        expected: dict[str, tuple[str, str]] = {
            tls.url.replace("https", "http"): ("not-redfish", f"address it as {tls.url}"),
            plain.url.replace("http", "https"): ("not-redfish", "address it with http://"),
            f"https://127.0.0.1:{unused_tcp_port}": ("unreachable", "no connection"),
            "https://no-such-host.invalid": ("unreachable", "no connection"),
            daemon.url: ("not-redfish", "answered 404 where a service root should be"),
            empty.url: ("no-device", "its service root leads to no system"),
        }
        for address in expected:
            body: dict[str, Any] = {"address": address, "credential": "tls"}
            if address == empty.url:
                body["credential"] = "empty"
            daemon.post("/v1/endpoints", body)
        eventually(lambda: told(daemon).keys() == expected.keys())
        found = told(daemon)
        devices = daemon.items("/v1/devices")

    assert {address: code for address, (code, _) in found.items()} == {
        address: code for address, (code, _) in expected.items()
    }
    assert [a for a, (_, words) in expected.items() if words not in found[a][1]] == [], found
    assert devices == []
    counted = fleet.admin.counters()
    assert [counted[bmc.name]["logins"] for bmc in (tls, plain)] == [0, 0]
    assert not any(counted[bmc.name]["wrong_logins"] for bmc in fleet.bmcs)
