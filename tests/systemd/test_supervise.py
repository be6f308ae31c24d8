from __future__ import annotations

import asyncio
import os
import signal
from datetime import timedelta

import pytest

from fleetd.daemon.supervise import Restart, Supervisor, signals
from tests.support.waiting import until

SOON = Restart(pause_s=0.001, ceiling_s=0.002)


def supervisor(timeout_s: float = 10, restarted: list[str] | None = None) -> Supervisor:
    return Supervisor(
        shutdown_timeout=timedelta(seconds=timeout_s),
        restarted=(restarted if restarted is not None else []).append,
    )


async def for_ever() -> None:
    await asyncio.Event().wait()


@pytest.mark.asyncio
async def test_a_failing_reconciler_is_started_again() -> None:
    runs: list[int] = []
    restarted: list[str] = []

    async def flaky() -> None:
        runs.append(1)
        if len(runs) < 4:
            raise OSError("no route")
        await for_ever()

    async with supervisor(restarted=restarted) as owner:
        owner.start("poll", flaky, restart=SOON)
        await until(lambda: len(runs) == 4)

    assert restarted == ["poll"] * 3


@pytest.mark.asyncio
async def test_a_cancellation_from_within_does_not_end_a_reconciler() -> None:
    runs: list[int] = []

    async def confused() -> None:
        runs.append(1)
        if len(runs) == 1:
            raise asyncio.CancelledError
        await for_ever()

    async with supervisor() as owner:
        owner.start("poll", confused, restart=SOON)
        await until(lambda: len(runs) == 2)


@pytest.mark.asyncio
async def test_a_failing_essential_task_stops_the_daemon_with_its_error() -> None:
    async def broken() -> None:
        raise OSError("port in use")

    async def daemon() -> None:
        async with asyncio.timeout(10), supervisor() as owner:
            owner.start("api", broken)
            await owner.until_stopped()

    with pytest.raises(ExceptionGroup) as caught:
        await daemon()

    assert [str(error) for error in caught.value.exceptions] == ["port in use"]


@pytest.mark.asyncio
async def test_a_task_that_ends_leaves_the_others_running() -> None:
    done: list[str] = []

    async def short() -> None:
        done.append("short")

    async with supervisor() as owner:
        owner.start("short", short)
        owner.start("poll", short, restart=SOON)
        await until(lambda: len(done) == 2)

        assert not owner.stopping.is_set()


@pytest.mark.asyncio
async def test_a_stop_refuses_then_drains_then_closes() -> None:
    acts: list[str] = []

    async with supervisor() as owner:

        async def work() -> None:
            try:
                await for_ever()
            finally:
                acts.append("closed")

        async def drain() -> None:
            with pytest.raises(RuntimeError, match="is stopping"):
                owner.start("more", for_ever)
            acts.append("drained")

        owner.start("work", work)
        owner.on_drain("work", drain)
        await asyncio.sleep(0)
        owner.request_stop("test")
        await owner.until_stopped()
        acts.append("stopping")

    assert acts == ["stopping", "drained", "closed"]


@pytest.mark.asyncio
async def test_a_drain_that_takes_too_long_is_cut_at_the_deadline() -> None:
    acts: list[str] = []

    async def slow() -> None:
        try:
            await for_ever()
        finally:
            acts.append("parked")

    async def quick() -> None:
        acts.append("finished")

    async def failing() -> None:
        raise OSError("gone")

    async with asyncio.timeout(10), supervisor(timeout_s=0.05) as owner:
        for name, drain in {"slow": slow, "quick": quick, "failing": failing}.items():
            owner.on_drain(name, drain)
        owner.request_stop("test")

    assert acts == ["finished", "parked"]


@pytest.mark.asyncio
async def test_a_second_request_to_stop_does_not_wait_for_drains() -> None:
    cut: list[str] = []

    async with asyncio.timeout(10), supervisor(timeout_s=3_600) as owner:

        async def slow() -> None:
            owner.request_stop("second")
            try:
                await for_ever()
            finally:
                cut.append("slow")

        owner.on_drain("slow", slow)
        owner.request_stop("first")

    assert cut == ["slow"]


@pytest.mark.asyncio
async def test_a_stop_ends_the_wait_for_what_never_comes_about() -> None:
    async with supervisor() as owner, asyncio.timeout(10):
        come = asyncio.Event()
        come.set()
        assert await owner.until(come)

        asyncio.get_running_loop().call_soon(owner.request_stop, "test")
        assert not await owner.until(asyncio.Event())


@pytest.mark.asyncio
async def test_an_error_in_the_daemons_body_cancels_its_tasks_and_stays_itself() -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await for_ever()
        finally:
            ended.append("work")

    async def daemon() -> None:
        async with supervisor() as owner:
            owner.start("work", work)
            await asyncio.sleep(0)
            raise LookupError("no store")

    with pytest.raises(ExceptionGroup) as caught:
        await daemon()

    assert ended == ["work"]
    assert caught.group_contains(LookupError)


@pytest.mark.asyncio
async def test_signals_stop_hasten_and_reload() -> None:
    reloads: list[int] = []
    owner = supervisor(timeout_s=3_600)

    async def slow() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await for_ever()

    with signals(owner, lambda: reloads.append(1)):
        async with asyncio.timeout(10), owner:
            owner.on_drain("slow", slow)
            os.kill(os.getpid(), signal.SIGHUP)
            await until(lambda: reloads)
            assert not owner.stopping.is_set()

            os.kill(os.getpid(), signal.SIGTERM)
            await owner.until_stopped()

    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_pauses_double_up_to_a_ceiling() -> None:
    restart = Restart(pause_s=1, ceiling_s=10)

    for failures, longest in {1: 1, 2: 2, 3: 4, 4: 8, 5: 10, 500: 10}.items():
        pauses = [restart.pause(failures) for _ in range(50)]
        assert all(longest / 2 <= pause <= longest for pause in pauses)
        assert len(set(pauses)) > 1
