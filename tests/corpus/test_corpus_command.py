"""``fleetctl corpus`` over real processes and sockets: its object, its table, its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.conftest import ROOT, Bodies, Write
from tests.support.trees import CAPTURES

FLEETCTL = Path(sys.executable).with_name("fleetctl")
KINDS = {
    *("processors", "memory", "drives", "ports", "psus", "fans", "firmware"),
    *("outlets", "switch_ports", "volumes", "storage_pools", "gpus", "managers"),
}


def corpus(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [FLEETCTL, "corpus", *arguments], capture_output=True, text=True, timeout=110, check=False
    )


def told(*arguments: str) -> dict[str, Any]:
    done = corpus(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_folder_of_trees_is_held_against_its_files(write: Write, bodies: Bodies) -> None:
    write("whole", bodies)
    directory = write("rootless", {path: body for path, body in bodies.items() if path != ROOT})

    found = told(str(directory))

    numbers = [found[name] for name in ("trees", "complete", "inventoried", "exceptions")]
    assert numbers == [2, 1, 1, 0]
    assert set(found["accuracy"]) == KINDS
    assert set(found["accuracy"].values()) == {1.0}
    by_name = {tree["name"]: tree for tree in found["by_tree"]}
    assert by_name["rootless"]["gaps"] == ["there is no readable service root"]
    assert by_name["whole"]["devices"] == ["server SN-4711"]
    assert by_name["whole"]["counts"]["memory"] == {
        "there": 1,
        "found": 1,
        "right": 1,
        "missing": [],
        "invented": [],
        "aside": [],
    }


def test_one_tree_can_be_chosen_and_is_shown_to_people(write: Write, bodies: Bodies) -> None:
    write("first", bodies)
    bodies[f"{ROOT}/Systems/1"]["SerialNumber"] = "N/A"
    directory = write("second", bodies)

    done = corpus(str(directory), "--tree", "second")

    assert done.returncode == 0
    assert done.stdout.startswith("second: complete, generic, server SN-4711;")
    assert "irregular: placeholder for an identity 1" in done.stdout
    assert "1 trees, 1 complete, 1 inventoried, 0 exceptions" in done.stdout


@pytest.mark.parametrize("arguments", [("nowhere",), (".",), (".", "--tree", "unknown")])
def test_a_bad_folder_is_one_line_and_exit_code_2(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    done = corpus(str(tmp_path / arguments[0]), *arguments[1:])

    assert done.returncode == 2
    assert done.stderr.startswith("fleetctl: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.skipif(not CAPTURES.is_dir(), reason="no captured trees on this machine")
def test_every_captured_tree_is_inventoried_rightly(tmp_path: Path) -> None:
    trees = tmp_path / "trees"
    subprocess.run([CAPTURES / "unpack", trees], check=True, capture_output=True, timeout=60)

    found = told(str(trees))

    assert found["exceptions"] == 0
    complete = [tree for tree in found["by_tree"] if tree["complete"]]
    assert complete
    assert all(tree["inventoried"] for tree in complete)
    assert {kind: share for kind, share in found["accuracy"].items() if share < 0.99} == {}
