"""What a benchmark says: values with bounds, as a table and as build/bench.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One value; ``bound`` reads like ``<= 1.5``, and None is for information only."""

    name: str
    value: float
    unit: str
    bound: str | None
    ok: bool


def at_most(name: str, value: float, unit: str, bound: float) -> Result:
    """A value that must not be larger."""
    return Result(name=name, value=value, unit=unit, bound=f"<= {bound:g}", ok=value <= bound)


def at_least(name: str, value: float, unit: str, bound: float) -> Result:
    """A value that must not be smaller."""
    return Result(name=name, value=value, unit=unit, bound=f">= {bound:g}", ok=value >= bound)


def told(name: str, value: float, unit: str) -> Result:
    """A value without a bound."""
    return Result(name=name, value=value, unit=unit, bound=None, ok=True)


def show(results: Sequence[Result], console: Console) -> None:
    """Print the table."""
    table = Table(title="fleetd benchmarks")
    table.add_column("what")
    table.add_column("value", justify="right")
    table.add_column("unit")
    table.add_column("bound", justify="right")
    table.add_column("")
    for one in results:
        mark = "" if one.bound is None else "[green]ok[/]" if one.ok else "[red]missed[/]"
        table.add_row(one.name, f"{one.value:.2f}", one.unit, one.bound or "", mark)
    console.print(table)


def write(results: Sequence[Result], path: Path) -> None:
    """Write the values, exactly as measured, for machines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(one) for one in results], indent=2) + "\n")
