"""The whole daemon on a real PostgreSQL: the same work as on SQLite, over restarts and outages."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from tests.support import postgresql
from tests.support.daemon import Daemon, configuration, eventually, running_daemon
from tests.support.emulators import EmulatedFleet, emulated_fleet

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[postgresql.Server]:
    with postgresql.running_server() as running:
        yield running


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[EmulatedFleet]:
    spec = {"servers": [{"personality": "dell"}, {"personality": "hpe"}], "storage": 1, "pdus": 1}
    with emulated_fleet(spec, tmp_path) as running:
        yield running


@pytest.fixture
def settings(fleet: EmulatedFleet, server: postgresql.Server, tmp_path: Path) -> dict[str, Any]:
    secret = tmp_path / "database.password"
    secret.touch(mode=0o600)
    secret.write_text(postgresql.PASSWORD)
    store = {"url": server.url(server.new_database()), "password": f"file:{secret}"}
    return configuration(fleet, tmp_path, store=store)


def knowledge(daemon: Daemon) -> dict[str, Any]:
    """All that is known of each device: itself but when it was seen, its parts, its history."""
    return {
        one["id"]: (
            {name: one[name] for name in one if name != "last_seen"},
            daemon.get(one["links"]["components"])["items"],
            daemon.items(f"/v1/devices/{one['id']}/history"),
        )
        for one in daemon.items("/v1/devices")
    }


def read_anew(daemon: Daemon) -> set[str]:
    """Sweep every endpoint once more; how the sweeps ended."""
    begun = [
        daemon.post(f"{one['links']['self']}/refresh")["links"]["self"]
        for one in daemon.items("/v1/endpoints")
    ]
    eventually(lambda: all(daemon.get(one)["finished_at"] for one in begun))
    return {daemon.get(one)["state"] for one in begun}


def test_a_fleet_is_read_and_a_killed_daemon_goes_on_without_a_change(
    fleet: EmulatedFleet, settings: dict[str, Any], tmp_path: Path
) -> None:
    with running_daemon(settings, tmp_path) as daemon:
        eventually(lambda: list(daemon.reaches().values()) == ["up"] * len(fleet.bmcs))
        before = knowledge(daemon)
        daemon.stop(signal.SIGKILL)

    with running_daemon(settings, tmp_path) as daemon:
        ended = read_anew(daemon)
        after = knowledge(daemon)
        code = daemon.stop()

    assert len(before) == len(fleet.bmcs)
    assert ended == {"succeeded"}
    assert after == before
    assert all([e["kind"] for e in history] == ["added"] for _, _, history in after.values())
    assert code == 0
    assert not (tmp_path / "state/fleetd.sqlite").exists()
    assert postgresql.PASSWORD.encode() not in daemon.log.read_bytes()


def test_an_outage_of_the_database_fails_what_it_hits_and_nothing_else(
    fleet: EmulatedFleet, settings: dict[str, Any], server: postgresql.Server, tmp_path: Path
) -> None:
    name = settings["store"]["url"].rpartition("/")[2]
    with running_daemon(settings, tmp_path) as daemon:
        eventually(lambda: list(daemon.reaches().values()) == ["up"] * len(fleet.bmcs))
        before = knowledge(daemon)

        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        server.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname='{name}'"
        )
        eventually(lambda: status(daemon, "/readyz") == 503)
        refused = status(daemon, "/v1/devices")
        alive = daemon.process.poll()
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        eventually(lambda: status(daemon, "/readyz") == 200)
        ended = read_anew(daemon)

        assert refused == 503
        assert alive is None
        assert ended == {"succeeded"}
        assert knowledge(daemon) == before


def status(daemon: Daemon, path: str) -> int:
    """The status of an answer, whatever it is."""
    try:
        daemon.text(path)
    except HTTPError as error:
        return error.code
    return 200
