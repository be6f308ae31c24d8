"""Drivers and quirks in words: for the API, for ``fleetctl driver``, and for docs/quirks.md."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from typing import Final

from fleetd.driverkit.effects import Effect, Hide, Lacks, Patch, Reads, Replace, Trait
from fleetd.driverkit.quirk import Quirk
from fleetd.driverkit.spec import Axis, Driver

_HEAD: Final = """# Drivers and their quirks

A driver is the code for one family of BMCs; a quirk is one named departure of that family from
the Redfish standard. This page is made from the drivers themselves (`make docs`); `fleetctl driver
explain DEVICE` says which of them hold for a device. Numbers such as DEL-080 are those of the
project's collection of facts about BMCs.

{drivers} drivers, {quirks} quirks.
"""


def effects_of(quirk: Quirk) -> tuple[str, ...]:
    """What the quirk changes, one line each; none where what fleetd does for every BMC meets it."""
    return tuple(_said(effect) for effect in quirk.effects)


def matches_of(driver: Driver) -> tuple[str, ...]:
    """What the driver claims, one line for each way to be claimed."""
    return tuple(str(match) for match in driver.alternatives)


def render_markdown(drivers: Iterable[Driver]) -> str:
    """docs/quirks.md."""
    known = sorted(drivers, key=lambda driver: driver.name)
    count = sum(len(driver.quirks) for driver in known)
    head = _HEAD.format(drivers=len(known), quirks=count)
    return "\n".join([head, *(line for driver in known for line in _driver(driver))])


def _driver(driver: Driver) -> Iterator[str]:
    kind = "Overlay" if driver.axis is Axis.BOARD else "Driver"
    yield f"## {driver.name}\n"
    yield f"{kind}: {driver.title}.\n"
    claims = matches_of(driver)
    if claims:
        yield "Claims what says:\n"
        yield from (f"- {_code(claim)}" for claim in claims)
        yield ""
    eras = dict.fromkeys(name for name, _ in driver.eras)
    if eras:
        yield f"Generations: {', '.join(eras)}.\n"
    for quirk in driver.quirks:
        yield from _quirk(quirk)


def _quirk(quirk: Quirk) -> Iterator[str]:
    yield f"### {quirk.id}\n"
    yield f"{quirk.title}.\n"
    rows = {
        "Standard": quirk.standard,
        "BMC": quirk.bmc,
        "fleetd": quirk.action,
        "Only": _code(quirk.limits) if quirk.limits else "",
        "Effect": "; ".join(effects_of(quirk)),
        "Source": quirk.source,
        "Test": f"`{quirk.test}`",
    }
    yield from (f"- {name}: {words}" for name, words in rows.items() if words)
    yield ""


def _code(text: str) -> str:
    return f"`{text}`"


def _said(effect: Effect) -> str:
    match effect:
        case Patch(resource, repair):
            return f"repairs {resource}: {_first_line(repair)}"
        case Trait(name, setting):
            return f"connects with {name} = {setting}"
        case Hide(resource, path):
            return f"leaves out {resource} at {path}"
        case Reads(resource, follow):
            return f"reads {follow.place} of {resource} as {follow.to}"
        case Replace(behaviour, by):
            return f"{behaviour.__name__} by {by.__name__}: {_first_line(by)}"
        case Lacks(behaviour):
            return f"has no {behaviour.__name__}"


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0].rstrip(".")
