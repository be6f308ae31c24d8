"""fleetctl has things done: endpoints, discoveries with live progress, reconciliations."""

from __future__ import annotations

import asyncio
import json
import os
import signal

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from fleetd.domain.discovery import RunState
from tests.cli.conftest import FLEETCTL, Ctl, run_fleetctl
from tests.support.api_server import serve_api
from tests.support.fakes import FakeFleet


@pytest.mark.asyncio
async def test_an_endpoint_is_added_refreshed_and_removed_by_its_address(
    ctl: Ctl, fleet: FakeFleet
) -> None:
    added = await ctl(
        *("endpoints", "add", "10.9.9.9", "--credential", "factory", "--label", "row=7"),
        *("--fingerprint", "AB:" * 31 + "CD", "-o", "json"),
    )
    endpoint = json.loads(added.out)
    assert endpoint["address"] == "https://10.9.9.9"
    assert endpoint["labels"] == {"row": "7"}
    assert endpoint["fingerprint"] == "ab" * 31 + "cd"

    refreshed = await ctl("endpoints", "refresh", "10.9.9.9:443", "-o", "json")
    removed = await ctl("endpoints", "remove", "https://10.9.9.9/")

    assert json.loads(refreshed.out)["state"] == "succeeded"
    assert (removed.code, removed.out, removed.err) == (0, "", "")
    assert endpoint["id"] not in fleet.endpoints.by_id


@pytest.mark.asyncio
async def test_a_refresh_that_fails_says_why(ctl: Ctl, fleet: FakeFleet) -> None:
    fleet.operations.error = "no answer"

    result = await ctl("endpoints", "refresh", "ep-0001")

    assert result.code == 1
    assert result.err == "fleetctl: refresh of ep-0001 failed: no answer\n"


@pytest.mark.asyncio
async def test_a_discovery_is_followed_in_lines_where_there_is_no_terminal(ctl: Ctl) -> None:
    result = await ctl("discover", "10.0.0.0/24", "-o", "json")

    run = json.loads(result.out)
    assert (result.code, run["state"], run["found"]) == (0, "succeeded", 4)
    assert run["targets"] == ["10.0.0.0/24"]
    assert result.err.splitlines() == [
        "discovery run-1 running: 0 of 8 addresses, 0 found, 0 new",
        "discovery run-1 running: 2 of 8 addresses, 1 found, 0 new",
        "discovery run-1 running: 5 of 8 addresses, 2 found, 1 new",
        "discovery run-1 succeeded: 8 of 8 addresses, 4 found, 2 new",
    ]


@pytest.mark.asyncio
async def test_a_discovery_need_not_be_waited_for(ctl: Ctl, fleet: FakeFleet) -> None:
    fleet.discovery_uses.gate.clear()

    result = await ctl("discover", "--no-wait", "-o", "json")

    assert (result.code, json.loads(result.out)["state"]) == (0, "running")


@pytest.mark.asyncio
async def test_a_discovery_that_fails_is_shown_and_is_a_failure(ctl: Ctl, fleet: FakeFleet) -> None:
    fleet.discovery_uses.ends = RunState.FAILED

    result = await ctl("discover", "-o", "json")

    assert (result.code, json.loads(result.out)["state"]) == (1, "failed")
    assert result.err.splitlines()[-1] == "fleetctl: discovery run-1 failed: the network is down"


@pytest.mark.asyncio
async def test_a_stream_that_breaks_is_taken_up_again(ctl: Ctl, fleet: FakeFleet) -> None:
    fleet.discovery_uses.breaks = 1

    result = await ctl("discover", "-o", "json")

    assert (result.code, json.loads(result.out)["state"]) == (0, "succeeded")
    assert fleet.discovery_uses.started == 1


@pytest.mark.asyncio
async def test_a_start_whose_answer_was_lost_is_not_done_twice(fleet: FakeFleet) -> None:
    posts: list[str] = []

    @web.middleware
    async def lose_the_first(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if request.method == "POST":
            posts.append(request.headers["Idempotency-Key"])
            if len(posts) == 1:
                assert request.transport is not None
                request.transport.abort()
        return response

    async with serve_api(fleet, middlewares=[lose_the_first]) as url:
        result = await run_fleetctl("--url", url, "discover", "--no-wait", "-o", "json")

    assert (result.code, json.loads(result.out)["id"]) == (0, "run-1")
    assert len(posts) == 2
    assert len(set(posts)) == 1
    assert fleet.discovery_uses.started == 1


@pytest.mark.asyncio
async def test_enrollments_are_reconciled_before_they_are_listed(
    ctl: Ctl, fleet: FakeFleet
) -> None:
    result = await ctl("enrollments", "--reconcile", "-o", "json")

    assert len(json.loads(result.out)) == 12
    assert [work.kind for work in fleet.operations.by_id.values()] == ["refresh", "reconcile"]


@pytest.mark.asyncio
async def test_interrupting_leaves_the_discovery_and_says_so(url: str, fleet: FakeFleet) -> None:
    fleet.discovery_uses.gate.clear()
    process = await asyncio.create_subprocess_exec(
        *(FLEETCTL, "--url", url, "discover"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": "/usr/bin:/bin"},
    )

    async with asyncio.timeout(60):
        await fleet.discovery_uses.watched.wait()
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()

    assert (process.returncode, out) == (130, b"")
    assert b"discovery run-1 goes on without being watched\n" in err
    assert b"Traceback" not in err
    assert fleet.discoveries.by_id["run-1"].state is RunState.RUNNING


async def on_a_terminal(url: str, *arguments: str, **variables: str) -> str:
    """What fleetctl writes to a pseudo-terminal."""
    master, slave = os.openpty()
    try:
        process = await asyncio.create_subprocess_exec(
            *(FLEETCTL, "--url", url, *arguments),
            stdout=slave,
            stderr=slave,
            env={"PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "COLUMNS": "200", **variables},
        )
    finally:
        os.close(slave)
    written = asyncio.create_task(asyncio.to_thread(read_all, master))
    try:
        async with asyncio.timeout(60):
            await process.wait()
            return await written
    finally:
        os.close(master)


def read_all(descriptor: int) -> str:
    parts = []
    while True:
        try:
            part = os.read(descriptor, 65_536)
        except OSError:  # Linux says so when the last writer has closed a pseudo-terminal
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts).decode()


@pytest.mark.asyncio
async def test_colours_are_for_terminals_and_not_where_no_color_is_set(url: str) -> None:
    coloured = await on_a_terminal(url, "devices")
    plain = await on_a_terminal(url, "devices", NO_COLOR="1")

    assert "\x1b[32m" in coloured
    assert "\x1b[32m" not in plain
    assert "server-0001" in plain


@pytest.mark.asyncio
async def test_an_id_is_whole_on_a_narrow_terminal(url: str) -> None:
    listed = json.loads(await on_a_terminal(url, "devices", "-o", "json"))
    shown = await on_a_terminal(url, "devices", COLUMNS="40", NO_COLOR="1")

    lines = [line for line in shown.splitlines() if any(one["id"] in line for one in listed)]
    assert len(lines) == len(listed)


@pytest.mark.asyncio
async def test_a_discovery_shows_a_bar_on_a_terminal(url: str) -> None:
    shown = await on_a_terminal(url, "discover")

    assert "discovering" in shown
    assert "8/8" in shown or "5/8" in shown
    assert "succeeded" in shown
