"""A backend over living documents: a device mutates them, clients read, patch and act on them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fleetd_emulators.protocol.exchange import Request, Response
from fleetd_emulators.protocol.problems import (
    Json,
    bad_json,
    json_response,
    not_allowed,
    not_found,
    parse_object,
    problem,
)

ROOT: Final = "/redfish/v1"
OK: Final = {"State": "Enabled", "Health": "OK"}

Act = Callable[[Json], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a piece of rack equipment says of itself, and where it stands."""

    name: str
    manufacturer: str
    model: str
    part_number: str
    serial: str
    asset_tag: str
    uuid: str
    firmware: str
    mac: str
    rack: str
    unit: int


def link(path: str) -> Json:
    """A reference to the resource at the path."""
    return {"@odata.id": path}


def invalid(name: str, value: object) -> Response:
    """A property or parameter has a value that the device does not take."""
    return problem(
        HTTPStatus.BAD_REQUEST,
        "PropertyValueNotInList",
        f"The value '{value}' for the property {name} is not in the list of acceptable values.",
    )


class Resources:
    """Documents by path, and what POST, PATCH and DELETE do there; a device subclasses it."""

    def __init__(self) -> None:
        self.documents: dict[str, Json] = {}
        self._posts: dict[str, Act] = {}
        self._patches: dict[str, Act] = {}
        self._deletes: dict[str, Act] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, path: str, schema: str, name: str, **properties: object) -> Json:
        """Put a resource at the path; ``schema`` is ``Type.vX_Y_Z``; the last segment is its Id."""
        document: Json = {
            "@odata.id": path,
            "@odata.type": f"#{schema}.{schema.partition('.')[0]}",
            "Id": path.rpartition("/")[2],
            "Name": name,
            **properties,
        }
        self.documents[path] = document
        return document

    def collect(self, path: str, kind: str, members: list[str]) -> None:
        """Put a collection of ``kind`` with these members at the path."""
        self.documents[path] = {
            "@odata.id": path,
            "@odata.type": f"#{kind}Collection.{kind}Collection",
            "Name": f"{kind} Collection",
            "Members": [link(member) for member in members],
            "Members@odata.count": len(members),
        }

    def join(self, collection: str, member: str) -> None:
        """Add a member to a collection."""
        document = self.documents[collection]
        document["Members"].append(link(member))
        document["Members@odata.count"] = len(document["Members"])

    def leave(self, collection: str, member: str) -> None:
        """Take a member out of a collection; its resource stays."""
        document = self.documents[collection]
        document["Members"].remove(link(member))
        document["Members@odata.count"] = len(document["Members"])

    def part(self, collection: str, member: str) -> None:
        """Take a member out of its collection and remove its resource."""
        self.leave(collection, member)
        del self.documents[member]

    def on_post(self, path: str, act: Act) -> None:
        """Let POST to the path (an action's target, a collection) do this."""
        self._posts[path] = act

    def on_patch(self, path: str, act: Act) -> None:
        """Let PATCH of the path do this."""
        self._patches[path] = act

    def on_delete(self, path: str, act: Act) -> None:
        """Let DELETE of the path do this."""
        self._deletes[path] = act

    def forget(self, path: str) -> None:
        """Let nothing happen at the path any more; its resource is gone."""
        for table in (self._posts, self._patches, self._deletes):
            table.pop(path, None)

    def start(self, work: Coroutine[None, None, None], name: str) -> None:
        """Run something that takes the device time; ``close`` ends it."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def refresh(self) -> None:
        """Bring what changes with time up to date; called before every GET."""

    async def handle(self, request: Request) -> Response:
        """Answer as DSP0266 says."""
        if request.method == "GET":
            await self.refresh()
            document = self.documents.get(request.path)
            if document is not None:
                return json_response(document)
        return await self._change(request)

    async def close(self) -> None:
        """End what is under way."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def _change(self, request: Request) -> Response:
        path = request.path
        tables = {"POST": self._posts, "PATCH": self._patches, "DELETE": self._deletes}
        act = tables.get(request.method, {}).get(path)
        if act is None:
            if path not in self.documents and path not in self._posts:
                return not_found(path)
            allowed = [method for method, table in tables.items() if path in table]
            if path in self.documents:
                allowed = ["GET", "HEAD", *allowed]
            return not_allowed(request.method, path, ", ".join(allowed))
        body = parse_object(request.body or b"{}")
        return bad_json() if body is None else await act(body)


def add_equipment(device: Resources, schema: str, kind: str, unit: str) -> None:
    """The root's PowerEquipment or ThermalEquipment, with this one unit of that kind in it."""
    place, _, _ = unit.rpartition("/")
    holder, _, name = place.rpartition("/")
    equipment = holder.rpartition("/")[2]
    device.documents[ROOT][equipment] = link(holder)
    device.add(holder, schema, equipment, Status=OK, **{name: link(place)})
    device.collect(place, kind, [unit])


def add_frame(resources: Resources, identity: Identity, *, chassis_type: str, kind: str) -> None:
    """Add what all equipment has: root, chassis, manager and firmware inventory.

    ``kind`` is the Redfish ManagerType.
    """
    resources.add(
        ROOT,
        "ServiceRoot.v1_17_0",
        "Root Service",
        Id="RootService",
        RedfishVersion="1.18.0",
        UUID=identity.uuid,
        Vendor=identity.manufacturer,
        Product=identity.model,
        Chassis=link(f"{ROOT}/Chassis"),
        Managers=link(f"{ROOT}/Managers"),
        UpdateService=link(f"{ROOT}/UpdateService"),
        Links={},
    )
    chassis, manager = f"{ROOT}/Chassis/1", f"{ROOT}/Managers/1"
    resources.collect(f"{ROOT}/Chassis", "Chassis", [chassis])
    resources.add(
        chassis,
        "Chassis.v1_25_0",
        identity.name,
        ChassisType=chassis_type,
        **nameplate(identity),
        PowerState="On",
        LocationIndicatorActive=False,
        Location={"Placement": placement(identity)},
        Status={"State": "Enabled", "Health": "OK"},
        Links={"ManagedBy": [link(manager)]},
    )
    _add_manager(resources, identity, manager, kind)
    firmware = f"{ROOT}/UpdateService/FirmwareInventory"
    resources.add(
        f"{ROOT}/UpdateService",
        "UpdateService.v1_14_0",
        "Update Service",
        ServiceEnabled=True,
        FirmwareInventory=link(firmware),
    )
    resources.collect(firmware, "SoftwareInventory", [f"{firmware}/Main"])
    resources.add(
        f"{firmware}/Main",
        "SoftwareInventory.v1_10_0",
        f"{identity.model} firmware",
        Version=identity.firmware,
        Manufacturer=identity.manufacturer,
        Updateable=True,
        Status={"State": "Enabled", "Health": "OK"},
        RelatedItem=[link(manager)],
    )


def nameplate(identity: Identity) -> Json:
    """What is written on the device, as every resource that stands for it repeats it."""
    return {
        "Manufacturer": identity.manufacturer,
        "Model": identity.model,
        "PartNumber": identity.part_number,
        "SerialNumber": identity.serial,
        "AssetTag": identity.asset_tag,
    }


def placement(identity: Identity) -> Json:
    """DSP0268 "Location": the rack and the lowest unit."""
    return {"Rack": identity.rack, "RackOffset": identity.unit, "RackOffsetUnits": "EIA_310"}


def _add_manager(resources: Resources, identity: Identity, manager: str, kind: str) -> None:
    interfaces = f"{manager}/EthernetInterfaces"
    resources.collect(f"{ROOT}/Managers", "Manager", [manager])
    resources.add(
        manager,
        "Manager.v1_19_0",
        "Manager",
        ManagerType=kind,
        Manufacturer=identity.manufacturer,
        Model=f"{identity.model} controller",
        FirmwareVersion=identity.firmware,
        UUID=identity.uuid,
        PowerState="On",
        Status={"State": "Enabled", "Health": "OK"},
        EthernetInterfaces=link(interfaces),
        Links={"ManagerForChassis": [link(f"{ROOT}/Chassis/1")]},
    )
    resources.collect(interfaces, "EthernetInterface", [f"{interfaces}/mgmt"])
    resources.add(
        f"{interfaces}/mgmt",
        "EthernetInterface.v1_12_0",
        "Management port",
        MACAddress=identity.mac,
        PermanentMACAddress=identity.mac,
        InterfaceEnabled=True,
        LinkStatus="LinkUp",
        Status={"State": "Enabled", "Health": "OK"},
    )
