"""The lab's Ironic as a process: ready, let in, kept, taken over, and gone without a trace."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from fleetd_emulators.lab import (
    Authentication,
    IronicEndpoint,
    IronicSettings,
    LabError,
    LabIronic,
    is_installed,
    running_ironic,
)
from fleetd_emulators.lab.main import main
from fleetd_emulators.lab.processes import Guard, Process, is_running, launch, stop
from tests.support.ironic import LAB

pytestmark = pytest.mark.lab

STOP_WITHIN_S = 8.0


@pytest.fixture(autouse=True)
def _installed(request: pytest.FixtureRequest) -> None:
    if "tmp_path" in request.fixturenames and not is_installed(LAB):
        reason = f"Ironic is not installed below {LAB}: run fleetd-lab install"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


def ask(ironic: IronicEndpoint, path: str, body: Any = None) -> Any:
    request = urllib.request.Request(f"{ironic.url}{path}", data=body and json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    request.add_header("X-OpenStack-Ironic-API-Version", "1.81")
    if ironic.username:
        token = b64encode(f"{ironic.username}:{ironic.password}".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
    with urllib.request.urlopen(request, timeout=20) as response:
        return json.load(response)


def processes(state_dir: Path) -> list[Process]:
    state = json.loads((state_dir / "state.json").read_text())
    return [Process(**one) for one in state["processes"]]


def test_it_answers_its_user_only_and_leaves_no_process(tmp_path: Path) -> None:
    with running_ironic(LAB, tmp_path) as ironic:
        ran = processes(tmp_path)
        drivers = {one["name"] for one in ask(ironic, "/v1/drivers")["drivers"]}
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{ironic.url}/v1/nodes", timeout=20)
        refused.value.close()
        began = time.monotonic()
    took = time.monotonic() - began

    assert {"redfish", "idrac", "fake-hardware"} <= drivers
    assert refused.value.code == 401
    assert str(ironic.password) not in repr(ironic)
    assert took < STOP_WITHIN_S
    assert not any(is_running(one) for one in ran)
    assert (tmp_path / "htpasswd").stat().st_mode & 0o077 == 0


def test_a_second_run_on_the_same_state_keeps_the_nodes_and_ends_a_first_that_was_left(
    tmp_path: Path,
) -> None:
    settings = IronicSettings(authentication=Authentication.NONE)
    left = LabIronic(LAB, tmp_path, settings).start()
    first = processes(tmp_path)
    node = {"driver": "fake-hardware", "name": "kept"}
    ask(left, "/v1/nodes", node)

    with LabIronic(LAB, tmp_path, settings) as ironic:
        names = [one["name"] for one in ask(ironic, "/v1/nodes")["nodes"]]
        ended = [not is_running(one) for one in first]

    assert left.username is None
    assert names == ["kept"]
    assert all(ended)


@pytest.mark.asyncio
async def test_a_cancelled_start_leaves_no_process(tmp_path: Path) -> None:
    lab = LabIronic(LAB, tmp_path)

    async def use() -> None:
        async with lab:
            pytest.fail("it was cancelled before")

    using = asyncio.create_task(use())
    async with asyncio.timeout(60):
        while not (tmp_path / "state.json").exists():  # noqa: ASYNC110 - a file has no events
            await asyncio.sleep(0.02)
    started = processes(tmp_path)
    using.cancel()
    with pytest.raises(asyncio.CancelledError):
        await using

    assert not any(is_running(one) for one in started)
    assert lab.endpoint() is None


def test_the_command_brings_it_up_and_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--directory", str(LAB), "--state-dir", str(tmp_path)]

    try:
        up = main([*where, "up"]), json.loads(capsys.readouterr().out)
        again = main([*where, "up"]), json.loads(capsys.readouterr().out)
        status = main([*where, "status"]), json.loads(capsys.readouterr().out)
    finally:
        down = main([*where, "down"])
    after = main([*where, "status"]), json.loads(capsys.readouterr().out)

    assert up == again == status
    assert up[0] == down == 0
    assert up[1]["running"] is True
    assert "password" not in up[1]
    assert after == (1, {"installed": True, "running": False})
    assert main([*where, "down"]) == 0


def test_a_broken_configuration_is_said_in_one_sentence(tmp_path: Path) -> None:
    settings = IronicSettings(hardware_types=("redfish", "no-such-hardware"))

    with pytest.raises(LabError, match=r"^Ironic does not start: .*no-such-hardware"):
        LabIronic(LAB, tmp_path, settings).start()

    assert not (tmp_path / "state.json").exists()


def test_without_an_install_it_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="fleetd-lab install"):
        LabIronic(tmp_path, tmp_path / "state").start()


def test_a_process_that_ignores_the_request_to_end_is_killed_with_its_session(
    tmp_path: Path,
) -> None:
    script = "trap '' TERM; sleep 600 & echo $! > child; echo ready > ready; wait; wait"
    process = launch(["/bin/sh", "-c", f"cd {tmp_path}; {script}"], output=tmp_path / "out")
    deadline = time.monotonic() + 10
    while not (tmp_path / "ready").exists():
        assert time.monotonic() < deadline
    child = int((tmp_path / "child").read_text())

    stop([process], grace_s=0.2)

    assert not is_running(process)
    assert _gone(child)


def test_what_a_killed_process_ran_under_guard_ends_with_it(tmp_path: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    guarded = int(owner.stdout.readline())
    owner.kill()
    owner.wait()
    owner.stdout.close()

    assert _gone(guarded)


OWNER = """
import sys, time
from pathlib import Path
from fleetd_emulators.lab.processes import Guard, launch
process = launch(["/bin/sleep", "600"], output=Path(sys.argv[1]) / "out")
guard = Guard([process])
print(process.pid, flush=True)
time.sleep(600)
"""


def test_a_dismissed_guard_leaves_the_process_alone(tmp_path: Path) -> None:
    process = launch(["/bin/sleep", "600"], output=tmp_path / "out")

    Guard([process]).dismiss()

    assert is_running(process)
    stop([process])
    assert not is_running(process)


def test_a_number_that_another_process_has_now_is_left_alone(tmp_path: Path) -> None:
    process = launch(["/bin/sleep", "600"], output=tmp_path / "out")
    earlier = Process(pid=process.pid, started=process.started - 1)

    assert not is_running(earlier)
    stop([process])


def _gone(pid: int) -> bool:
    """Ended, whether or not its new parent has waited for it."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            if "State:\tZ" in Path(f"/proc/{pid}/status").read_text():
                return True
        except OSError:
            return True
    return False
