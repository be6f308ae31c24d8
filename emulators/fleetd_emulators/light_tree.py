"""The small machine of a light-weight BMC, and its 30 documents."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from fleetd_emulators.hardware import Personality, Server
from fleetd_emulators.protocol.features import Expand, Features
from fleetd_emulators.protocol.problems import Json
from fleetd_emulators.protocol.services import ROOT, SESSIONS
from fleetd_emulators.servers.catalogue import server as catalogue_server
from fleetd_emulators.servers.documents import LAYOUTS, documents

MEMORY_MODULES: Final = 6
NIC_PORTS: Final = 2
DRIVES: Final = 2
FIRMWARE_ENTRIES: Final = 2
# Numbers that no fleet of full servers reaches, below the catalogue's last.
FIRST_NUMBER: Final = 1_005_000 - 60_000
FEATURES: Final = Features(expand=Expand.NONE, select=False, top_skip=False)
# What an inventory of a server reads; the rest of the tree is cut.
KINDS: Final = frozenset(
    {
        "ServiceRoot",
        "ComputerSystem",
        "Processor",
        "Memory",
        "Storage",
        "Drive",
        "Chassis",
        "Power",
        "Thermal",
        "Manager",
        "UpdateService",
        "SoftwareInventory",
    }
)


def light_server(personality: Personality, nth: int, name: str) -> Server:
    """A small machine: two processors, six modules, one NIC of two ports, two drives."""
    full = catalogue_server(personality, FIRST_NUMBER + nth, name=name, gpus=0)
    modules = [module for module in full.memory if module.capacity_bytes]
    # Where Power and Thermal are no resources, two more modules keep the count at 30.
    count = MEMORY_MODULES if LAYOUTS[personality].legacy_power else MEMORY_MODULES + 2
    adapter = full.adapters[0]
    controller = full.controllers[0]
    processors = full.processors * (2 // len(full.processors))
    return replace(
        full,
        powered_on=True,
        processors=tuple(
            replace(one, socket=f"CPU {number}") for number, one in enumerate(processors, start=1)
        ),
        memory=tuple(replace(modules[0], slot=f"DIMM{slot}") for slot in range(1, count + 1)),
        adapters=(replace(adapter, ports=adapter.ports[:NIC_PORTS]),),
        controllers=(replace(controller, drives=controller.drives[:DRIVES], volumes=()),),
    )


def light_tree(server: Server) -> dict[str, Json]:
    """The server's documents cut down to those that an inventory reads: 30 of them.

    Links to what was cut are cut too, so that whoever follows every link makes 30 GETs.
    """
    tree = documents(server)
    layout = LAYOUTS[server.personality]
    own = {layout.system_path, layout.chassis_path}
    kept = [path for path in tree if _is_inventory(path, tree, own)]
    firmware = [path for path in kept if "/FirmwareInventory/" in path]
    dropped = set(firmware[FIRMWARE_ENTRIES:])
    places = {path for path in kept if path not in dropped}
    tree[ROOT]["ProtocolFeaturesSupported"] = FEATURES.supported()
    return {path: _pruned(tree[path], places | {SESSIONS}) for path in tree if path in places}


def _is_inventory(path: str, tree: dict[str, Json], own: set[str]) -> bool:
    kind = str(tree[path].get("@odata.type", "")).partition(".")[0].lstrip("#")
    if kind in {"ComputerSystem", "Chassis"}:
        return path in own
    kind = kind.removesuffix("Collection")
    if kind == "EthernetInterface":
        return path.startswith(f"{ROOT}/Systems/")
    return kind in KINDS


def _pruned(value: Any, places: set[str]) -> Any:
    if isinstance(value, list):
        return [_pruned(item, places) for item in value if not _leads_away(item, places)]
    if not isinstance(value, dict):
        return value
    result = {
        key: _pruned(item, places) for key, item in value.items() if not _leads_away(item, places)
    }
    if "Members@odata.count" in result:
        result["Members@odata.count"] = len(result["Members"])
    return result


def _leads_away(value: Any, places: set[str]) -> bool:
    if not isinstance(value, dict) or value.keys() != {"@odata.id"}:
        return False
    target = str(value["@odata.id"]).partition("#")[0].rstrip("/")
    return target not in places
