"""SIGTERM in bad weather: in time, logged out of all that answer, nothing half-done."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.daemon import configuration, eventually, running_daemon
from tests.support.emulators import EmulatedFleet, emulated_fleet

pytestmark = pytest.mark.slow

LIMIT_S = 20.0


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[EmulatedFleet]:
    names = ("hanging", "well", "gone")
    servers = [{"personality": "openbmc", "name": name} for name in names]
    with emulated_fleet({"servers": servers}, tmp_path) as running:
        yield running


def test_a_stop_logs_out_of_all_that_answer_in_spite_of_one_that_hangs(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    with running_daemon(configuration(fleet, tmp_path), tmp_path) as daemon:
        eventually(lambda: list(daemon.reaches().values()) == ["up"] * 3)
        fleet.admin.faults({"kind": "latency", "bmc": "hanging", "ms": 120_000})
        fleet.admin.down("gone")
        fleet.admin.reset_counters()
        for endpoint in daemon.items("/v1/endpoints"):
            daemon.post(f"{endpoint['links']['self']}/refresh")
        eventually(lambda: fleet.admin.counters("hanging")["peak_in_flight"] > 0)

        begun = time.monotonic()
        code = daemon.stop()
        took = time.monotonic() - begun
        lines = daemon.lines()

    assert code == 0
    assert took < LIMIT_S, took
    assert fleet.admin.sessions().get("well", []) == []
    assert lines[-1]["event"] == "stopped"
    left = {line["endpoint"] for line in lines if line["event"] == "session_left_open"}
    assert left == {fleet.bmc("hanging").url, fleet.bmc("gone").url}
    assert not [line for line in lines if line["level"] in {"error", "critical"}]


def test_a_second_signal_stops_at_once(fleet: EmulatedFleet, tmp_path: Path) -> None:
    with running_daemon(configuration(fleet, tmp_path), tmp_path) as daemon:
        eventually(lambda: list(daemon.reaches().values()) == ["up"] * 3)
        fleet.admin.faults({"kind": "latency", "ms": 120_000, "method": "GET"})
        fleet.admin.reset_counters()
        for endpoint in daemon.items("/v1/endpoints"):
            daemon.post(f"{endpoint['links']['self']}/refresh")
        eventually(lambda: fleet.admin.counters("hanging")["peak_in_flight"] > 0)

        daemon.process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        code = daemon.stop()
        took = time.monotonic() - begun

    assert code == 0
    assert took < LIMIT_S / 2, took
    assert not any(fleet.admin.sessions().values())
