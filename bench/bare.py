"""The yardstick: aiohttp and orjson making the same requests, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import aiohttp
import orjson

from bench.fleet import Target

SESSIONS = "/redfish/v1/SessionService/Sessions"
HEADERS = {"Accept": "application/json", "OData-Version": "4.0", "Accept-Encoding": "identity"}

T = TypeVar("T")


@asynccontextmanager
async def bare_session() -> AsyncIterator[aiohttp.ClientSession]:
    """An unlimited pool without cookies, as the fleet's own."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=HEADERS,
        timeout=aiohttp.ClientTimeout(total=60),
    ) as http:
        yield http


async def login(http: aiohttp.ClientSession, target: Target) -> tuple[dict[str, str], str]:
    """The token header, and where to log out."""
    async with http.get(f"{target.url}/redfish/v1/") as reply:
        orjson.loads(await reply.read())
    body = orjson.dumps({"UserName": target.username, "Password": target.password})
    headers = {"Content-Type": "application/json"}
    async with http.post(target.url + SESSIONS, data=body, headers=headers) as reply:
        await reply.read()
        reply.raise_for_status()
        return {"X-Auth-Token": reply.headers["X-Auth-Token"]}, reply.headers["Location"]


async def logout(
    http: aiohttp.ClientSession, target: Target, token: dict[str, str], session: str
) -> None:
    async with http.delete(target.url + session, headers=token) as reply:
        await reply.read()


async def get(http: aiohttp.ClientSession, url: str, token: dict[str, str]) -> Any:
    """One document."""
    async with http.get(url, headers=token) as reply:
        if reply.status != 200:
            raise AssertionError(f"{url} answered {reply.status}")
        return orjson.loads(await reply.read())


async def each(items: Sequence[T], work: Callable[[T], Awaitable[object]], *, at_once: int) -> None:
    """Do the work for each item, so many at a time."""
    pending: Iterator[T] = iter(items)

    async def worker() -> None:
        for item in pending:
            await work(item)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(at_once, len(items))):
            group.create_task(worker())
