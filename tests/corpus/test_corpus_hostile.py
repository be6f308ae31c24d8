"""Trees that were made to do harm: what they do is bounded, and told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fleetd.daemon.corpus.irregular import irregularities
from fleetd.daemon.corpus.report import as_json
from fleetd.daemon.corpus.survey import Outcome, survey
from fleetd.daemon.corpus.tree import Captured, find_places
from tests.corpus.conftest import ROOT, Bodies, Write

SYSTEM = f"{ROOT}/Systems/1"


def captured(trees: Path) -> Captured:
    (place,) = find_places(trees)
    return Captured(place)


def test_a_file_outside_of_the_tree_is_none_of_it(
    write: Write, bodies: Bodies, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text(json.dumps({"Id": "1", "SerialNumber": "not-yours"}))
    trees = write("one", bodies)
    body = trees / "one" / SYSTEM.lstrip("/") / "index.json"
    body.unlink()
    body.symlink_to(outside)

    tree = captured(trees)

    assert SYSTEM not in tree.bodies
    assert ROOT in tree.bodies


def test_a_link_to_no_file_is_an_unreadable_body(write: Write, bodies: Bodies) -> None:
    trees = write("one", bodies)
    body = trees / "one" / SYSTEM.lstrip("/") / "index.json"
    body.unlink()
    body.symlink_to("nowhere")

    assert captured(trees).unreadable == {SYSTEM: "no file"}


def test_a_password_in_a_link_is_not_shown(write: Write, bodies: Bodies) -> None:
    bodies[SYSTEM]["Bios"] = {"@odata.id": f"https://root:sesame@192.0.2.1{SYSTEM}/Bios"}

    met = irregularities(captured(write("one", bodies)))

    example = met["absolute link to a host"].example
    assert "192.0.2.1" in example
    assert "sesame" not in example


@pytest.mark.asyncio
async def test_what_could_not_be_read_counts_as_missing(write: Write, bodies: Bodies) -> None:
    """Else a tree at which the reading gives up would raise the accuracy."""
    deep = "[" * 900 + '"x"' + "]" * 900
    bodies[ROOT]["Oem"] = "deep"
    body = json.dumps(bodies[ROOT]).replace('"deep"', deep)
    trees = write("one", {**bodies, ROOT: body.encode()})
    outcomes: list[Outcome] = []

    await survey(find_places(trees), outcomes.append)

    told = as_json(outcomes)
    assert (told["inventoried"], told["exceptions"]) == (0, 0)
    assert told["accuracy"]["memory"] == 0.0
    assert told["by_tree"][0]["counts"]["memory"]["there"] == 1
