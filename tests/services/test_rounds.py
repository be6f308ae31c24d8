"""An endpoint stays in the rounds whatever happens, until it is removed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fleetd.config.daemon import InventorySection
from fleetd.domain.device import DeviceId, EndpointId
from fleetd.domain.errors import NotFound
from fleetd.services.clock import SystemClock
from fleetd.services.inventory.rounds import Rounds
from fleetd.services.work import Operations


class Failing:
    """A sweeper that ends every sweep with the same error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def sweep(self, _: EndpointId) -> Any:
        raise self.error


async def nobody_cares(_: Sequence[DeviceId]) -> None:
    return None


async def swept_once(error: Exception) -> Rounds:
    clock = SystemClock()
    rounds = Rounds(
        sweeper=cast(Any, Failing(error)),
        poller=cast(Any, SimpleNamespace()),
        endpoints=cast(Any, SimpleNamespace()),
        clock=clock,
        operations=Operations(clock),
        section=InventorySection,
        changed=nobody_cares,
    )
    rounds._sweeps_due.add("e", within=InventorySection().jitter)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(rounds.sweeps.run())
        await rounds.sweeps.put("e")
        await rounds.sweeps.settled()
        await rounds.sweeps.close()
    return rounds


@pytest.mark.asyncio
async def test_a_defect_in_a_sweep_does_not_take_the_endpoint_out_of_the_rounds() -> None:
    rounds = await swept_once(ZeroDivisionError())

    assert rounds._sweeps_due.known("e")
    assert rounds._sweeps_due._due["e"] != float("inf")


@pytest.mark.asyncio
async def test_an_endpoint_that_was_removed_is_not_asked_for_again() -> None:
    rounds = await swept_once(NotFound("no endpoint has the id e"))

    assert not rounds._sweeps_due.known("e")
