"""Reading one endpoint: choose its driver for good, fetch what the plan names, normalise it.

One bad resource costs only itself. A service that goes away in the middle keeps what was read,
and everything that was still to be read is marked stale.
"""

from __future__ import annotations

import time
from typing import Final

from fleetd.domain.device import EndpointId
from fleetd.domain.endpoint import Root
from fleetd.domain.inventory import Reading
from fleetd.driverkit.choice import Choice
from fleetd.services.inventory.normalise import descriptions
from fleetd.services.inventory.read_fetch import Reader
from fleetd.services.inventory.read_walk import Walk

ROOT_PATH: Final = "/redfish/v1/"
_MANAGERS: Final = ("Manager",)
_MACHINES: Final = ("ComputerSystem", "Chassis")


async def read_endpoint(
    reader: Reader, root: Root, choice: Choice, *, endpoint_id: EndpointId, resources: int = 2000
) -> Reading:
    """Read an endpoint's devices.

    Args:
        reader: A connection that is logged in; it bounds the requests in flight.
        root: What the service root said without a login.
        choice: The driver as chosen by the root; it's chosen again once managers are known.
        endpoint_id: Whose reading this is.
        resources: How many resources are read at most; what is beyond is a problem and stale.

    Raises:
        DeviceError: The endpoint as a whole can't be read. A part that can't be is a problem
            in the reading instead.
    """
    started = time.perf_counter()
    walk = await walk_endpoint(reader, choice, resources=resources)
    return Reading(
        endpoint_id=endpoint_id,
        root=root,
        driver=walk.choice.name,
        vendor=walk.choice.vendor,
        descriptions=descriptions(walk),
        problems=tuple(walk.problems),
        documents=walk.raw,
        requests=walk.requests,
        seconds=time.perf_counter() - started,
    )


async def walk_endpoint(reader: Reader, choice: Choice, *, resources: int = 2000) -> Walk:
    """Read all that the plan names; the walk's ``choice`` is the driver for good.

    Raises:
        DeviceError: The endpoint as a whole can't be read.
    """
    walk = await begin_walk(reader, choice, resources=resources)
    walk.release()
    await walk.run()
    return walk


async def begin_walk(reader: Reader, choice: Choice, *, resources: int = 2000) -> Walk:
    """Read no more than what the driver is chosen by: root, managers, systems and chassis.

    Raises:
        DeviceError: The endpoint as a whole can't be read.
    """
    walk = Walk(reader, choice, limit=resources)
    await walk.start(ROOT_PATH)
    for kinds in (_MANAGERS, _MACHINES):
        # The BMC first: its driver may know of machines' resources that must not be asked for.
        await walk.run_first(kinds)
        facts = choice.facts.with_machine(walk.of_kind(*_MANAGERS), walk.of_kind(*_MACHINES))
        walk.choose(choice.refined(facts))
    walk.require_anything()
    return walk
