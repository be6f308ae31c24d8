"""A process that writes devices until it's killed, and says which it was told are kept.

Its standard input is one JSON object: url, folder, password.
"""

from __future__ import annotations

import asyncio
import json
import sys
from itertools import count
from pathlib import Path

from fleetd.config.daemon import StoreSection
from fleetd.domain.device import Device
from fleetd.store.database import open_database
from tests.support.stored import a_change, a_description, a_device, a_drive, stored

BATCH = 20
PARTS = 30


async def write_for_ever(url: str | None, folder: str, password: str | None) -> None:
    """Save batch after batch; a line on standard output for each that is kept."""
    section = StoreSection(url=url)
    async with open_database(section, Path(folder), password) as database:
        for batch in count():
            devices = [_device(f"{batch:05d}-{number:02d}") for number in range(BATCH)]
            await database.devices.save([stored(one, a_change(one)) for one in devices])
            print(batch, flush=True)  # noqa: T201  the test reads it


def _device(name: str) -> Device:
    parts = tuple(a_drive(str(number)) for number in range(PARTS))
    return a_device(name, description=a_description(name, components=parts))


if __name__ == "__main__":
    asyncio.run(write_for_ever(**json.load(sys.stdin)))
