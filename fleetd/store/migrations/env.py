"""Alembic's entry: migrates the connection given by ``schema.py``, or the one of ``-x url=...``.

The second way is for developers: ``alembic -c alembic.ini`` is not needed to run fleetd.
"""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import make_url
from sqlalchemy.engine import Connection

from fleetd.store.engine import create_engine
from fleetd.store.rows import METADATA
from fleetd.store.transactions import WRITES


def migrate(connection: Connection) -> None:
    """Run the migrations that were asked for, inside the connection's transaction."""
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


async def migrate_by_url() -> None:
    """Connect to the database named on the command line."""
    url = make_url(context.get_x_argument(as_dictionary=True)["url"])
    engine = await create_engine(url, pool_size=1)
    try:
        async with engine.connect() as connection:
            await connection.execution_options(**{WRITES: True})
            async with connection.begin():
                await connection.run_sync(migrate)
    finally:
        await engine.dispose()


bound = context.config.attributes.get("connection")
if bound is None:
    asyncio.run(migrate_by_url())
else:
    migrate(bound)
