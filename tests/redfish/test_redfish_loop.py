"""The event loop belongs to everybody: nothing may hold it for more than 50 ms."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.emulators import emulated_fleet

ROOT = Path(__file__).parents[2]
BMCS = 100
BOUND_S = 0.050


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("fleet")
    with emulated_fleet({"light": BMCS}, folder) as fleet:
        file = folder / "targets.json"
        rows = [[bmc.url, bmc.username, bmc.password] for bmc in fleet.bmcs]
        file.write_text(json.dumps(rows))
        yield file


def inventory(targets: Path, *, sabotage_s: float = 0) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "tests.support.watched_inventory",
        str(targets),
        str(sabotage_s),
    ]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.mark.skipif(not Path("/proc/thread-self/schedstat").exists(), reason="needs schedstat")
def test_nothing_holds_the_loop_while_100_bmcs_are_inventoried(targets: Path) -> None:
    told = inventory(targets)

    assert told["whole"] == BMCS
    assert told["longest_s"] < BOUND_S


@pytest.mark.skipif(not Path("/proc/thread-self/schedstat").exists(), reason="needs schedstat")
def test_whoever_holds_the_loop_is_noticed(targets: Path) -> None:
    assert inventory(targets, sabotage_s=2 * BOUND_S)["longest_s"] >= BOUND_S
