"""The emulated BMCs that are checked, and with what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fleetd_emulators.conformance.tools import Target
from fleetd_emulators.conformance.utilities import (
    ACCOUNTS,
    ALONE,
    OUTLETS,
    READING,
    SERVER,
    Step,
    of_system,
)
from fleetd_emulators.fleet import Fleet
from fleetd_emulators.hardware import Personality
from fleetd_emulators.rack import running_fleet

STANDARD: Final = Personality.GENERIC.value
# What the fleet's file calls each kind of device that is no server.
DEVICES: Final = {
    "storage": "storage",
    "switch": "switches",
    "pdu": "pdus",
    "transfer-switch": "transfer_switches",
    "power-shelf": "power_shelves",
    "cdu": "cdus",
}
# Which of several systems is the host.
SYSTEMS: Final = {"nvidia": "System_0"}
PASSWORD: Final = "Conformance.Test-1"  # noqa: S105 (of emulated BMCs on loopback)
# Long enough for every vendor's rules, and no waits that only cost the tools time.
_FLEET: Final = {
    "seed": 7,
    "network": "127.77.0.0/24",
    "pace": 0.02,
    "credentials": [{"password": PASSWORD}],
}


def names() -> tuple[str, ...]:
    """Every target, the standard one first."""
    others = [one.value for one in Personality if one.value != STANDARD]
    return (STANDARD, *others, *DEVICES)


def steps_for(name: str) -> tuple[Step, ...]:
    """What redfish-utilities do to a target."""
    if name == STANDARD:
        return (*READING, *ACCOUNTS, *SERVER, *ALONE)
    if name == "pdu":
        return (*READING, *OUTLETS)
    if name in DEVICES:
        return READING
    return (*READING, *(of_system(SERVER, SYSTEMS[name]) if name in SYSTEMS else SERVER))


@asynccontextmanager
async def running(name: str) -> AsyncIterator[Target]:
    """A fresh emulated BMC of this personality or kind."""
    alone: dict[str, object] = {"servers": [{"personality": name, "powered_on": True}]}
    if name in DEVICES:
        alone = {DEVICES[name]: 1}
    async with running_fleet(Fleet.model_validate({**_FLEET, **alone})) as rack:
        bmc = rack.bmcs[0]
        yield Target(name=name, url=bmc.url, username=bmc.username, password=bmc.password)
