"""Listings read to their end, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final, Protocol, TypeVar

from fleetd.domain.ports import Page

T = TypeVar("T")

PAGE: Final = 500
"""Members in memory and in one transaction at once, at most."""


class Listing(Protocol[T]):
    """A listing of a store, with its filters already bound."""

    async def __call__(self, *, limit: int, marker: str | None = None) -> Page[T]: ...


async def each(listing: Listing[T]) -> AsyncIterator[T]:
    """Every member, in the listing's order; what changes meanwhile may show or not."""
    marker: str | None = None
    while True:
        page = await listing(limit=PAGE, marker=marker)
        for member in page.items:
            yield member
        if (marker := page.marker) is None:
            return
