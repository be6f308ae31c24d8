from __future__ import annotations

import pytest

from fleetd.domain.listing import PAGE, each
from fleetd.domain.ports import Page

NUMBERS = range(2 * PAGE + 1)


async def numbers(*, limit: int, marker: str | None = None) -> Page[int]:
    start = int(marker or 0)
    end = start + limit
    return Page(items=tuple(NUMBERS[start:end]), marker=str(end) if end < len(NUMBERS) else None)


async def nothing(*, limit: int, marker: str | None = None) -> Page[int]:
    return Page(items=(), marker=None)


@pytest.mark.asyncio
async def test_every_page_is_read_to_the_end_in_order() -> None:
    assert [number async for number in each(numbers)] == list(NUMBERS)


@pytest.mark.asyncio
async def test_an_empty_listing_has_no_members() -> None:
    assert [number async for number in each(nothing)] == []
