"""Inventory sweeps of a fleet, three ways: sushy in threads, fleetd, and the bare yardstick.

Each logs in to every BMC, reads the same resources of it, and logs out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry

from bench.bare import bare_session, each, get, login, logout
from bench.fleet import Target, allow_many_files, light_fleet, read_targets
from bench.report import Result, at_least, at_most, told
from bench.variant import Watch, side_by_side, tell
from fleetd.config.redfish import RedfishSection, TlsSection, Trust
from fleetd.daemon.garbage import spare_collector
from fleetd.domain.device import EndpointId
from fleetd.domain.inventory import Reading
from fleetd.domain.ports import Credential
from fleetd.driverkit.registry import Registry
from fleetd.redfish.client import RedfishClient
from fleetd.redfish.probe import read_root
from fleetd.redfish.traits import STANDARD
from fleetd.services.inventory.collect import read_endpoint
from fleetd.telemetry.metrics import RequestMetrics

VARIANTS: Final = ("bare", "fleetd", "sushy")
AT_ONCE: Final = 64  # BMCs read at a time, on the event loop
THREADS: Final = 128
TLS: Final = TlsSection(trust=Trust.NONE)
SECTION: Final = RedfishSection(tls=TLS)
OWN_REQUESTS: Final = 3  # root and login before, logout after: on all sides


def measure(count: int, *, rounds: int, personality: str = "generic") -> list[Result]:
    """Sweep the fleet in each way and compare; ratios mean nothing without the same requests."""
    with light_fleet(count, personality=personality) as stage:
        plan = stage.folder / "plan.json"
        reading = asyncio.run(_read_one(stage.targets[0]))
        documents = {path: str(body.get("@odata.type")) for path, body in reading.documents.items()}
        plan.write_text(json.dumps(documents))
        asked: dict[str, float] = {}

        def count_requests(name: str) -> None:
            asked[name] = _counted(stage.admin.counters()) / count
            stage.admin.reset_counters()

        stage.admin.reset_counters()
        arguments = [str(stage.file), str(plan), str(count)]
        best = side_by_side("bench.sweep", VARIANTS, arguments, rounds=rounds, ran=count_requests)
    if asked["sushy"] < asked["fleetd"]:
        raise AssertionError(f"the variants don't make the same requests: {asked}")
    bare, ours, theirs = (best[name] for name in VARIANTS)
    gets = asked["fleetd"] - OWN_REQUESTS
    return [
        told("sweep: GETs a BMC", gets, "requests"),
        told(
            "sweep: requests fleetd makes beyond the yardstick's",
            asked["fleetd"] - asked["bare"],
            "a BMC",
        ),
        told("sweep: bare aiohttp + orjson, CPU", bare.cpu_ms, "ms a BMC"),
        told("sweep: fleetd, CPU", ours.cpu_ms, "ms a BMC"),
        told("sweep: sushy in 128 threads, CPU", theirs.cpu_ms, "ms a BMC"),
        told("sweep: fleetd, wall", ours.wall_s, "s"),
        told("sweep: sushy in 128 threads, wall", theirs.wall_s, "s"),
        at_least("sweep: sushy : fleetd, CPU", theirs.cpu_ms / ours.cpu_ms, "x", 5),
        at_least("sweep: sushy : fleetd, wall", theirs.wall_s / ours.wall_s, "x", 5),
        at_most("sweep: fleetd : bare, CPU", ours.cpu_ms / bare.cpu_ms, "x", 3.5),
    ]


def _counted(counters: dict[str, Any]) -> int:
    return int(counters["light"]["requests"])


async def _read_one(target: Target) -> Reading:
    registry = Registry.load()
    async with RedfishClient(SECTION, observer=_metrics(registry)) as client:
        return await _sweep_one(client, registry, target)


def _metrics(registry: Registry) -> RequestMetrics:
    return RequestMetrics(CollectorRegistry(), [driver.name for driver in registry.drivers])


async def _sweep_one(client: RedfishClient, registry: Registry, target: Target) -> Reading:
    """What a sweep does at one endpoint, from a known root on."""
    connection = client.connect(
        target.url,
        credential=Credential(name="b", username=target.username, password=target.password),
        tls=TLS,
        fingerprint=None,
        traits=STANDARD,
        driver="generic",
    )
    await connection.login()
    root = read_root(connection.root)
    choice = registry.select(root)
    reading = await read_endpoint(connection, root, choice, endpoint_id=EndpointId(target.url))
    await connection.close()
    return reading


async def _fleetd(targets: Sequence[Target], _: dict[str, str]) -> None:
    registry = Registry.load()
    async with RedfishClient(SECTION, observer=_metrics(registry)) as client:

        async def sweep(target: Target) -> None:
            reading = await _sweep_one(client, registry, target)
            if reading.problems or not reading.descriptions:
                raise AssertionError(f"{target.url} was not read whole: {reading.problems}")

        watch = Watch()
        await each(targets, sweep, at_once=AT_ONCE)
        tell(watch.cost(len(targets)))


async def _bare(targets: Sequence[Target], plan: dict[str, str]) -> None:
    async with bare_session() as http:

        async def sweep(target: Target) -> None:
            token, session = await login(http, target)

            async def read(path: str) -> None:
                await get(http, target.url + path, token)

            await each(list(plan), read, at_once=2)
            await logout(http, target, token, session)

        watch = Watch()
        await each(targets, sweep, at_once=AT_ONCE)
        tell(watch.cost(len(targets)))


def _sushy(targets: Sequence[Target], plan: dict[str, str]) -> None:
    from bench.sushy_reader import read_all  # noqa: PLC0415 - only this variant pays for it

    watch = Watch()
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in pool.map(lambda target: read_all(target, plan), targets):
            pass
    tell(watch.cost(len(targets)))


def main() -> None:
    """Run one variant."""
    parser = argparse.ArgumentParser()
    parser.add_argument("variant", choices=VARIANTS)
    parser.add_argument("targets", type=Path)
    parser.add_argument("plan", type=Path)
    parser.add_argument("count", type=int)
    options = parser.parse_args()
    allow_many_files()
    targets = read_targets(options.targets, options.count)
    plan = json.loads(options.plan.read_text())
    if options.variant == "fleetd":
        spare_collector()  # as the daemon does
    if options.variant == "sushy":
        _sushy(targets, plan)
    else:
        asyncio.run((_bare if options.variant == "bare" else _fleetd)(targets, plan))


if __name__ == "__main__":
    main()
