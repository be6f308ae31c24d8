"""Where a resource of a personality's tree lives in sushy-tools, and what is taken from there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fleetd_emulators.servers.documents import ROOT, Document, Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One kind of resource; ``live`` are dotted names of what sushy-tools knows better."""

    pattern: re.Pattern[str]
    target: str
    live: tuple[str, ...] = ()


class Routes:
    """The routes of one personality."""

    def __init__(self, layout: Layout) -> None:
        self._routes = tuple(_routes(layout))

    def find(self, path: str) -> tuple[str, Route] | None:
        """The path in sushy-tools and the route, where it has such a resource."""
        for route in self._routes:
            match = route.pattern.fullmatch(path)
            if match is not None:
                return route.target + "".join(match.groups()), route
        return None


def _routes(layout: Layout) -> list[Route]:
    system = f"{ROOT}/Systems/{layout.system}"
    below = re.escape(layout.system_path)
    one = r"(/[^/]+)"

    def route(pattern: str, target: str, *live: str) -> Route:
        return Route(pattern=re.compile(pattern), target=target, live=live)

    return [
        route(
            below,
            system,
            "PowerState",
            "IndicatorLED",
            "BiosVersion",
            "Boot.BootSourceOverrideTarget",
            "Boot.BootSourceOverrideMode",
            "MemorySummary.TotalSystemMemoryGiB",
            "ProcessorSummary.Count",
        ),
        route(below + r"(/Processors)", system),
        route(
            below + r"(/Processors)" + one,
            system,
            *("Socket", "Manufacturer", "Model", "TotalCores", "TotalThreads"),
        ),
        route(below + r"(/EthernetInterfaces)", system),
        route(below + r"(/EthernetInterfaces)" + one, system, "MACAddress", "PermanentMACAddress"),
        route(below + r"(/SimpleStorage)" + one, system),
        route(below + r"(/Storage)", system),
        route(below + r"(/Storage)" + one, system),
        route(
            below + r"(/Storage)" + one + r"(/Drives)" + one, system, "CapacityBytes", "Protocol"
        ),
        route(below + r"(/Storage)" + one + r"(/Volumes)", system, "Members@odata.count"),
        route(below + r"(/Storage)" + one + r"(/Volumes)" + one, system, "Name", "CapacityBytes"),
        route(below + r"(/SecureBoot)", system, "SecureBootEnable"),
        route(re.escape(layout.bios_path), f"{system}/BIOS", "Attributes"),
        route(re.escape(layout.bios_settings_path), f"{system}/BIOS/Settings"),
        route(re.escape(layout.media_path), f"{system}/VirtualMedia"),
        route(
            re.escape(layout.media_path) + one,
            f"{system}/VirtualMedia",
            *("Image", "ImageName", "Inserted", "WriteProtected", "UserName", "VerifyCertificate"),
        ),
        route(re.escape(layout.chassis_path), f"{ROOT}/Chassis/{layout.chassis}", "IndicatorLED"),
        route(
            re.escape(layout.manager_path),
            f"{ROOT}/Managers/{layout.manager}",
            *("DateTime", "DateTimeLocalOffset"),
        ),
        route(f"{ROOT}/UpdateService", f"{ROOT}/UpdateService", "ServiceEnabled"),
        route(f"{ROOT}/TaskService", f"{ROOT}/TaskService", "ServiceEnabled"),
    ]


def overlay(document: Document, served: Document, route: Route) -> Document:
    """The personality's document with the live values of sushy-tools in it."""
    merged = dict(document)
    for dotted in route.live:
        section, _, name = dotted.rpartition(".")
        source = served.get(section, {}) if section else served
        if name not in source or (not section and name not in document):
            continue
        if section:
            merged[section] = dict(merged.get(section, {}))
        into = merged[section] if section else merged
        into[name] = _as_in_document(into.get(name), source[name])
    return merged


def _as_in_document(present: object, served: object) -> object:
    """sushy-tools writes counts as strings and absence as an empty string."""
    if isinstance(present, int) and isinstance(served, str) and served.isdigit():
        return int(served)
    if present is None and served in ("", "None"):
        return None
    return served
