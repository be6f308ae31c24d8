"""One tree after another: inventoried over HTTP, counted from its files, and held together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from fleetd.daemon.corpus.complete import gaps
from fleetd.daemon.corpus.count import count
from fleetd.daemon.corpus.found import found
from fleetd.daemon.corpus.inventory import client, inventory, served
from fleetd.daemon.corpus.irregular import Irregularity, irregularities
from fleetd.daemon.corpus.match import Score, score
from fleetd.daemon.corpus.tree import Captured, Place
from fleetd.daemon.corpus.walk import Reached, walk
from fleetd.domain.device import Description
from fleetd.domain.errors import DeviceError
from fleetd.domain.inventory import Reading
from fleetd.driverkit.registry import Registry
from fleetd.redfish.client import RedfishClient

_BATCH: Final = 64  # trees that are served at once: each needs a listening socket


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One tree: what is there, what was found, and what went wrong.

    ``gaps`` says what the capture lacks; without any it is complete. ``error`` is why it could
    not be inventoried, ``exception`` a defect of ours.
    """

    name: str
    resources: int
    reachable: int
    gaps: tuple[str, ...]
    driver: str | None = None
    devices: tuple[str, ...] = ()
    requests: int = 0
    seconds: float = 0.0
    problems: int = 0
    scores: dict[str, Score] = field(default_factory=dict)
    irregularities: dict[str, Irregularity] = field(default_factory=dict)
    error: str | None = None
    exception: str | None = None


async def survey(places: Sequence[Place], say: Callable[[Outcome], None]) -> None:
    """Go through the trees, one at a time, and say of each how it went.

    Raises:
        ConfigError: They can't be served.
    """
    registry = Registry.load()
    async with client() as one:
        for start in range(0, len(places), _BATCH):
            batch = places[start : start + _BATCH]
            async with served(batch) as urls:
                for place, url in zip(batch, urls, strict=True):
                    say(await _outcome(one, registry, place, url))


async def _outcome(one: RedfishClient, registry: Registry, place: Place, url: str) -> Outcome:
    outcome = Outcome(name=place.name, resources=0, reachable=0, gaps=("it can't be counted",))
    try:
        tree = Captured(place)
        reached = walk(tree)
        outcome = _unread(place, tree, reached)
        return _read(outcome, reached, await inventory(one, registry, url, place.name))
    except DeviceError as error:
        return replace(outcome, error=f"{error.code}: {error.reason}")
    except Exception as error:  # noqa: BLE001 - to find these is what this is for
        return replace(outcome, exception=repr(error))


def _unread(place: Place, tree: Captured, reached: Reached) -> Outcome:
    """What the files say, with everything that is there still missing."""
    return Outcome(
        name=place.name,
        resources=len(tree.bodies) + len(tree.unreadable),
        reachable=len(reached.nodes),
        gaps=gaps(tree, reached),
        scores=_scores(reached, ()),
        irregularities=irregularities(tree),
    )


def _read(unread: Outcome, reached: Reached, reading: Reading) -> Outcome:
    return replace(
        unread,
        driver=reading.driver,
        devices=tuple(f"{item.kind} {item.name}" for item in reading.descriptions),
        requests=reading.requests,
        seconds=reading.seconds,
        problems=len(reading.problems),
        scores=_scores(reached, reading.descriptions),
    )


def _scores(reached: Reached, descriptions: Sequence[Description]) -> dict[str, Score]:
    there = count(reached)
    claimed = found(descriptions, frozenset(item.key for item in there["switch_ports"]))
    return {
        kind: score(items, [item for item in claimed if item.kind == kind])
        for kind, items in there.items()
    }
