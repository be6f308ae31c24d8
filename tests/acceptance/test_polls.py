"""Between two sweeps: power and health, with as little as possible asked of a BMC."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.daemon import configuration, eventually, running_daemon
from tests.support.emulators import EmulatedBmc, EmulatedFleet, emulated_fleet

pytestmark = pytest.mark.slow


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[EmulatedFleet]:
    with emulated_fleet({"servers": [{"personality": "hpe"}], "pdus": 1}, tmp_path) as running:
        yield running


def power_on(bmc: EmulatedBmc) -> None:
    """As somebody else would, past fleetd."""
    pair = base64.b64encode(f"{bmc.username}:{bmc.password}".encode()).decode()
    request = urllib.request.Request(
        f"{bmc.url}/redfish/v1/Systems/1/Actions/ComputerSystem.Reset/",
        method="POST",
        data=json.dumps({"ResetType": "On"}).encode(),
        headers={"Authorization": f"Basic {pair}", "Content-Type": "application/json"},
    )
    unverified = ssl._create_unverified_context()
    urllib.request.urlopen(request, timeout=10, context=unverified).close()


def test_a_poll_asks_one_thing_and_sees_what_others_did(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    bmc = fleet.bmc("server-001")
    settings = configuration(
        fleet, tmp_path, inventory={"interval": "1h", "poll_interval": "1s", "jitter": 0}
    )
    with running_daemon(settings, tmp_path) as daemon:
        eventually(lambda: set(daemon.reaches().values()) == {"up"})
        fleet.admin.reset_counters()
        power_on(bmc)
        eventually(
            lambda: (
                [
                    one["power_state"]
                    for one in daemon.items("/v1/devices")
                    if one["kind"] == "server"
                ]
                == ["On"]
            )
        )
        asked = [(one["method"], one["path"]) for one in fleet.admin.requests(bmc.name)]
        states = {one["kind"]: one["power_state"] for one in daemon.items("/v1/devices")}
        endpoint = next(e for e in daemon.items("/v1/endpoints") if e["address"] == bmc.url)
        operation = daemon.post(f"/v1/endpoints/{endpoint['id']}/refresh")
        eventually(lambda: daemon.get(f"/v1/operations/{operation['id']}")["finished_at"])
        after = {one["kind"]: one["power_state"] for one in daemon.items("/v1/devices")}

    polled = {path.rstrip("/") for method, path in asked if method == "GET"}
    assert polled == {"/redfish/v1/Systems/1"}
    assert ("POST", "/redfish/v1/SessionService/Sessions") not in asked
    assert after == states


def test_sessions_are_not_kept_between_sweeps_where_the_configuration_says_so(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    settings = configuration(fleet, tmp_path)
    settings["redfish"]["keep_sessions"] = False
    with running_daemon(settings, tmp_path) as daemon:
        eventually(lambda: set(daemon.reaches().values()) == {"up"})

        eventually(lambda: not any(fleet.admin.sessions().values()))
        assert fleet.admin.counters("server-001")["logins"] == 1


def test_a_resource_that_is_forbidden_is_no_refused_login(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    bmc = fleet.bmc("server-001")
    settings = configuration(
        fleet, tmp_path, inventory={"interval": "1h", "poll_interval": "1s", "jitter": 0}
    )
    with running_daemon(settings, tmp_path) as daemon:
        eventually(lambda: set(daemon.reaches().values()) == {"up"})

        fleet.admin.faults(
            {"kind": "unavailable", "bmc": bmc.name, "path": "*/Systems/1*", "status": 403}
        )
        eventually(lambda: daemon.reaches()[bmc.url] == "down")
        fleet.admin.faults()
        eventually(lambda: daemon.reaches()[bmc.url] == "up")
