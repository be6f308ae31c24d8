"""The demo's contract: what a stranger sees first."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from fleetd_emulators.lab import is_installed
from tests.support.daemon import eventually
from tests.support.ironic import LAB

DEMO_TIMEOUT_S = 400


def run_demo(*options: str) -> tuple[int, dict[str, Any], str]:
    command = [sys.executable, "-m", "fleetd.daemon.main", "demo", "--once", "--json", *options]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=DEMO_TIMEOUT_S, check=False
    )
    assert done.stdout.strip(), done.stderr
    return done.returncode, json.loads(done.stdout.strip().splitlines()[-1]), done.stderr


@pytest.mark.slow
def test_without_ironic_the_demo_reads_its_fleet_and_ends_well() -> None:
    code, result, progress = run_demo("--no-ironic", "--servers", "5")

    assert code == 0
    assert result["devices"] == {"server": 5, "storage": 1, "switch": 1, "pdu": 1}
    assert result["inventoried"] == 8
    assert result["failed"] == 0
    assert result["ironic"] == {}
    assert result["sweep_seconds"] > 0
    assert result["api"].startswith("http://127.0.0.1:")
    assert "inventoried" in progress


def running_below(directory: Path) -> list[str]:
    """The command lines of processes that were given something in this directory."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if any(str(directory) in word for word in words):
            found.append(" ".join(words))
    return found


@pytest.mark.slow
def test_a_killed_demo_leaves_nothing_running(tmp_path: Path) -> None:
    state = tmp_path / "state"
    command = [sys.executable, "-m", "fleetd.daemon.main", "demo", "--no-ironic", "--servers", "2"]
    with subprocess.Popen(
        [*command, "--keep", str(state)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as demo:
        eventually((state / "ready.json").exists, timeout_s=60)
        demo.kill()

    eventually(lambda: not running_below(state))


@pytest.mark.slow
def test_without_an_installable_ironic_the_demo_says_so_and_reads_its_fleet(
    tmp_path: Path,
) -> None:
    blocked = tmp_path / "lab"
    blocked.write_text("a file where the lab's folder should be")

    code, result, progress = run_demo("--servers", "5", "--lab", str(blocked))

    assert code == 1
    assert result["inventoried"] == 8
    assert "going on with inventory only" in progress


@pytest.mark.lab
@pytest.mark.slow
@pytest.mark.timeout(2 * DEMO_TIMEOUT_S)
def test_every_server_becomes_available_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    if not is_installed(LAB):
        assert not os.environ.get("CI"), "the lab's Ironic must be installed in CI"
        pytest.skip("the lab's Ironic is not installed")
    options = ("--servers", "5", "--keep", str(tmp_path / "state"), "--lab", str(LAB))

    code, first, progress = run_demo(*options)
    assert code == 0, progress
    assert first["ironic"] == {"available": 5}
    assert "active; releasing it" in progress
    before = history(tmp_path / "state")

    code, second, progress = run_demo(*options)
    assert code == 0, progress
    assert second["ironic"] == {"available": 5}
    assert history(tmp_path / "state") == before
    passes = [
        json.loads(line)
        for line in (tmp_path / "state" / "fleetd.log").read_text().splitlines()
        if '"enrollment_pass"' in line
    ]
    assert passes[-1]["requests"] == 0


def history(state: Path) -> list[tuple[Any, ...]]:
    with sqlite3.connect(state / "fleetd.sqlite") as database:
        rows = database.execute('SELECT * FROM "change" ORDER BY id').fetchall()
    database.close()
    return rows
