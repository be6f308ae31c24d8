"""fleetctl as a process of its own against the API over fakes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.api_server import serve_api
from tests.support.fakes import FakeFleet, fake_fleet

FLEETCTL = str(Path(sys.executable).parent / "fleetctl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended."""

    code: int
    out: str
    err: str


Ctl = Callable[..., Awaitable[Outcome]]


async def run_fleetctl(*arguments: str, **variables: str) -> Outcome:
    """Run it without anything of the test's own environment."""
    process = await asyncio.create_subprocess_exec(
        FLEETCTL,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **variables},
    )
    try:
        async with asyncio.timeout(60):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return Outcome(code=process.returncode, out=out.decode(), err=err.decode())


@pytest.fixture
def fleet() -> FakeFleet:
    return fake_fleet()


@pytest_asyncio.fixture
async def url(fleet: FakeFleet) -> AsyncIterator[str]:
    async with serve_api(fleet) as served:
        yield served


@pytest.fixture
def ctl(url: str) -> Ctl:
    """Run fleetctl against the fakes."""

    async def run(*arguments: str, **variables: str) -> Outcome:
        return await run_fleetctl(*arguments, **{"FLEETD_URL": url, **variables})

    return run
