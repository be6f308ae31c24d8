from __future__ import annotations

import asyncio
import time

import pytest

from fleetd.telemetry.loop import WINDOW, LoopLag
from fleetd.telemetry.metrics import Metrics
from tests.support.waiting import until


def value(metrics: Metrics, name: str) -> float:
    found = metrics.registry.get_sample_value(name)
    assert found is not None
    return found


@pytest.mark.asyncio
async def test_a_blocked_loop_shows_as_lag() -> None:
    metrics = Metrics(version="1")
    watch = asyncio.create_task(
        LoopLag(metrics.loop_lag, metrics.loop_lag_max, interval_s=0.01).run()
    )
    await until(lambda: value(metrics, "fleetd_event_loop_lag_seconds_count") >= 1)

    time.sleep(0.2)  # noqa: ASYNC251 - blocking the loop is what is being measured

    await until(lambda: value(metrics, "fleetd_event_loop_lag_max_seconds") >= 0.15)
    watch.cancel()
    await asyncio.wait({watch}, timeout=5)

    assert watch.cancelled()


def test_the_maximum_is_of_the_last_minute_only() -> None:
    metrics = Metrics(version="1")
    lag = LoopLag(metrics.loop_lag, metrics.loop_lag_max)

    lag.note(3.0)
    for _ in range(WINDOW):
        lag.note(0.001)

    assert value(metrics, "fleetd_event_loop_lag_max_seconds") == 0.001
    assert value(metrics, "fleetd_event_loop_lag_seconds_count") == WINDOW + 1
