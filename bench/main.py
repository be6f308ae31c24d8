"""``make bench``: all that has a bound on speed or size, measured side by side in one run."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from bench import drivers, memory, poll, store_speed, sweep
from bench.report import Result, at_most, show, told, write


def main() -> int:
    """Run the chosen benchmarks; 1 if a bound was missed."""
    options = _options()
    console = Console()
    results: list[Result] = []
    for name in options.only or BENCHES:
        console.print(f"measuring: {name} ...")
        results += BENCHES[name](options)
        write(results, options.output)
    show(results, console)
    console.print(f"written to {options.output}")
    return 0 if all(one.ok for one in results) else 1


def _store(options: argparse.Namespace) -> list[Result]:
    speeds = [
        asyncio.run(store_speed.measure(options.stored, options.components))
        for _ in range(options.rounds)
    ]
    best = min(speeds, key=lambda speed: speed.ratio)
    return [
        told("store: devices with their components, first time", best.store_seconds, "s"),
        told("store: the same seen again, unchanged", best.unchanged_seconds, "s"),
        told("store: longest hold of the event loop", best.lag_ms, "ms"),
        at_most("store: first time : plain executemany", best.ratio, "x", 1.5),
    ]


BENCHES: dict[str, Callable[[argparse.Namespace], list[Result]]] = {
    "sweep": lambda options: sweep.measure(
        options.swept, rounds=options.rounds, personality=options.personality
    ),
    "poll": lambda options: poll.measure(options.polled, rounds=options.rounds),
    "memory": lambda options: memory.measure(options.held),
    "store": _store,
    "drivers": lambda options: drivers.measure(options.rounds),
}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.main", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=BENCHES, metavar="BENCH")
    parser.add_argument("--swept", type=int, default=600, help="BMCs in the sweep")
    parser.add_argument("--polled", type=int, default=1_000, help="BMCs in the poll")
    parser.add_argument("--held", type=int, default=1_000, help="devices the daemon holds")
    parser.add_argument("--stored", type=int, default=1_000, help="devices that are stored")
    parser.add_argument("--components", type=int, default=40, help="of each stored device")
    parser.add_argument("--personality", default="generic", help="whose BMCs are swept")
    parser.add_argument("--rounds", type=int, default=2, help="of each way; the best one counts")
    parser.add_argument("--output", type=Path, default=Path("build/bench.json"))
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
