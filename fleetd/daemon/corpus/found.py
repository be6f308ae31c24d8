"""What an inventory found, in the form of the independent count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fleetd.daemon.corpus.item import Item, mac
from fleetd.daemon.corpus.machines import owner
from fleetd.daemon.corpus.tree import ROOT
from fleetd.domain.device import Component, ComponentKind, Description, DeviceKind

_KINDS: Final = {
    ComponentKind.PROCESSOR: "processors",
    ComponentKind.GPU: "gpus",
    ComponentKind.MEMORY: "memory",
    ComponentKind.DRIVE: "drives",
    ComponentKind.VOLUME: "volumes",
    ComponentKind.STORAGE_POOL: "storage_pools",
    ComponentKind.PSU: "psus",
    ComponentKind.FAN: "fans",
    ComponentKind.OUTLET: "outlets",
    ComponentKind.BMC: "managers",
    ComponentKind.FIRMWARE: "firmware",
}
# What serves several devices at once is rightly a part of each.
_SHARED: Final = frozenset({"managers", "firmware"})


def found(descriptions: Iterable[Description], switch_ports: frozenset[str]) -> list[Item]:
    """Every component once; one that two devices claim is there once too often.

    Args:
        descriptions: The devices at an endpoint.
        switch_ports: The keys of the ports that the count knows as a switch's.
    """
    items: list[Item] = []
    seen: set[tuple[str, str]] = set()
    for device in descriptions:
        for part in device.components:
            item = _item(device.kind, part, switch_ports)
            if item is None or ((item.kind, item.key) in seen and _may_be_shared(item)):
                continue
            seen.add((item.kind, item.key))
            items.append(item)
    return items


def _may_be_shared(item: Item) -> bool:
    """A resource block may be composed into several systems at once (DSP2050)."""
    return item.kind in _SHARED or owner(item.path)[0] == "resourceblocks"


def _item(device: DeviceKind, part: Component, switch_ports: frozenset[str]) -> Item | None:
    path = part.key if part.key.startswith("/") else f"{ROOT}/{part.key}"
    wide = part.attributes.get("wwn")
    names = frozenset({f"serial:{part.serial}", f"wwn:{wide}"} - {"serial:None", "wwn:None"})
    if part.kind is not ComponentKind.PORT:
        kind = _KINDS.get(part.kind)
        return None if kind is None else Item(kind=kind, path=path, names=names)
    item = Item(kind="ports", path=path, names=_macs(part))
    if item.key in switch_ports or (device is DeviceKind.SWITCH and "nic" not in part.attributes):
        return Item(kind="switch_ports", path=path)
    return item if item.names else None


def _macs(part: Component) -> frozenset[str]:
    written = (part.attributes.get("mac"), part.attributes.get("permanent_mac"))
    return frozenset(f"mac:{known}" for value in written if (known := mac(value)))
