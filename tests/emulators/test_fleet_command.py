from __future__ import annotations

import asyncio
import json
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.emulators import client_of, emulated_fleet


@pytest.mark.asyncio
async def test_the_command_serves_a_fleet_and_its_side_channel(tmp_path: Path) -> None:
    with emulated_fleet({"servers": [{"personality": "dell"}], "pdus": 1}, tmp_path) as fleet:
        async with client_of(fleet.bmc("server-001")) as client:
            await client.get("/redfish/v1/Chassis")
            await client.login(password="wrong")
            await client.login()
        counters = await asyncio.to_thread(fleet.admin.counters, "server-001")

        assert counters["peak_in_flight"] == 1
        assert counters["connections"] == 1
        assert counters["methods"] == {"GET": 1, "POST": 2}
        assert counters["statuses"] == {"200": 1, "401": 1, "201": 1}
        assert counters["wrong_logins"] == 1
        assert counters["open_sessions"] == 1
        assert fleet.admin.requests("server-001")[0]["path"] == "/redfish/v1/Chassis"
        assert fleet.admin.sessions()["server-001"][0]["username"] == "root"
        assert fleet.admin.sessions()["pdu-1"] == []


@pytest.mark.asyncio
async def test_the_side_channel_changes_the_weather_and_takes_bmcs_away(tmp_path: Path) -> None:
    with emulated_fleet({"pdus": 1, "tls": "off"}, tmp_path) as fleet:
        async with client_of(fleet.bmcs[0]) as client:
            fleet.admin.faults({"kind": "unavailable", "path": "*/Chassis"})
            busy = await client.get("/redfish/v1/Chassis")
            fleet.admin.faults()
            fair = await client.get("/redfish/v1/Chassis")
            fleet.admin.down("pdu-1")
            with pytest.raises(OSError, match="Connect call failed"):
                await client.get("/redfish/v1")
            fleet.admin.up("pdu-1")
            back = await client.get("/redfish/v1")
            fleet.admin.reset_counters()

        assert (busy.status, fair.status, back.status) == (503, 200, 200)
        assert fleet.admin.counters("pdu-1")["requests"] == 0


def test_the_ready_file_is_private_and_goes_with_the_fleet(tmp_path: Path) -> None:
    with emulated_fleet({"pdus": 1}, tmp_path) as fleet:
        (ready,) = tmp_path.glob("*.ready.json")

        assert stat.S_IMODE(ready.stat().st_mode) == 0o600
        assert json.loads(ready.read_text())["admin"] == fleet.admin.url

    assert not ready.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_command_within_two_seconds(tmp_path: Path, number: int) -> None:
    with emulated_fleet({"servers": [{"personality": "hpe"}]}, tmp_path) as fleet:
        (ready,) = tmp_path.glob("*.ready.json")
        deadline = time.monotonic() + 2
        fleet.process.send_signal(number)
        # The ready file goes last; what follows is the interpreter's own end.
        while ready.exists():
            assert time.monotonic() < deadline
            time.sleep(0.005)

        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((fleet.bmcs[0].address, fleet.bmcs[0].port))
        assert fleet.process.wait(30) == 0


def test_a_bad_fleet_is_refused_with_one_line_and_code_2(tmp_path: Path) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text("serverz: 1")

    done = run(path)

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "serverz" in done.stderr


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "fleetd_emulators", "serve", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_options_that_no_fleet_can_have_are_refused_like_a_bad_file() -> None:
    done = run("--light", "100000")

    assert done.returncode == 2
    assert "light.count" in done.stderr


def test_a_taken_port_is_named_and_leaves_no_ready_file(tmp_path: Path) -> None:
    with emulated_fleet({"pdus": 1}, tmp_path) as fleet:
        address, port = fleet.bmcs[0].address, fleet.bmcs[0].port
        path = tmp_path / "second.yaml"
        network = address.rpartition(".")[0] + ".0/24"
        path.write_text(f"{{pdus: 1, port: {port}, network: {network}}}")

        done = run(path, "--ready-file", tmp_path / "second.json")

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "second.json").exists()
