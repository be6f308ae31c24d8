"""Enrollments, kept in the table ``enrollment``; passwords only as the digest that they come as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from fleetd.domain.device import DeviceId
from fleetd.domain.enrollment import Enrollment, PasswordDigest, Standing
from fleetd.domain.ports import Page
from fleetd.store.paging import checked_limit, decode_marker, encode_marker, page_of
from fleetd.store.rows import ENROLLMENT
from fleetd.store.statements import count_by, upsert
from fleetd.store.transactions import Transactions
from fleetd.store.values import clean

_LISTING: Final = "enrollments"


class SqlEnrollments:
    """The port ``EnrollmentStore`` on a database."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def enrollment(self, device_id: DeviceId) -> Enrollment | None:
        async def work(connection: AsyncConnection) -> Enrollment | None:
            query = select(ENROLLMENT).where(ENROLLMENT.c.device_id == device_id)
            row = (await connection.execute(query)).one_or_none()
            return None if row is None else enrollment_from_row(row)

        return await self._transactions.read("read an enrollment", work)

    async def enrollments(
        self, *, standing: Standing | None = None, limit: int, marker: str | None = None
    ) -> Page[Enrollment]:
        """In order of device id; of one standing, or all."""
        query = select(ENROLLMENT).order_by(ENROLLMENT.c.device_id).limit(checked_limit(limit) + 1)
        if standing is not None:
            query = query.where(ENROLLMENT.c.standing == standing.value)
        if marker is not None:
            query = query.where(ENROLLMENT.c.device_id > decode_marker(_LISTING, marker, str)[0])

        async def work(connection: AsyncConnection) -> list[Enrollment]:
            return [enrollment_from_row(row) for row in await connection.execute(query)]

        found = await self._transactions.read("list enrollments", work)
        return page_of(
            found, limit=limit, marker=lambda last: encode_marker(_LISTING, last.device_id)
        )

    async def save_enrollments(self, enrollments: Sequence[Enrollment]) -> None:
        """Write them, new or changed, all or nothing.

        Raises:
            Conflict: There's no such device.
            StoreBusy, StoreUnavailable: Nothing was written.
        """
        rows = [enrollment_to_row(enrollment) for enrollment in enrollments]

        async def work(connection: AsyncConnection) -> None:
            await upsert(connection, ENROLLMENT, rows)

        if rows:
            await self._transactions.write("save enrollments", work)

    async def standings(self) -> Mapping[Standing, int]:
        """How many there are of each standing."""

        async def work(connection: AsyncConnection) -> dict[Standing, int]:
            counts = await count_by(connection, ENROLLMENT.c.standing)
            return {Standing(value): number for value, number in counts.items()}

        return await self._transactions.read("count enrollments", work)


def enrollment_to_row(enrollment: Enrollment) -> dict[str, Any]:
    """The enrollment as its row."""
    password = enrollment.password
    return {
        "device_id": enrollment.device_id,
        "standing": enrollment.standing.value,
        "node_uuid": enrollment.node_uuid,
        "provision_state": enrollment.provision_state,
        "reason": clean(enrollment.reason),
        "failures": enrollment.failures,
        "retry_at": enrollment.retry_at,
        "password_salt": None if password is None else password.salt,
        "password_digest": None if password is None else password.digest,
        "updated_at": enrollment.updated_at,
    }


def enrollment_from_row(row: Row[Any]) -> Enrollment:
    """The row as an enrollment."""
    known = row.password_salt is not None and row.password_digest is not None
    return Enrollment(
        device_id=DeviceId(row.device_id),
        standing=Standing(row.standing),
        node_uuid=row.node_uuid,
        provision_state=row.provision_state,
        reason=row.reason,
        failures=row.failures,
        retry_at=row.retry_at,
        password=PasswordDigest(salt=row.password_salt, digest=row.password_digest)
        if known
        else None,
        updated_at=row.updated_at,
    )
