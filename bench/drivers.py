"""What drivers cost: choosing one, normalising a full server, and starting with all of them."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from bench.report import Result, at_most, told
from fleetd.domain.device import Json
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.payload import canonical
from fleetd.driverkit.registry import Registry
from fleetd.driverkit.standard import GENERIC
from fleetd.redfish.probe import read_root
from fleetd.services.inventory.collect import ROOT_PATH, walk_endpoint
from fleetd.services.inventory.normalise import descriptions
from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers import catalogue
from fleetd_emulators.servers.documents import documents

LOADED = 40
DEVICES = 2_000
_VENDORS = ("Dell", "HPE", "Lenovo", "Supermicro", "Cisco Systems Inc.", "Contoso", None)
_MODELS = ("14G Monolithic", "iLO 6", "XClarity Controller 2", "ASPEED", "CIMC", "BMC", "OpenBMC")
_START = """
import time
from fleetd.driverkit.registry import Registry
started = time.perf_counter()
Registry.load({points})
print(time.perf_counter() - started)
"""


def measure(rounds: int) -> list[Result]:
    """Every figure; the best of the rounds counts."""
    with_all, with_none = _starts("", rounds), _starts("[]", rounds)
    return [
        told("drivers: loaded", len(_registry().drivers), "drivers"),
        at_most("drivers: choosing one for a device", _choosing(rounds), "us", 50),
        at_most("drivers: normalising a full server", _normalising(rounds), "ms", 5),
        at_most("drivers: start-up with all over none", with_all - with_none, "s", 0.5),
    ]


def _registry() -> Registry:
    """All that are installed, and as many more as make forty."""
    installed = Registry.load().drivers
    more = (
        GENERIC.derive(f"bench.d{number}", title="Bench").matches(vendor=f"^Bench{number}")
        for number in range(max(0, LOADED - len(installed)))
    )
    return Registry.of([*installed, *more])


def _choosing(rounds: int) -> float:
    """Microseconds a device, over devices of which no two say the same."""
    machines = [
        Facts(
            vendor=_VENDORS[number % len(_VENDORS)],
            manager_model=_MODELS[number % len(_MODELS)],
            manager_firmware=f"{number % 7}.{number % 90}.{number}",
            manufacturer=_VENDORS[number % len(_VENDORS)],
            model=f"Server {number % 50}",
        )
        for number in range(DEVICES)
    ]

    def choose() -> None:
        registry = _registry()
        for machine in machines:
            registry.choose(machine)

    return _best(choose, rounds) / DEVICES * 1e6


def _normalising(rounds: int) -> float:
    """Milliseconds for one server with eight GPUs, from documents to its description."""
    tree = documents(catalogue.server(Personality.DELL, 3, gpus=8))
    kept = {canonical(path): body for path, body in tree.items()}

    class Tree:
        async def get(self, path: str, *, expand: bool = False) -> dict[str, Json]:
            del expand
            return dict(kept[canonical(path)])

    choice = Registry.load().select(read_root(kept[canonical(ROOT_PATH)]))
    walk = asyncio.run(walk_endpoint(Tree(), choice))
    return _best(lambda: descriptions(walk), rounds * 5) * 1e3


def _starts(points: str, rounds: int) -> float:
    """Seconds to load the drivers in a process that has none of them yet."""
    script = _START.format(points=points)
    times = [
        float(
            subprocess.run([sys.executable, "-c", script], check=True, capture_output=True).stdout
        )
        for _ in range(max(3, rounds))
    ]
    return statistics.median(times)


def _best(work: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)
