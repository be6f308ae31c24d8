"""Queues: bounded hands, no key twice at once, nothing forgotten."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from fleetd.domain.discovery import RunState
from fleetd.domain.errors import NotFound, ShuttingDown
from fleetd.services.clock import SystemClock
from fleetd.services.work import Operations, WorkQueue


@asynccontextmanager
async def working(
    handle: Callable[[str], Awaitable[None]], *, concurrency: int = 2
) -> AsyncIterator[tuple[WorkQueue, Operations]]:
    operations = Operations(SystemClock())
    queue = WorkQueue(kind="test", concurrency=concurrency, handle=handle, operations=operations)
    async with asyncio.TaskGroup() as group:
        group.create_task(queue.run())
        async with asyncio.timeout(10):
            yield queue, operations
        await queue.close()


@pytest.mark.asyncio
async def test_no_more_than_its_hands_work_at_once() -> None:
    busy = most = 0

    async def handle(_: str) -> None:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        for _turn in range(5):
            await asyncio.sleep(0)
        busy -= 1

    async with working(handle, concurrency=3) as (queue, _):
        for number in range(20):
            await queue.put(str(number))
        await queue.settled()

    assert most == 3


@pytest.mark.asyncio
async def test_a_key_put_while_it_waits_joins_and_put_while_in_hand_runs_once_more() -> None:
    runs: Counter[str] = Counter()
    in_hand, go_on = asyncio.Event(), asyncio.Event()

    async def handle(key: str) -> None:
        runs[key] += 1
        in_hand.set()
        await go_on.wait()

    async with working(handle) as (queue, _):
        await queue.put("a")
        await in_hand.wait()
        second = await queue.put("a")
        third = await queue.put("a")
        assert runs["a"] == 1
        go_on.set()
        await queue.settled()

    assert second == third
    assert runs["a"] == 2


@pytest.mark.asyncio
async def test_an_operation_tells_how_its_work_ended(caplog: pytest.LogCaptureFixture) -> None:
    async def handle(key: str) -> None:
        if key == "wrong":
            raise NotFound("no such thing")
        if key == "broken":
            raise ZeroDivisionError

    async with working(handle) as (queue, operations):
        items = {key: await queue.put(key) for key in ("right", "wrong", "broken")}
        await queue.settled()
        ends = {key: await operations.operation(item.id) for key, item in items.items()}

    assert {key: end.state for key, end in ends.items() if end} == {
        "right": RunState.SUCCEEDED,
        "wrong": RunState.FAILED,
        "broken": RunState.FAILED,
    }
    assert ends["wrong"] is not None
    assert ends["wrong"].error == "no such thing"


@pytest.mark.asyncio
async def test_a_closed_queue_takes_no_more_and_finishes_what_is_in_hand() -> None:
    finished = []
    in_hand, go_on = asyncio.Event(), asyncio.Event()

    async def handle(key: str) -> None:
        in_hand.set()
        await go_on.wait()
        finished.append(key)

    async with working(handle, concurrency=1) as (queue, operations):
        await queue.put("in hand")
        await in_hand.wait()
        waiting = await queue.put("waiting")
        await queue.close()
        with pytest.raises(ShuttingDown):
            await queue.put("late")
        go_on.set()
        await queue.settled()
        dropped = await operations.operation(waiting.id)

    assert finished == ["in hand"]
    assert dropped is not None
    assert dropped.state is RunState.CANCELLED
