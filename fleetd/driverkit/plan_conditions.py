"""When a link pays to be followed: conditions of the plan, on the resource that holds the link."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from fleetd.domain.device import Json
from fleetd.driverkit.payload import text, value_within

_ACCELERATOR: Final = re.compile(
    r"nvidia|\bgpu\b|instinct|tesla|radeon|accelerat|gaudi|habana|xilinx|alveo|3d controller"
    r"|bluefield|\bdpu\b|smartnic",
    re.IGNORECASE,
)
_STORAGE_NETWORKS: Final = frozenset(
    {"NVMeOverFabrics", "iSCSI", "FC", "FCP", "FCoE", "iWARP", "RoCE", "RoCEv2", "InfiniBand"}
)


def may_be_accelerator(body: Mapping[str, Json]) -> bool:
    """A PCIe device's own words hint at a GPU or another accelerator."""
    words = " ".join(
        found
        for name in ("Name", "Model", "Manufacturer", "Description", "DeviceType")
        if (found := text(body, name))
    )
    return bool(_ACCELERATOR.search(words))


def joins_storage(body: Mapping[str, Json]) -> bool:
    """A fabric over which hosts reach storage, so that its endpoints tell who sees what."""
    return text(body, "FabricType") in _STORAGE_NETWORKS


def names_sources(body: Mapping[str, Json]) -> bool:
    """The capacity sources are links only; most services write them out where they are used."""
    said = body.get("CapacitySources")
    listed = said if isinstance(said, list) else [said]
    return any(isinstance(item, dict) and item.keys() <= {"@odata.id"} for item in listed)


def links_providers(body: Mapping[str, Json]) -> bool:
    """A source that is written out links what provides it, and doesn't write that out too."""
    for place in ("ProvidingDrives", "ProvidingPools"):
        found = value_within(body, f"CapacitySources/{place}")
        listed = found if isinstance(found, list) else [found]
        if any(isinstance(item, dict) and "Members" not in item for item in listed):
            return True
    return False
