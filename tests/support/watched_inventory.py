"""Inventories a fleet in a process of its own and tells how long anything held its event loop.

Run as a program: TARGETS.json [SECONDS-TO-SABOTAGE]. Time for which the kernel kept this thread
waiting for a processor is another process's doing and is taken off.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sushy
from prometheus_client import CollectorRegistry

from fleetd.config.redfish import RedfishSection, TlsSection, Trust
from fleetd.daemon.garbage import spare_collector
from fleetd.domain.device import EndpointId
from fleetd.domain.ports import Credential
from fleetd.driverkit.registry import Registry
from fleetd.redfish.client import RedfishClient
from fleetd.redfish.probe import read_root
from fleetd.redfish.traits import STANDARD
from fleetd.services.inventory.collect import read_endpoint
from fleetd.telemetry.metrics import RequestMetrics

_BEAT_S = 0.001
_AT_ONCE = 64
_TLS = TlsSection(trust=Trust.NONE)


class Watch:
    """Times every callback of every loop of this process, by standing in its way.

    ``asyncio``'s own debug mode does the same, but slows all down and counts the time in which
    another process had the processor.
    """

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._waited_s = _waited_for_a_processor_s()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch while the context lasts."""
        run = asyncio.Handle._run

        def timed(handle: asyncio.Handle) -> None:
            began = time.perf_counter()
            run(handle)
            if time.perf_counter() - began > self.longest_s:
                self._note(time.perf_counter() - began)

        asyncio.Handle._run = timed  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            asyncio.Handle._run = run  # type: ignore[method-assign]

    async def beat(self) -> None:
        """Keep the account of time without a processor young, so that little is taken off."""
        while True:
            self._waited_s = _waited_for_a_processor_s()
            await asyncio.sleep(_BEAT_S)

    def _note(self, held_s: float) -> None:
        waited_s = _waited_for_a_processor_s() - self._waited_s
        self.longest_s = max(self.longest_s, held_s - waited_s)


def _waited_for_a_processor_s() -> float:
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9


def _power(root: sushy.Sushy) -> str:
    system = root.get_system_collection().get_members()[0]
    return str(system.power_state)


async def inventory(targets: list[list[str]], sabotage_s: float) -> dict[str, float]:
    """Read every BMC by JSON and by sushy; the figures to print."""
    registry = Registry.load()
    observer = RequestMetrics(CollectorRegistry(), [driver.name for driver in registry.drivers])
    pending = iter(targets)
    whole = 0

    async def work() -> None:
        nonlocal whole
        for url, username, password in pending:
            connection = client.connect(
                url,
                credential=Credential(name="t", username=username, password=password),
                tls=_TLS,
                fingerprint=None,
                traits=STANDARD,
                driver="generic",
            )
            await connection.login()
            root = read_root(connection.root)
            choice = registry.select(root)
            reading = await read_endpoint(connection, root, choice, endpoint_id=EndpointId(url))
            power = await connection.sushy_call(_power)
            whole += bool(reading.descriptions) and not reading.problems and "ON" in power
            if sabotage_s:
                time.sleep(sabotage_s)  # noqa: ASYNC251 - this is what must be noticed

    async with RedfishClient(RedfishSection(tls=_TLS), observer=observer) as client:
        watch = Watch()
        spare_collector()
        beating = asyncio.create_task(watch.beat())
        with watch.watching():
            async with asyncio.TaskGroup() as group:
                for _ in range(_AT_ONCE):
                    group.create_task(work())
        beating.cancel()
    return {"whole": whole, "longest_s": watch.longest_s}


if __name__ == "__main__":
    _targets = json.loads(Path(sys.argv[1]).read_text())
    sys.stdout.write(json.dumps(asyncio.run(inventory(_targets, float(sys.argv[2])))))
