"""Polling power and health of a fleet whose sessions stand, against the bare yardstick."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry

from bench.bare import bare_session, each, get, login
from bench.fleet import Target, allow_many_files, light_fleet, read_targets
from bench.report import Result, at_most, told
from bench.variant import Watch, side_by_side, tell
from fleetd.config.redfish import RedfishSection, TlsSection, Trust
from fleetd.daemon.garbage import spare_collector
from fleetd.domain.device import Health, PowerState
from fleetd.domain.ports import Credential
from fleetd.driverkit.payload import health, text
from fleetd.redfish.client import RedfishClient
from fleetd.redfish.traits import STANDARD
from fleetd.telemetry.metrics import RequestMetrics

VARIANTS: Final = ("bare", "fleetd")
AT_ONCE: Final = 64
POLLS: Final = 8  # of the whole fleet, over connections that stay open
TLS: Final = TlsSection(trust=Trust.NONE)


def measure(count: int, *, rounds: int) -> list[Result]:
    """Poll the fleet both ways and compare."""
    with light_fleet(count) as stage:
        path = asyncio.run(_system_path(stage.targets[0]))
        best = side_by_side(
            "bench.poll", VARIANTS, [str(stage.file), path, str(count)], rounds=rounds
        )
    bare, ours = (best[name] for name in VARIANTS)
    return [
        told("poll: bare aiohttp + orjson, CPU", bare.cpu_ms * 1000, "us a BMC"),
        told("poll: fleetd, CPU", ours.cpu_ms * 1000, "us a BMC"),
        told("poll: fleetd, wall of one poll", ours.wall_s / POLLS, "s"),
        at_most("poll: fleetd : bare, CPU", ours.cpu_ms / bare.cpu_ms, "x", 1.5),
    ]


async def _system_path(target: Target) -> str:
    async with bare_session() as http:
        token, _ = await login(http, target)
        systems = await get(http, f"{target.url}/redfish/v1/Systems", token)
    return str(systems["Members"][0]["@odata.id"])


Read = Callable[[Target], Awaitable[Any]]


async def _poll(targets: Sequence[Target], read: Read) -> None:
    """The first poll opens sessions and connections, and is not measured."""
    seen: list[tuple[Health, PowerState]] = []

    async def poll(target: Target) -> None:
        document = await read(target)
        seen.append((health(document), PowerState(text(document, "PowerState") or "")))

    await each(targets, poll, at_once=AT_ONCE)
    watch = Watch()
    for _ in range(POLLS):
        await each(targets, poll, at_once=AT_ONCE)
    tell(watch.cost(len(targets) * POLLS))
    if len(seen) != len(targets) * (POLLS + 1):
        raise AssertionError(f"{len(seen)} readings of {len(targets)} BMCs")


async def _fleetd(targets: Sequence[Target], path: str) -> None:
    observer = RequestMetrics(CollectorRegistry(), ["generic"])
    async with RedfishClient(RedfishSection(tls=TLS), observer=observer) as client:

        async def read(target: Target) -> Any:
            connection = client.connect(
                target.url,
                credential=Credential(name="b", username=target.username, password=target.password),
                tls=TLS,
                fingerprint=None,
                traits=STANDARD,
                driver="generic",
            )
            return await connection.get(path)

        await _poll(targets, read)


async def _bare(targets: Sequence[Target], path: str) -> None:
    tokens: dict[str, dict[str, str]] = {}
    async with bare_session() as http:

        async def read(target: Target) -> Any:
            token = tokens.get(target.url)
            if token is None:
                token, _ = await login(http, target)
                tokens[target.url] = token
            return await get(http, target.url + path, token)

        await _poll(targets, read)


def main() -> None:
    """Run one variant."""
    parser = argparse.ArgumentParser()
    parser.add_argument("variant", choices=VARIANTS)
    parser.add_argument("targets", type=Path)
    parser.add_argument("path")
    parser.add_argument("count", type=int)
    options = parser.parse_args()
    allow_many_files()
    targets = read_targets(options.targets, options.count)
    if options.variant == "fleetd":
        spare_collector()  # as the daemon does
    asyncio.run((_bare if options.variant == "bare" else _fleetd)(targets, options.path))


if __name__ == "__main__":
    main()
