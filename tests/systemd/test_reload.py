from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from fleetd.config.load import load
from fleetd.config.settings import Settings
from fleetd.daemon.notify import Notifier
from fleetd.daemon.reload import Reloader
from tests.support.waiting import until


class Daemon:
    """A daemon's part in a reload: a file, those who subscribed, and what came of it."""

    def __init__(self, path: Path, *, environment: Mapping[str, str] | None = None) -> None:
        self.path = path
        self.outcomes: list[str] = []
        self.applied: list[Settings] = []
        self.threads: list[int] = []
        self.reloader = Reloader(
            load(path, {}),
            read=self.read,
            notifier=Notifier(environment or {}),
            reloaded=self.outcomes.append,
        )

    def read(self) -> Settings:
        self.threads.append(threading.get_ident())
        return load(self.path, {})

    async def given(self, text: str) -> bool:
        self.path.write_text(text)
        return await self.reloader.reload()


@pytest.fixture
def daemon(tmp_path: Path) -> Daemon:
    path = tmp_path / "fleetd.yaml"
    path.write_text("inventory: {concurrency: 8}\n")
    return Daemon(path)


@pytest.mark.asyncio
async def test_changed_sections_go_to_those_who_subscribed(daemon: Daemon) -> None:
    daemon.reloader.subscribe("inventory", daemon.applied.append)
    daemon.reloader.subscribe("logging", daemon.applied.append)

    taken = await daemon.given("inventory: {concurrency: 16}\n")

    assert taken
    assert [settings.inventory.concurrency for settings in daemon.applied] == [16]
    assert daemon.reloader.settings.inventory.concurrency == 16
    assert daemon.outcomes == ["taken"]


@pytest.mark.asyncio
async def test_a_bad_configuration_is_refused_and_the_old_one_stays(daemon: Daemon) -> None:
    daemon.reloader.subscribe("inventory", daemon.applied.append)
    before = daemon.reloader.settings

    with capture_logs() as logs:
        taken = await daemon.given("inventory: {concurrency: many}\n")

    assert not taken
    assert daemon.reloader.settings is before
    assert daemon.applied == []
    assert daemon.outcomes == ["refused"]
    (refused,) = logs
    assert (refused["event"], refused["log_level"]) == ("configuration_refused", "error")
    assert f"{daemon.path}:1: inventory.concurrency: must be a whole number" in refused["reason"]


@pytest.mark.asyncio
async def test_what_needs_a_restart_is_named_and_kept(daemon: Daemon) -> None:
    for section in ("api", "inventory", "store"):
        daemon.reloader.subscribe(section, daemon.applied.append)

    with capture_logs() as logs:
        taken = await daemon.given(
            "api: {port: 9999, page_limit: 7}\nstore: {pool_size: 9}\nredfish: {retries: 0}\n"
        )

    assert taken
    settings = daemon.reloader.settings
    assert (settings.api.port, settings.api.page_limit) == (8650, 7)
    assert (settings.store, settings.redfish) == (Settings().store, Settings().redfish)
    assert settings.inventory == Settings().inventory
    assert logs[0]["event"] == "configuration_needs_restart"
    assert logs[0]["keys"] == ["api.port", "store.pool_size", "redfish.retries"]


@pytest.mark.asyncio
async def test_old_and_new_together_must_be_safe_too(tmp_path: Path) -> None:
    path = tmp_path / "fleetd.yaml"
    path.write_text(
        "api:\n"
        "  host: 0.0.0.0\n"
        "  certificate: c.pem\n"
        "  key: k.pem\n"
        "  tokens: [{name: t, role: admin, token: 'env:T'}]\n"
    )
    daemon = Daemon(path)
    daemon.reloader.subscribe("api", daemon.applied.append)

    with capture_logs() as logs:
        taken = await daemon.given("api: {host: 127.0.0.1}\n")

    assert not taken
    assert len(daemon.reloader.settings.api.tokens) == 1
    assert "api.host" in logs[-1]["reason"]
    assert "must have authentication" in logs[-1]["reason"]


@pytest.mark.asyncio
async def test_the_manager_hears_of_the_reload_and_of_its_end(tmp_path: Path) -> None:
    path = tmp_path / "fleetd.yaml"
    path.write_text("")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(5)
        daemon = Daemon(path, environment={"NOTIFY_SOCKET": str(tmp_path / "notify")})

        await daemon.given("")
        await daemon.given("nonsense: 1\n")

        begun, taken, again, refused = (manager.recv(4096).decode() for _ in range(4))
    assert begun.startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert again.startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert taken.startswith("READY=1\n")
    assert refused == "READY=1\nSTATUS=Running on the old configuration: the new one was refused"


@pytest.mark.asyncio
async def test_a_reload_is_made_when_asked_and_off_the_loop(daemon: Daemon) -> None:
    running = asyncio.create_task(daemon.reloader.run())

    daemon.reloader.request()
    await until(lambda: daemon.outcomes == ["taken"])
    daemon.reloader.request()
    await until(lambda: daemon.outcomes == ["taken", "taken"])
    running.cancel()
    await asyncio.wait({running}, timeout=5)

    assert threading.get_ident() not in daemon.threads


def test_nobody_subscribes_to_a_section_that_is_not_there(daemon: Daemon) -> None:
    with pytest.raises(ValueError, match="no section inventry"):
        daemon.reloader.subscribe("inventry", daemon.applied.append)
