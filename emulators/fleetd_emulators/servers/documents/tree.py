"""The growing tree of documents of one service, and the ids of one server's parts in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fleetd_emulators.hardware import (
    Drive,
    MemoryModule,
    NetworkAdapter,
    NetworkPort,
    Server,
    StorageController,
    Volume,
)
from fleetd_emulators.servers.documents.layout import Layout

Document = dict[str, Any]

OK: Document = {"State": "Enabled", "Health": "OK"}
OK_ROLLUP: Document = {"State": "Enabled", "Health": "OK", "HealthRollup": "OK"}


def locators(layout: Layout) -> Document:
    """The locator light, unlit, under the names that the OEM has for it."""
    unlit: Document = {"IndicatorLED": "Off", "LocationIndicatorActive": False}
    return {name: unlit[name] for name in layout.locators}


def slug(text: str) -> str:
    """Lower-case letters and digits of a slot's name, as services make ids of them."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


class Tree:
    """Documents by path; a path has no trailing slash, links are written as the OEM does."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.documents: dict[str, Document] = {}

    def link(self, path: str) -> Document:
        """A reference to the resource at the path."""
        return {"@odata.id": self._layout.href(path)}

    def links(self, paths: list[str]) -> list[Document]:
        """References to several resources."""
        return [self.link(path) for path in paths]

    def reset_action(
        self, path: str, kind: str, *, types: Sequence[str], in_info: bool
    ) -> Document:
        """The Reset of a resource, its types beside it or in an ActionInfo of their own."""
        action: Document = {"target": self._layout.href(f"{path}/Actions/{kind}.Reset")}
        if not in_info:
            action["ResetType@Redfish.AllowableValues"] = list(types)
            return action
        info = f"{path}/ResetActionInfo"
        parameter = {
            "Name": "ResetType",
            "Required": True,
            "DataType": "String",
            "AllowableValues": list(types),
        }
        self.add(info, "ActionInfo.v1_1_2", "Reset Action Info", Parameters=[parameter])
        action["@Redfish.ActionInfo"] = self._layout.href(info)
        return action

    def add(
        self, path: str, schema: str, name: str, identity: str | None = None, **properties: Any
    ) -> Document:
        """Put a resource at the path; ``schema`` is ``Type.vX_Y_Z``."""
        kind = schema.partition(".")[0]
        document: Document = {
            "@odata.type": f"#{schema}.{kind}",
            "@odata.id": self._layout.href(path),
            "Id": path.rpartition("/")[2] if identity is None else identity,
            "Name": name,
            **properties,
        }
        self.documents[path] = document
        return document

    def collect(self, path: str, kind: str, name: str, members: list[str]) -> Document:
        """Put a collection of ``kind`` at the path; members are paths."""
        document: Document = {
            "@odata.type": f"#{kind}Collection.{kind}Collection",
            "@odata.id": self._layout.href(path),
            "Name": name,
            "Members": self.links(members),
            "Members@odata.count": len(members),
        }
        self.documents[path] = document
        return document

    def set_default(self, path: str, **properties: Any) -> None:
        """Merge top-level properties into the document at the path."""
        self.documents[path].update(properties)


@dataclass(frozen=True, slots=True)
class Names:
    """The paths of one server's parts in its own OEM's words."""

    server: Server
    layout: Layout

    def processor(self, index: int) -> str:
        """Path of a CPU."""
        name = self.layout.processor.format(socket=index + 1, index=index)
        return f"{self.layout.system_path}/Processors/{name}"

    def accelerator(self, index: int) -> str:
        """Path of a GPU seen as a processor."""
        card = self.server.accelerators[index]
        return f"{self.layout.system_path}/Processors/{card.slot}"

    def memory(self, index: int, module: MemoryModule) -> str:
        """Path of a DIMM."""
        name = self.layout.memory.format(
            slot=module.slot, slug=slug(module.slot), number=index + 1, index=index
        )
        return f"{self.layout.system_path}/Memory/{name}"

    def adapter(self, index: int) -> str:
        """Path of a network adapter."""
        slot = self.server.adapters[index].slot
        name = self.layout.adapter.format(slot=slot, index=index, number=index + 1)
        return f"{self.layout.chassis_path}/NetworkAdapters/{name}"

    def port(self, index: int, port: NetworkPort) -> str:
        """Path of a port of the adapter at ``index``."""
        return f"{self.adapter(index)}/Ports/{self._port_id(self.layout.port, index, port)}"

    def function(self, index: int, port: NetworkPort) -> str:
        """Path of the port's network device function."""
        name = self._port_id(self.layout.function, index, port)
        return f"{self.adapter(index)}/NetworkDeviceFunctions/{name}"

    def ethernet(self, index: int, port: NetworkPort) -> str:
        """Path of the port's host-side Ethernet interface."""
        name = self._port_id(self.layout.ethernet, index, port)
        return f"{self.layout.system_path}/EthernetInterfaces/{name}"

    def storage(self, index: int, controller: StorageController) -> str:
        """Path of the storage subsystem of a controller."""
        name = self.layout.storage.format(slot=controller.slot, index=index, number=index + 1)
        return f"{self.layout.system_path}/Storage/{name}"

    def drive(self, controller_index: int, drive_index: int, drive: Drive) -> str:
        """Path of a drive, below the storage subsystem."""
        storage = self.storage(controller_index, self.server.controllers[controller_index])
        name = self.layout.drive.format(
            bay=drive.bay,
            slug=slug(drive.bay),
            index=drive_index,
            storage=storage.rpartition("/")[2],
        )
        return f"{storage}/Drives/{name}"

    def volume(self, controller_index: int, volume: Volume) -> str:
        """Path of a volume."""
        storage = self.storage(controller_index, self.server.controllers[controller_index])
        return f"{storage}/Volumes/{volume.number}"

    def supply(self, index: int) -> str:
        """Path of a power supply in the PowerSubsystem."""
        name = self.layout.supply.format(index=index, number=index + 1)
        return f"{self.layout.chassis_path}/PowerSubsystem/PowerSupplies/{name}"

    def fan(self, index: int) -> str:
        """Path of a fan in the ThermalSubsystem."""
        name = self.layout.fan.format(index=index, number=index + 1)
        return f"{self.layout.chassis_path}/ThermalSubsystem/Fans/{name}"

    def interface_number(self, index: int, port: NetworkPort) -> int:
        """The port's position among all host-side ports, from 1."""
        before: tuple[NetworkAdapter, ...] = self.server.adapters[:index]
        own = self.server.adapters[index].ports.index(port)
        return sum(len(adapter.ports) for adapter in before) + own + 1

    def _port_id(self, template: str, index: int, port: NetworkPort) -> str:
        position = self.interface_number(index, port)
        return template.format(
            adapter=self.adapter(index).rpartition("/")[2],
            number=port.number,
            index=self.server.adapters[index].ports.index(port),
            interface=position,
            interface0=position - 1,
        )
