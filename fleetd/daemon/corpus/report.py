"""The outcome of a survey: one JSON object for programs, a table for people."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from fleetd.daemon.corpus.count import KINDS
from fleetd.daemon.corpus.match import Score
from fleetd.daemon.corpus.survey import Outcome

_DIGITS: Final = 4
_EXAMPLES: Final = 5
_WIDTH: Final = 100_000


def as_json(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The numbers over all trees, and by tree everything that is known of it."""
    return {
        "trees": len(outcomes),
        "complete": sum(not one.gaps for one in outcomes),
        "inventoried": sum(_is_inventoried(one) for one in outcomes),
        "exceptions": sum(one.exception is not None for one in outcomes),
        "accuracy": accuracy(outcomes),
        "by_tree": [_tree(one) for one in outcomes],
    }


def accuracy(outcomes: Iterable[Outcome]) -> dict[str, float]:
    """By kind, the share of what was rightly found in all that is there or was claimed to be.

    Where there is nothing and nothing was claimed, all of it was found.
    """
    right: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for one in outcomes:
        for kind, score in one.scores.items():
            right[kind] += score.right
            every[kind] += score.all
    return {
        kind: round(right[kind] / every[kind], _DIGITS) if every[kind] else 1.0 for kind in KINDS
    }


def _is_inventoried(one: Outcome) -> bool:
    return one.error is None and one.exception is None


def _tree(one: Outcome) -> dict[str, Any]:
    return {
        "name": one.name,
        "complete": not one.gaps,
        "inventoried": _is_inventoried(one),
        "gaps": list(one.gaps),
        "error": one.error,
        "exception": one.exception,
        "driver": one.driver,
        "devices": list(one.devices),
        "resources": one.resources,
        "reachable": one.reachable,
        "requests": one.requests,
        "problems": one.problems,
        "seconds": round(one.seconds, _DIGITS),
        "counts": {
            kind: _score(score) for kind, score in one.scores.items() if score.all or score.aside
        },
        "irregularities": {
            kind: {"count": found.count, "example": found.example}
            for kind, found in one.irregularities.items()
        },
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "there": score.there,
        "found": score.right + len(score.invented),
        "right": score.right,
        "missing": list(score.missing),
        "invented": list(score.invented),
        "aside": list(score.aside),
    }


def print_report(outcomes: Sequence[Outcome]) -> None:
    """A line a tree, what each lacks or got wrong, its irregularities, and the sums."""
    console = Console(width=_WIDTH if not sys.stdout.isatty() else None, soft_wrap=True)
    for one in outcomes:
        console.print(_heading(one), markup=False, highlight=False)
        for line in _details(one):
            console.print(f"    {line}", markup=False, highlight=False)
    console.print(_sums(outcomes))
    told = as_json(outcomes)
    names = ("trees", "complete", "inventoried", "exceptions")
    console.print(", ".join(f"{told[name]} {name}" for name in names))


def _heading(one: Outcome) -> str:
    whole = "complete" if not one.gaps else "partial"
    if one.exception is not None:
        return f"{one.name}: {whole}, EXCEPTION {one.exception}"
    if one.error is not None:
        return f"{one.name}: {whole}, not inventoried ({one.error})"
    devices = ", ".join(one.devices) or "no device"
    return f"{one.name}: {whole}, {one.driver}, {devices}; {one.requests} requests"


def _details(one: Outcome) -> Iterable[str]:
    if one.gaps:
        yield f"lacks: {_several(one.gaps)}"
    counts = [
        f"{kind} {score.right}/{score.there}" for kind, score in one.scores.items() if score.all
    ]
    if counts:
        yield f"found: {', '.join(counts)}"
    for kind, score in one.scores.items():
        if score.missing:
            yield f"missing {kind}: {_several(score.missing)}"
        if score.invented:
            yield f"invented {kind}: {_several(score.invented)}"
    for kind, found in one.irregularities.items():
        yield f"irregular: {kind} {found.count}, first {found.example}"


def _several(texts: Sequence[str]) -> str:
    more = len(texts) - _EXAMPLES
    return ", ".join(texts[:_EXAMPLES]) + (f" and {more} more" if more > 0 else "")


def _sums(outcomes: Sequence[Outcome]) -> Table:
    table = Table(title="found against what is there, over all trees")
    for heading in ("kind", "there", "found", "right", "accuracy"):
        table.add_column(heading, justify="left" if heading == "kind" else "right")
    shares = accuracy(outcomes)
    for kind, share in shares.items():
        scores = [one.scores[kind] for one in outcomes if kind in one.scores]
        there, right = sum(item.there for item in scores), sum(item.right for item in scores)
        found = right + sum(len(item.invented) for item in scores)
        table.add_row(kind, str(there), str(found), str(right), f"{share:.4f}")
    return table
