"""Running one way of doing a thing in a process of its own, and measuring it from inside.

A variant measures itself, so that starting Python and importing libraries don't count.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

_TIMEOUT_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What it took; ``units`` is how many BMCs (times rounds) were done."""

    wall_s: float
    cpu_s: float
    units: int

    def least(self, other: Cost) -> Cost:
        """The lower of each."""
        return Cost(
            wall_s=min(self.wall_s, other.wall_s),
            cpu_s=min(self.cpu_s, other.cpu_s),
            units=self.units,
        )

    @property
    def cpu_ms(self) -> float:
        """CPU time for one BMC."""
        return self.cpu_s * 1000 / self.units


class Watch:
    """Wall and CPU time of this process, all its threads included, since it was made."""

    def __init__(self) -> None:
        self._cpu = _cpu_s()
        self._wall = time.perf_counter()

    def cost(self, units: int) -> Cost:
        """What was spent so far."""
        wall = time.perf_counter() - self._wall
        return Cost(wall_s=wall, cpu_s=_cpu_s() - self._cpu, units=units)


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def tell(cost: Cost) -> None:
    """Report to the process that called ``run``."""
    print(json.dumps(asdict(cost)))


def run(module: str, arguments: Sequence[str]) -> Cost:
    """Run a variant and read what it tells.

    Raises:
        AssertionError: It failed.
    """
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(  # noqa: PLW1510 - checked below, with what it said
        command, capture_output=True, text=True, timeout=_TIMEOUT_S
    )
    if done.returncode:
        raise AssertionError(f"{' '.join(command)} failed:\n{done.stderr}")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def side_by_side(
    module: str,
    variants: Sequence[str],
    arguments: Sequence[str],
    *,
    rounds: int,
    ran: Callable[[str], None] = lambda _: None,
) -> dict[str, Cost]:
    """Run the variants in turn, several times; of each the least CPU and the least wall count.

    Turns spread a neighbour's load over all; the least is what the code itself costs. ``ran`` is
    told after each run which variant it was.
    """
    best: dict[str, Cost] = {}
    for _ in range(rounds):
        for name in variants:
            cost = run(module, [name, *arguments])
            ran(name)
            best[name] = cost.least(best[name]) if name in best else cost
    return best
