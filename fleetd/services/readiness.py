"""Whether the daemon can do its work: named conditions, each with its reason."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from fleetd.domain.errors import FleetError

_PATIENCE_S: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of being ready, and whether it holds; ``detail`` holds no secret."""

    name: str
    ok: bool
    detail: str


class Readiness:
    """Asks each part for its detail; a part that raises or takes too long isn't ready."""

    def __init__(self, parts: Mapping[str, Callable[[], Awaitable[str]]]) -> None:
        self._parts = parts

    async def checks(self) -> tuple[Condition, ...]:
        """Every condition as it stands now."""
        return tuple([await self._check(name, ask) for name, ask in self._parts.items()])

    async def _check(self, name: str, ask: Callable[[], Awaitable[str]]) -> Condition:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return Condition(name=name, ok=True, detail=await ask())
        except TimeoutError:
            return Condition(name=name, ok=False, detail=f"no answer within {_PATIENCE_S:g} s")
        except FleetError as error:
            return Condition(name=name, ok=False, detail=str(error))
