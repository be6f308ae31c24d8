"""``make bench`` on a handful of BMCs: that it measures and reports, not how fast it is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.report import at_least, at_most

ROOT = Path(__file__).parents[2]


def test_a_bound_is_kept_from_its_own_side() -> None:
    assert at_most("a", 1.5, "x", 1.5).ok
    assert not at_most("a", 1.51, "x", 1.5).ok
    assert at_least("a", 5, "x", 5).ok
    assert not at_least("a", 4.99, "x", 5).ok


@pytest.mark.slow
def test_every_way_is_measured_and_written_for_machines(tmp_path: Path) -> None:
    output = tmp_path / "build" / "bench.json"
    sizes = ["--swept", "3", "--polled", "3", "--stored", "20", "--rounds", "1"]
    command = [
        sys.executable,
        "-m",
        "bench.main",
        "--only",
        "sweep",
        "poll",
        "store",
        "drivers",
        *sizes,
    ]

    done = subprocess.run(
        [*command, "--output", str(output)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )

    assert done.returncode in {0, 1}, done.stderr
    results = {one["name"]: one for one in json.loads(output.read_text())}
    assert all(set(one) == {"name", "value", "unit", "bound", "ok"} for one in results.values())
    assert results["sweep: GETs a BMC"]["value"] == 30
    assert results["sweep: requests fleetd makes beyond the yardstick's"]["value"] == 0
    bounded = {name for name, one in results.items() if one["bound"] is not None}
    assert bounded == {
        "sweep: sushy : fleetd, CPU",
        "sweep: sushy : fleetd, wall",
        "sweep: fleetd : bare, CPU",
        "poll: fleetd : bare, CPU",
        "store: first time : plain executemany",
        "drivers: choosing one for a device",
        "drivers: normalising a full server",
        "drivers: start-up with all over none",
    }
    assert done.returncode == int(not all(one["ok"] for one in results.values()))
