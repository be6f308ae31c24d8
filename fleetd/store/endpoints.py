"""Endpoints, kept in the table ``endpoint``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from fleetd.domain.device import EndpointId
from fleetd.domain.endpoint import Endpoint, Reach, Root, Source
from fleetd.domain.ports import Page
from fleetd.store.paging import checked_limit, decode_marker, encode_marker, page_of
from fleetd.store.rows import ENDPOINT
from fleetd.store.statements import count_by, upsert
from fleetd.store.transactions import Transactions
from fleetd.store.values import clean, json_text, json_value

_LISTING: Final = "endpoints"


class SqlEndpoints:
    """The port ``EndpointStore`` on a database."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def endpoint(self, endpoint_id: EndpointId) -> Endpoint | None:
        return await self._one(ENDPOINT.c.id == endpoint_id)

    async def endpoint_at(self, address: str) -> Endpoint | None:
        return await self._one(ENDPOINT.c.address == address)

    async def endpoints(self, *, limit: int, marker: str | None = None) -> Page[Endpoint]:
        """In order of id."""
        query = select(ENDPOINT).order_by(ENDPOINT.c.id).limit(checked_limit(limit) + 1)
        if marker is not None:
            query = query.where(ENDPOINT.c.id > decode_marker(_LISTING, marker, str)[0])

        async def work(connection: AsyncConnection) -> list[Endpoint]:
            return [endpoint_from_row(row) for row in await connection.execute(query)]

        found = await self._transactions.read("list endpoints", work)
        return page_of(found, limit=limit, marker=lambda last: encode_marker(_LISTING, last.id))

    async def save_endpoints(self, endpoints: Sequence[Endpoint]) -> None:
        """Write them, new or changed, all or nothing.

        Raises:
            Conflict: Another endpoint has the address.
        """
        rows = [endpoint_to_row(endpoint) for endpoint in endpoints]

        async def work(connection: AsyncConnection) -> None:
            await upsert(connection, ENDPOINT, rows)

        if rows:
            await self._transactions.write("save endpoints", work)

    async def delete_endpoint(self, endpoint_id: EndpointId) -> None:
        """Forget the endpoint; its devices and their history stay."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(ENDPOINT).where(ENDPOINT.c.id == endpoint_id))

        await self._transactions.write("delete an endpoint", work)

    async def reaches(self) -> Mapping[Reach, int]:
        """How many there are of each reach."""

        async def work(connection: AsyncConnection) -> dict[Reach, int]:
            counts = await count_by(connection, ENDPOINT.c.reach)
            return {Reach(value): number for value, number in counts.items()}

        return await self._transactions.read("count endpoints", work)

    async def _one(self, where: ColumnElement[bool]) -> Endpoint | None:
        async def work(connection: AsyncConnection) -> Endpoint | None:
            row = (await connection.execute(select(ENDPOINT).where(where))).one_or_none()
            return None if row is None else endpoint_from_row(row)

        return await self._transactions.read("read an endpoint", work)


def endpoint_to_row(endpoint: Endpoint) -> dict[str, Any]:
    """The endpoint as its row."""
    return {
        "id": endpoint.id,
        "address": endpoint.address,
        "source": endpoint.source.value,
        "credential": endpoint.credential,
        "fingerprint": endpoint.fingerprint,
        "site": endpoint.site,
        "labels": json_text(endpoint.labels),
        "driver": endpoint.driver,
        "root": None if endpoint.root is None else json_text(asdict(endpoint.root)),
        "reach": endpoint.reach.value,
        "error": clean(endpoint.error),
        "error_code": endpoint.error_code,
        "error_since": endpoint.error_since,
        "login_failed_at": endpoint.login_failed_at,
        "login_failed_credential": endpoint.login_failed_credential,
        "first_seen": endpoint.first_seen,
        "last_seen": endpoint.last_seen,
        "last_sweep_seconds": endpoint.last_sweep_seconds,
    }


def endpoint_from_row(row: Row[Any]) -> Endpoint:
    """The row as an endpoint."""
    return Endpoint(
        id=EndpointId(row.id),
        address=row.address,
        source=Source(row.source),
        credential=row.credential,
        fingerprint=row.fingerprint,
        site=row.site,
        labels=tuple((name, value) for name, value in json_value(row.labels)),
        driver=row.driver,
        root=None if row.root is None else _root(json_value(row.root)),
        reach=Reach(row.reach),
        error=row.error,
        error_code=row.error_code,
        error_since=row.error_since,
        login_failed_at=row.login_failed_at,
        login_failed_credential=row.login_failed_credential,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        last_sweep_seconds=row.last_sweep_seconds,
    )


def _root(stored: dict[str, Any]) -> Root:
    return Root(
        redfish_version=stored["redfish_version"],
        uuid=stored["uuid"],
        vendor=stored["vendor"],
        product=stored["product"],
        oem_keys=tuple(stored["oem_keys"]),
        expand=stored["expand"],
    )
