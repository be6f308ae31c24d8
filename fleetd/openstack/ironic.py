"""OpenStack Ironic behind the BareMetal port, by python-ironicclient.

The client is synchronous: its calls run in one small executor of our own, each with a timeout and
without the client's retries, since the reconciler decides what is tried again and when.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeVar, assert_never

from ironicclient.v1.client import Client

from fleetd.domain.bare_metal import Interfaces
from fleetd.domain.enrollment import (
    Action,
    ClearMaintenance,
    CreateNode,
    CreatePort,
    DeleteNode,
    DeletePort,
    ObservedNode,
    ObservedPort,
    PatchNode,
    PatchPort,
    Provision,
    SetTraits,
)
from fleetd.domain.errors import CloudRefused, CloudUnavailable
from fleetd.openstack.errors import EXPECTED, translate
from fleetd.openstack.reading import NODE_FIELDS, PORT_FIELDS, read_interfaces, read_node, read_port
from fleetd.openstack.session import Access, open_session
from fleetd.openstack.threads import LeftThreads

T = TypeVar("T")
V = TypeVar("V", ObservedNode, ObservedPort)

OLDEST_VERSION: Final = (1, 61)  # the first with ``retired``; older Ironics are out of support
NEWEST_VERSION: Final = (1, 95)  # what this adapter was written for; newer ones answer it as well
VERSION_HEADER: Final = "X-OpenStack-Ironic-API-Maximum-Version"
PAGE: Final = 500
MOST_THREADS: Final = 10  # the connections that requests keeps to one host
TIMEOUT_MARGIN: Final = 1.25  # the thread's own timeout should come first: it says more
PASSWORD_KEYS: Final = ("redfish_password",)


class Ironic:
    """The BareMetal port over Ironic's API; ``close`` it in the end."""

    def __init__(self, access: Access, *, call_timeout_s: float, concurrency: int) -> None:
        self._access = access
        self._timeout_s = call_timeout_s
        self._threads = LeftThreads(min(concurrency, MOST_THREADS), name="ironic")
        self._client: Client | None = None
        self._connecting = asyncio.Lock()

    async def drivers(self) -> Mapping[str, Interfaces]:
        client = await self._connected()
        rows = await self._call("list drivers", lambda: client.driver.list(detail=True))
        return {str(row.name): read_interfaces(row.to_dict()) for row in rows}

    async def nodes(self) -> tuple[ObservedNode, ...]:
        nodes = (await self._connected()).node
        return await self._listing(
            "list nodes",
            lambda marker: nodes.list(limit=PAGE, marker=marker, fields=list(NODE_FIELDS)),
            read_node,
        )

    async def ports(self) -> tuple[ObservedPort, ...]:
        ports = (await self._connected()).port
        return await self._listing(
            "list ports",
            lambda marker: ports.list(limit=PAGE, marker=marker, fields=list(PORT_FIELDS)),
            read_port,
        )

    async def perform(self, action: Action) -> None:
        client = await self._connected()
        doing, call = _request(client, action)
        await self._call(doing, call, secrets=tuple(_passwords(action)))

    def close(self) -> None:
        """Refuse further calls; one that runs is left to itself."""
        self._threads.shutdown()

    async def _connected(self) -> Client:
        """The client, with the API version agreed on once and pinned from then on."""
        async with self._connecting:
            if self._client is None:
                self._client = await self._call("tell its API version", self._connect)
            return self._client

    def _connect(self) -> Client:
        session, endpoint = open_session(self._access, timeout_s=self._timeout_s)
        if endpoint is None:
            raise CloudRefused("the catalog of this cloud has no bare metal service")
        root = endpoint.rstrip("/").removesuffix("/v1")
        # raise_exc stays on: a refusal here is the first sign of a wrong password
        answer = session.get(f"{root}/v1")
        version = _agreed_version(answer.headers.get(VERSION_HEADER, ""))
        return Client(
            endpoint_override=root, session=session, os_ironic_api_version=version, max_retries=0
        )

    async def _listing(
        self,
        doing: str,
        page: Callable[[str | None], list[Any]],
        read: Callable[[dict[str, Any]], V],
    ) -> tuple[V, ...]:
        """Every row, page by page, so that each request has the whole timeout for itself."""
        rows: list[V] = []
        marker: str | None = None

        def one_page() -> tuple[list[V], str | None]:
            some = page(marker)
            following = some[-1].uuid if len(some) == PAGE else None
            return [read(row.to_dict()) for row in some], following

        while True:
            found, marker = await self._call(doing, one_page)
            rows.extend(found)
            if marker is None:
                return tuple(rows)

    async def _call(self, doing: str, call: Callable[[], T], *, secrets: tuple[str, ...] = ()) -> T:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout_s * TIMEOUT_MARGIN):
                return await loop.run_in_executor(self._threads, call)
        except TimeoutError as error:
            raise CloudUnavailable(
                f"Ironic did not {doing}: no answer within {self._timeout_s:g} s"
            ) from error
        except EXPECTED as error:
            raise translate(error, doing=doing, secrets=secrets) from error


def _agreed_version(highest: str) -> str:
    try:
        major, minor = (int(part) for part in highest.split("."))
    except ValueError as error:
        raise CloudUnavailable("what answers there is not Ironic: it names no version") from error
    if (major, minor) < OLDEST_VERSION:
        wanted = ".".join(map(str, OLDEST_VERSION))
        raise CloudRefused(f"this Ironic is too old: its API is {highest}, {wanted} is needed")
    return ".".join(map(str, min((major, minor), NEWEST_VERSION)))


def _request(client: Client, action: Action) -> tuple[str, Callable[[], object]]:
    """What an action is called in messages, and the call that does it."""
    if isinstance(action, CreatePort | PatchPort | DeletePort):
        return _port_request(client, action)
    if isinstance(action, CreateNode | PatchNode):
        return _node_request(client, action)
    nodes, uuid = client.node, action.uuid
    match action:
        case SetTraits():
            traits = list(action.traits)
            return f"set the traits of node {uuid}", lambda: nodes.set_traits(uuid, traits)
        case Provision():
            verb = action.verb.value
            return f"{verb} node {uuid}", lambda: nodes.set_provision_state(uuid, verb)
        case ClearMaintenance():
            return f"end maintenance of node {uuid}", lambda: nodes.set_maintenance(uuid, "false")
        case DeleteNode():
            return f"delete node {uuid}", lambda: nodes.delete(uuid)
        case _:
            assert_never(action)


def _node_request(
    client: Client, action: CreateNode | PatchNode
) -> tuple[str, Callable[[], object]]:
    if isinstance(action, CreateNode):
        return f"create node {action.uuid}", lambda: client.node.create(**action.attributes)
    patch = [dict(entry) for entry in action.patch]
    return (
        f"change {', '.join(action.paths)} of node {action.uuid}",
        lambda: client.node.update(
            action.uuid, patch, reset_interfaces=action.reset_interfaces or None
        ),
    )


def _port_request(
    client: Client, action: CreatePort | PatchPort | DeletePort
) -> tuple[str, Callable[[], object]]:
    ports = client.port
    match action:
        case CreatePort():
            attributes = {**action.attributes, "node_uuid": action.node_uuid}
            return f"create port {attributes['address']}", lambda: ports.create(**attributes)
        case PatchPort():
            patch = [dict(entry) for entry in action.patch]
            return f"change port {action.uuid}", lambda: ports.update(action.uuid, patch)
        case DeletePort():
            return f"delete port {action.uuid}", lambda: ports.delete(action.uuid)
        case _:
            assert_never(action)


def _passwords(action: Action) -> Iterator[str]:
    """The passwords that an action sends, which Ironic may echo when it refuses them."""
    if isinstance(action, CreateNode):
        info = action.attributes.get("driver_info", {})
        yield from (info[key] for key in PASSWORD_KEYS if key in info)
    if isinstance(action, PatchNode):
        for entry in action.patch:
            if str(entry["path"]).removeprefix("/driver_info/") in PASSWORD_KEYS:
                yield entry["value"]
