"""The daemon on a database that is locked, full, read-only, foreign or of another version."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.daemon import configuration, eventually, running_daemon
from tests.support.emulators import EmulatedFleet, emulated_fleet

pytestmark = pytest.mark.slow


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[EmulatedFleet]:
    with emulated_fleet({"servers": [{"personality": "openbmc"}], "pdus": 1}, tmp_path) as running:
        yield running


def refused_start(settings: dict[str, Any], directory: Path) -> tuple[int, str]:
    """Exit code and stderr of a ``fleetd serve`` that can't start."""
    return refused("serve", settings, directory)


def refused(command: str, settings: dict[str, Any], directory: Path) -> tuple[int, str]:
    """Exit code and last line of stderr of a ``fleetd`` command that can't do its work."""
    path = directory / "second.yaml"
    path.write_text(yaml.safe_dump(settings))
    done = subprocess.run(
        [sys.executable, "-m", "fleetd.daemon.main", command, "--config", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr.strip().splitlines()[-1]


def test_a_database_that_is_locked_for_a_while_loses_nothing(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    settings = configuration(fleet, tmp_path)
    with running_daemon(settings, tmp_path) as daemon:
        eventually(lambda: len(daemon.items("/v1/devices")) == len(fleet.bmcs))
        with closing(sqlite3.connect(tmp_path / "state/fleetd.sqlite")) as other:
            other.execute("BEGIN IMMEDIATE")
            for endpoint in daemon.items("/v1/endpoints"):
                daemon.post(f"/v1/endpoints/{endpoint['id']}/refresh")
            still = daemon.items("/v1/devices")
            other.rollback()
        eventually(lambda: set(daemon.reaches().values()) == {"up"})
        code = daemon.stop()

    assert len(still) == len(fleet.bmcs)
    assert code == 0
    assert not any(fleet.admin.sessions().values())


def test_a_full_disk_is_told_and_what_was_stored_stays_readable(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    settings = configuration(fleet, tmp_path)
    with running_daemon(settings, tmp_path) as daemon:
        eventually(lambda: len(daemon.items("/v1/devices")) == len(fleet.bmcs))
    stored = (tmp_path / "state/fleetd.sqlite").stat().st_size
    fleet.admin.faults(
        {"kind": "overlay", "path": "*/Systems/system", "merge": {"AssetTag": "tag 7 " * 150_000}}
    )

    with running_daemon(settings, tmp_path, largest_file=stored + 65_536) as daemon:
        before = {one["id"] for one in daemon.items("/v1/devices")}
        operations = [
            daemon.post(f"/v1/endpoints/{one['id']}/refresh")["id"]
            for one in daemon.items("/v1/endpoints")
            if one["address"] == fleet.bmc("server-001").url
        ]
        eventually(lambda: daemon.get(f"/v1/operations/{operations[0]}")["finished_at"])
        operation = daemon.get(f"/v1/operations/{operations[0]}")
        after = {one["id"] for one in daemon.items("/v1/devices")}

    assert operation["state"] == "failed"
    assert "database" in operation["error"]
    assert after == before


def test_a_foreign_file_in_place_of_the_database_stops_the_start(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state/fleetd.sqlite").write_text("this is no database, but somebody's notes" * 99)

    code, said = refused_start(configuration(fleet, tmp_path), tmp_path)

    assert code == 1
    assert "no SQLite database" in said


def test_a_newer_schema_stops_the_start_and_says_what_to_do(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    settings = configuration(fleet, tmp_path)
    with running_daemon(settings, tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / "state/fleetd.sqlite")) as database:
        database.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
        database.commit()

    code, said = refused_start(settings, tmp_path)

    assert code == 1
    assert "newer fleetd" in said


def test_a_state_directory_that_cannot_be_made_is_bad_input(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    settings = configuration(fleet, tmp_path)
    settings["daemon"]["state_directory"] = str(tmp_path / "file" / "state")

    code, said = refused_start(settings, tmp_path)

    assert code == 2
    assert "state_directory" in said


def test_a_second_fleetd_on_the_same_state_is_refused_and_touches_nothing(
    fleet: EmulatedFleet, tmp_path: Path
) -> None:
    settings = configuration(fleet, tmp_path, wrong=("server-001",))
    held = fleet.bmc("server-001").url
    with running_daemon(settings, tmp_path) as daemon:
        eventually(lambda: sorted(daemon.reaches().values()) == ["held", "up"])
        fleet.admin.reset_counters()

        refusals = [refused(command, settings, tmp_path) for command in ("serve", "migrate")]

        assert daemon.reaches()[held] == "held"
        number = daemon.process.pid
        daemon.stop(signal.SIGKILL)
    with running_daemon(settings, tmp_path) as daemon:  # a killed holder leaves nothing to clean
        assert len(daemon.items("/v1/devices")) == 1

    for code, said in refusals:
        assert code == 1
        assert "is in use by another fleetd" in said
        assert f"process {number}" in said
    assert fleet.admin.counters("server-001")["wrong_logins"] == 0
