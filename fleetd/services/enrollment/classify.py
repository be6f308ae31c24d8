"""Applies the classification's rules to facts: pure, and the same facts give the same class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final, TypeVar

from fleetd.config.classification import (
    Bounds,
    Classification,
    PortClass,
    PortConditions,
    PortRule,
    ServerClass,
    ServerConditions,
)
from fleetd.services.enrollment.facts import GB, GIB, PortFacts, ServerFacts

T = TypeVar("T")
K = TypeVar("K", bound=str)
V = TypeVar("V")

_TEXTS: Final[Mapping[str, Callable[[ServerFacts], Sequence[str]]]] = {
    "vendor": lambda facts: (facts.vendor,),
    "manufacturer": lambda facts: (facts.manufacturer,),
    "model": lambda facts: (facts.model,),
    "sku": lambda facts: (facts.sku,),
    "serial": lambda facts: (facts.serial,),
    "architecture": lambda facts: (facts.architecture,),
    "site": lambda facts: (facts.site,),
    "rack": lambda facts: (facts.rack,),
    "gpu": lambda facts: facts.gpus,
    "processor": lambda facts: facts.processors,
}
_NUMBERS: Final[Mapping[str, Callable[[ServerFacts], float]]] = {
    "gpus": lambda facts: len(facts.gpus),
    "processors": lambda facts: len(facts.processors),
    "threads": lambda facts: facts.threads,
    "memory_gib": lambda facts: facts.memory_bytes / GIB,
    "drives": lambda facts: len(facts.drive_bytes),
    "nvme_drives": lambda facts: facts.nvme_drives,
    "storage_gb": lambda facts: sum(facts.drive_bytes) / GB,
    "port_gbps": lambda facts: facts.fastest_gbps,
}
_PORT_TEXTS: Final[Mapping[str, Callable[[PortFacts], str]]] = {
    "switch": lambda port: port.switch_name or "",
    "switch_port": lambda port: port.switch_port or "",
    "nic": lambda port: port.nic,
    "number": lambda port: port.number,
}


def classify(facts: ServerFacts, classification: Classification) -> ServerClass:
    """The class of a server: what every rule that holds for it gives, then the defaults."""
    given = [rule.set for rule in classification.rules if _holds(rule.when, facts)]
    given.append(classification.defaults)
    return ServerClass(
        resource_class=_first(one.resource_class for one in given),
        traits=tuple(sorted({trait for one in given for trait in one.traits})),
        properties=_merged(one.properties for one in given),
        capabilities=_merged(one.capabilities for one in given),
        conductor_group=_first(one.conductor_group for one in given),
        owner=_first(one.owner for one in given),
        drivers=_first(one.drivers for one in given),
        interfaces=_merged(one.interfaces for one in given),
    )


def classify_port(port: PortFacts, *, site: str, rules: Iterable[PortRule]) -> PortClass:
    """The class of one port of a server at ``site``."""
    given = [rule.set for rule in rules if _port_holds(rule.when, port, site)]
    return PortClass(
        physical_network=_first(one.physical_network for one in given),
        pxe_enabled=_first(one.pxe_enabled for one in given),
    )


def _holds(when: ServerConditions, facts: ServerFacts) -> bool:
    texts = all(_any_like(getattr(when, name), read(facts)) for name, read in _TEXTS.items())
    numbers = all(_within(getattr(when, name), read(facts)) for name, read in _NUMBERS.items())
    labels = all(
        _any_like((pattern,), (facts.labels.get(name, ""),))
        for name, pattern in when.labels.items()
    )
    return texts and numbers and labels


def _port_holds(when: PortConditions, port: PortFacts, site: str) -> bool:
    texts = all(_any_like(getattr(when, name), (read(port),)) for name, read in _PORT_TEXTS.items())
    link = when.link_up is None or when.link_up == port.link_up
    return texts and link and _any_like(when.site, (site,)) and _within(when.gbps, port.gbps)


def _any_like(patterns: Sequence[str] | None, values: Sequence[str]) -> bool:
    """No condition, or any value fits any pattern; an unknown value fits none, not even ``*``."""
    if patterns is None:
        return True
    return any(
        fnmatchcase(value.casefold(), pattern.casefold())
        for value in values
        if value
        for pattern in patterns
    )


def _within(bounds: Bounds | None, value: float) -> bool:
    if bounds is None:
        return True
    above = bounds.min is None or value >= bounds.min
    return above and (bounds.max is None or value <= bounds.max)


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _merged(mappings: Iterable[Mapping[K, V]]) -> dict[K, V]:
    merged: dict[K, V] = {}
    for mapping in mappings:
        for key, value in mapping.items():
            merged.setdefault(key, value)
    return merged
