"""DPUs: systems of their own, and the cards that a host shows for them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from fleetd.domain.device import Component, ComponentKind
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import macs, text
from fleetd.services.inventory.normalise_parts import part

_WORDS: Final = re.compile(r"bluefield|\bdpu\b|smartnic", re.IGNORECASE)


def named_as_dpu(*words: str | None) -> bool:
    """The words that a maker gives say that it's a DPU."""
    return any(_WORDS.search(word) for word in words if word)


def is_dpu(system: Resource) -> bool:
    """The System is a DPU: it says so (DSP0268 'SystemType'), or its model or Id does."""
    declared = text(system.body, "SystemType")
    return declared == "DPU" or named_as_dpu(system.last, text(system.body, "Model"))


def with_dpus(
    found: Iterable[Component], systems: Iterable[tuple[Resource, Iterable[Resource]]]
) -> list[Component]:
    """A host's components, with every DPU once, also where only its adapter or system is shown.

    Args:
        found: The host's components.
        systems: The systems of DPUs at the host's own BMC, each with its network interfaces.
    """
    parts = list(found)
    cards = [item for item in parts if item.kind is ComponentKind.DPU]
    adapters = [_of_adapter(nic, parts) for nic in parts if _is_adapter_of_dpu(nic)]
    told = [*adapters, *(_of_system(system, own) for system, own in systems)]
    known: list[Component] = []
    for dpu in (*cards, *told):
        same = next((item for item in known if _same(item, dpu)), None)
        if same is None:
            known.append(dpu)
        else:
            known[known.index(same)] = _filled(same, dpu)
    return [item for item in parts if item.kind is not ComponentKind.DPU] + known


def _is_adapter_of_dpu(nic: Component) -> bool:
    return nic.kind is ComponentKind.NIC and named_as_dpu(nic.model, nic.name)


def _same(known: Component, dpu: Component) -> bool:
    """By their serial; one without, shown at another place, may be any that is known."""
    if known.serial is None or dpu.serial is None:
        return known.key.split("/")[0] != dpu.key.split("/")[0] or _place(known) != _place(dpu)
    return known.serial == dpu.serial


def _place(dpu: Component) -> str:
    return dpu.key.rpartition("/")[0]


def _filled(known: Component, dpu: Component) -> Component:
    return replace(known, attributes={**dpu.attributes, **known.attributes})


def _of_adapter(nic: Component, parts: list[Component]) -> Component:
    own = {
        mac
        for port in parts
        if port.kind is ComponentKind.PORT and port.attributes.get("nic") == nic.key
        for name in ("mac", "permanent_mac")
        if (mac := port.attributes.get(name))
    }
    told = {"slot": nic.attributes.get("slot"), "macs": sorted(own)}
    attributes = {name: value for name, value in told.items() if value}
    return replace(nic, kind=ComponentKind.DPU, attributes=attributes)


def _of_system(system: Resource, interfaces: Iterable[Resource]) -> Component:
    own = {
        mac for item in interfaces for mac in macs(item.body, "PermanentMACAddress", "MACAddress")
    }
    return part(
        ComponentKind.DPU,
        system.key,
        system.body,
        name=text(system.body, "Name") or system.last,
        attributes={"macs": sorted(own) or None},
    )
