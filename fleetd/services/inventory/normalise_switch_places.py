"""Where a switch stands: a device of its own, with a computer of its own, or inside a device."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from fleetd.domain.device import Json
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import canonical, is_absent, links, number, text, value
from fleetd.services.inventory.read_walk import Walk

_KINDS: Final = ("Switch", "EthernetSwitch", "NetworkDevice")
_INSIDE_A_SERVER: Final = frozenset({"PCIe", "NVLink", "SAS", "SATA", "UPI", "CXL", "QPI"})
# A fabric that several hosts share through nameless switches joins the hosts, not their parts.
_BETWEEN_HOSTS: Final = frozenset({"CXL"})
_BOOTS: Final = ("Boot/BootSourceOverrideTarget", "Boot/BootSourceOverrideEnabled")


def can_boot(body: Mapping[str, Json]) -> bool:
    """A ComputerSystem that starts by itself; a baseboard of accelerators doesn't."""
    actions = body.get("Actions")
    resets = isinstance(actions, dict) and "#ComputerSystem.Reset" in actions
    # "None" is a target that can be chosen, so it's no placeholder here.
    return resets or any(value(body, place) is not None for place in _BOOTS)


def switch_computer(walk: Walk) -> Resource | None:
    """The one System, where it's no server but the computer inside of a switch.

    It says that it has no processor and no memory beside a fabric's switches (NVLink trays), or
    sits in the very chassis of an EthernetSwitch (Intel Rack Scale Design's switches).
    """
    systems = _systems(walk)
    if len(systems) != 1:
        return None
    body = systems[0].body
    processors = number(body, "ProcessorSummary/Count")
    memory = number(body, "MemorySummary/TotalSystemMemoryGiB")
    empty = processors == 0 and memory == 0 and walk.of_kind("Switch")
    homes = _homes(systems[0])
    shared = any(homes & _homes(switch) for switch in walk.of_kind("EthernetSwitch"))
    return systems[0] if empty or shared else None


def all_switches(walk: Walk) -> tuple[Resource, ...]:
    """Every switch at the endpoint that isn't an empty slot."""
    return tuple(item for item in walk.of_kind(*_KINDS) if not is_absent(item.body))


def standing_switches(walk: Walk) -> tuple[Resource, ...]:
    """The switches that are devices; those that only join a server's own parts are not."""
    if switch_computer(walk) is not None:
        return ()
    hosts = _hosts(walk)
    return tuple(item for item in all_switches(walk) if not _is_part(item, hosts))


def _is_part(switch: Resource, hosts: list[Resource]) -> bool:
    if not hosts:
        return False
    declared = text(switch.body, "SwitchType")
    nameless = text(switch.body, "SerialNumber") is None
    if len(hosts) == 1:
        return declared in _INSIDE_A_SERVER or nameless
    if any(_homes(switch) & _homes(host) for host in hosts):
        return True
    return nameless and declared in _INSIDE_A_SERVER - _BETWEEN_HOSTS


def switches_inside(walk: Walk, main: Resource, chassis: Iterable[Resource]) -> Iterator[Resource]:
    """The switches inside a device: those of its chassis; the only host has all homeless ones."""
    if switch_computer(walk) is not None:
        return
    standing = {item.path for item in standing_switches(walk)}
    mine = {canonical(item.path) for item in chassis}
    hosts = [item.path for item in _hosts(walk)]
    for switch in all_switches(walk):
        if switch.path in standing:
            continue
        homes = _homes(switch)
        homeless = not any(walk.documents.get(path) for path in homes)
        if homes & mine or (homeless and hosts == [main.path]):
            yield switch


def _systems(walk: Walk) -> list[Resource]:
    return [item for item in walk.of_kind("ComputerSystem") if not is_absent(item.body)]


def _hosts(walk: Walk) -> list[Resource]:
    """The systems that start by themselves; all of them where none says so."""
    systems = _systems(walk)
    return [item for item in systems if can_boot(item.body)] or systems


def _homes(resource: Resource) -> set[str]:
    return {canonical(path) for path in links(resource.body, "Links/Chassis")}
