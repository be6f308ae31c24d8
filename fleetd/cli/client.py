"""The REST API as coroutines: documents, pages, events; problems become failures."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import aiohttp

from fleetd.cli.connection import Connection
from fleetd.cli.failures import Absent, BadInput, Denied, Failure

Json = Any  # JSON as json.loads gives it

PAGE_LIMIT: Final = "500"
TIMEOUT: Final = aiohttp.ClientTimeout(total=60, sock_connect=10)
STREAM_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=60)
"""A stream says something every 15 s, so silence for 60 s means that it's lost."""
LINE_MAX_BYTES: Final = 2**20

_FAILURES: Final[Mapping[int, type[Failure]]] = {
    HTTPStatus.BAD_REQUEST: BadInput,
    HTTPStatus.UNPROCESSABLE_ENTITY: BadInput,
    HTTPStatus.UNAUTHORIZED: Denied,
    HTTPStatus.FORBIDDEN: Denied,
    HTTPStatus.NOT_FOUND: Absent,
}


class Client:
    """An open connection to the API; use it as an async context."""

    def __init__(self, connection: Connection) -> None:
        headers = {"Accept": "application/json"}
        if connection.token is not None:
            headers["Authorization"] = f"Bearer {connection.token}"
        self.url = connection.url
        self._session = aiohttp.ClientSession(
            headers=headers,
            timeout=TIMEOUT,
            connector=aiohttp.TCPConnector(ssl=connection.tls()),
            read_bufsize=LINE_MAX_BYTES,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Json:
        """Read a JSON document."""
        return self._document(await self.read(path, query))

    async def read(self, path: str, query: Mapping[str, str] | None = None) -> bytes:
        """Read a document as it is.

        Raises:
            Failure: It wasn't given, or the service can't be reached.
        """
        return await self._exchange("GET", path, query=query)

    async def items(self, path: str, query: Mapping[str, str] | None = None) -> list[Json]:
        """Read a listing through all its pages."""
        asked = dict(query or {})
        found: list[Json] = []
        while True:
            page = await self.get(path, {"limit": PAGE_LIMIT, **asked})
            found.extend(page["items"])
            if page["marker"] is None:
                return found
            asked["marker"] = page["marker"]

    async def post(self, path: str, body: Json) -> Json:
        """Start work; a broken connection is tried once more, under the same key."""
        key = {"Idempotency-Key": uuid.uuid4().hex}
        try:
            return self._document(await self._send("POST", path, body=body, headers=key))
        except (aiohttp.ServerDisconnectedError, ConnectionResetError):
            return self._document(await self._exchange("POST", path, body=body, headers=key))

    async def delete(self, path: str) -> None:
        """Remove a resource."""
        await self._exchange("DELETE", path)

    async def events(self, path: str) -> AsyncIterator[tuple[str, Json]]:
        """The name and content of each server-sent event, until the stream ends or breaks."""
        headers = {"Accept": "text/event-stream"}
        try:
            async with self._session.get(
                self.url + path, headers=headers, timeout=STREAM_TIMEOUT, allow_redirects=False
            ) as response:
                await _refuse(response)
                name = "message"
                async for raw in response.content:
                    field, _, value = raw.decode("utf-8").rstrip("\r\n").partition(": ")
                    if field == "event":
                        name = value
                    elif field == "data":
                        yield name, json.loads(value)
        except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, TimeoutError):
            return
        except (aiohttp.ClientError, OSError) as error:
            raise self._unreachable(error) from error

    async def _exchange(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        try:
            return await self._send(method, path, query=query, body=body, headers=headers)
        except TimeoutError as error:
            raise Failure(f"{self.url} did not answer in time") from error
        except (aiohttp.ClientError, OSError) as error:
            raise self._unreachable(error) from error

    async def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        async with self._session.request(
            method,
            self.url + path,
            params=query,
            json=body,
            headers=headers,
            allow_redirects=False,
        ) as response:
            await _refuse(response)
            return await response.read()

    def _document(self, content: bytes) -> Json:
        try:
            return json.loads(content)
        except ValueError:
            raise _stranger(self.url, "something that isn't JSON") from None

    def _unreachable(self, error: Exception) -> Failure:
        if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
            return Failure(f"{self.url}: its certificate is not trusted (--ca-file names another)")
        return Failure(f"{self.url} can't be reached: {_reason(error)}")


def segment(text: str) -> str:
    """The text as one segment of a path."""
    return quote(text, safe="")


def _reason(error: Exception) -> str:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    number = getattr(cause, "errno", None)
    known = os.strerror(number) if isinstance(number, int) and number > 0 else None
    text = known or str(cause) or type(cause).__name__
    return text.splitlines()[0]


def _stranger(url: str, answer: str) -> Failure:
    return Failure(f"{url} is no fleetd: it answered {answer}")


async def _refuse(response: aiohttp.ClientResponse) -> None:
    """Raise what a problem says.

    Raises:
        Failure: The status isn't one of success.
    """
    answer = f"{response.status} {response.reason}"
    # Every answer of fleetd has an id, and proxies leave it alone.
    if "X-Request-Id" not in response.headers:
        raise _stranger(str(response.url.origin()), answer)
    if response.status < HTTPStatus.MULTIPLE_CHOICES:
        return
    kind = _FAILURES.get(response.status, Failure)
    try:
        problem = json.loads(await response.read())
        title, detail = str(problem["title"]), str(problem["detail"])
    except (TimeoutError, ValueError, KeyError, TypeError, aiohttp.ClientError):
        raise _stranger(str(response.url.origin()), answer) from None
    internal = response.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    raise kind(f"{title}: {detail}" if internal else detail)
