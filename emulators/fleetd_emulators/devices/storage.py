"""A block-storage array as Swordfish 1.2 has it: pools, volumes, drives, controllers, endpoints.

The modern ``/redfish/v1/Storage`` and the older ``/redfish/v1/StorageServices`` lead to the same
pools and volumes, as arrays that outlived a Swordfish version do.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fleetd_emulators.devices.resources import (
    ROOT,
    Identity,
    Resources,
    add_frame,
    invalid,
    link,
)
from fleetd_emulators.hardware import Drive
from fleetd_emulators.protocol.exchange import Response
from fleetd_emulators.protocol.problems import Json, json_response, problem

STORAGE: Final = f"{ROOT}/Storage/1"
SERVICE: Final = f"{ROOT}/StorageServices/1"
POOL: Final = f"{STORAGE}/StoragePools/Pool1"
VOLUMES: Final = f"{STORAGE}/Volumes"
ENDPOINTS: Final = f"{ROOT}/Fabrics/SAN/Endpoints"
SIDES: Final = ("A", "B")
# RAID 6 over each group of ten: two drives' worth is parity.
USABLE: Final = 0.8
OK: Final = {"State": "Enabled", "Health": "OK"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Array:
    """One array with two controllers; a volume is (name, bytes)."""

    identity: Identity
    drives: tuple[Drive, ...]
    volumes: tuple[tuple[str, int], ...]
    wwns: tuple[str, ...]


class ArrayBackend(Resources):
    """Volumes can be made, renamed and removed; the pool's capacity follows."""

    def __init__(self, array: Array) -> None:
        super().__init__()
        self._array = array
        self._next_volume = 1
        self._usable = int(sum(drive.capacity_bytes for drive in array.drives) * USABLE)
        add_frame(self, array.identity, chassis_type="StorageEnclosure", kind="EnclosureManager")
        self._add_storage()
        self._add_drives()
        self._add_controllers()
        self._add_endpoints()
        self._add_pool()
        self.collect(VOLUMES, "Volume", [])
        for name, capacity in array.volumes:
            self._create(name, capacity)
        self.on_post(VOLUMES, self._post_volume)

    def _free(self) -> int:
        taken = (self.documents[member["@odata.id"]] for member in self._volume_links())
        return self._usable - sum(int(volume["CapacityBytes"]) for volume in taken)

    def _volume_links(self) -> list[Json]:
        members: list[Json] = self.documents[VOLUMES]["Members"]
        return members

    def _add_storage(self) -> None:
        identity = self._array.identity
        self.documents[ROOT].update(
            Storage=link(f"{ROOT}/Storage"),
            StorageServices=link(f"{ROOT}/StorageServices"),
            Fabrics=link(f"{ROOT}/Fabrics"),
        )
        self.collect(f"{ROOT}/Storage", "Storage", [STORAGE])
        drives = [link(f"{ROOT}/Chassis/1/Drives/{drive.bay}") for drive in self._array.drives]
        self.add(
            STORAGE,
            "Storage.v1_17_0",
            identity.name,
            Status=OK,
            Redundancy=[
                {
                    "@odata.id": f"{STORAGE}#/Redundancy/0",
                    "MemberId": "0",
                    "Name": "Controllers",
                    "Mode": "Failover",
                    "MinNumNeeded": 1,
                    "MaxNumSupported": 2,
                    "RedundancySet": [link(f"{STORAGE}/Controllers/{side}") for side in SIDES],
                    "Status": OK,
                }
            ],
            Controllers=link(f"{STORAGE}/Controllers"),
            Drives=drives,
            Volumes=link(VOLUMES),
            StoragePools=link(f"{STORAGE}/StoragePools"),
            Links={
                "Enclosures": [link(f"{ROOT}/Chassis/1")],
                "StorageServices": [link(SERVICE)],
            },
        )
        self.documents[f"{ROOT}/Chassis/1"]["Links"]["Storage"] = [link(STORAGE)]
        self.collect(f"{ROOT}/StorageServices", "StorageService", [SERVICE])
        self.add(
            SERVICE,
            "StorageService.v1_7_0",
            f"{identity.name} block service",
            Status=OK,
            StoragePools=link(f"{STORAGE}/StoragePools"),
            Volumes=link(VOLUMES),
            Endpoints=link(ENDPOINTS),
            Links={"Enclosures": [link(f"{ROOT}/Chassis/1")], "Storage": [link(STORAGE)]},
        )

    def _add_drives(self) -> None:
        paths = [f"{ROOT}/Chassis/1/Drives/{drive.bay}" for drive in self._array.drives]
        self.documents[f"{ROOT}/Chassis/1"]["Drives"] = link(f"{ROOT}/Chassis/1/Drives")
        self.collect(f"{ROOT}/Chassis/1/Drives", "Drive", paths)
        for drive, path in zip(self._array.drives, paths, strict=True):
            self.add(
                path,
                "Drive.v1_20_0",
                f"Drive {drive.bay}",
                Manufacturer=drive.manufacturer,
                Model=drive.model,
                SerialNumber=drive.serial,
                Revision=drive.firmware,
                CapacityBytes=drive.capacity_bytes,
                MediaType=drive.media,
                Protocol=drive.protocol,
                PredictedMediaLifeLeftPercent=97,
                FailurePredicted=False,
                PhysicalLocation={
                    "PartLocation": {"ServiceLabel": drive.bay, "LocationType": "Bay"}
                },
                Status=OK,
                Links={"StoragePools": [link(POOL)], "Chassis": link(f"{ROOT}/Chassis/1")},
            )

    def _add_controllers(self) -> None:
        identity = self._array.identity
        paths = [f"{STORAGE}/Controllers/{side}" for side in SIDES]
        self.collect(f"{STORAGE}/Controllers", "StorageController", paths)
        for path in paths:
            side = path[-1]
            self.add(
                path,
                "StorageController.v1_8_0",
                f"Controller {side}",
                Manufacturer=identity.manufacturer,
                Model=f"{identity.model} controller",
                SerialNumber=f"{identity.serial}{side}",
                PartNumber=identity.part_number,
                FirmwareVersion=identity.firmware,
                SupportedControllerProtocols=["iSCSI", "NVMeOverFabrics"],
                SupportedDeviceProtocols=["NVMe"],
                Status=OK,
                Links={"Endpoints": [link(f"{ENDPOINTS}/{side}")]},
            )

    def _add_endpoints(self) -> None:
        fabric = f"{ROOT}/Fabrics/SAN"
        self.collect(f"{ROOT}/Fabrics", "Fabric", [fabric])
        self.add(
            fabric,
            "Fabric.v1_3_2",
            "Storage network",
            FabricType="NVMeOverFabrics",
            Endpoints=link(ENDPOINTS),
            Status=OK,
        )
        sides = dict(zip(SIDES, self._array.wwns, strict=True))
        self.collect(ENDPOINTS, "Endpoint", [f"{ENDPOINTS}/{side}" for side in sides])
        for side, wwn in sides.items():
            self.add(
                f"{ENDPOINTS}/{side}",
                "Endpoint.v1_8_1",
                f"Target {side}",
                EndpointProtocol="NVMeOverFabrics",
                Identifiers=[
                    {
                        "DurableName": f"nqn.2014-08.org.nvmexpress:uuid:{wwn}",
                        "DurableNameFormat": "NQN",
                    }
                ],
                ConnectedEntities=[{"EntityType": "StorageInitiator", "EntityRole": "Target"}],
                Status=OK,
            )

    def _add_pool(self) -> None:
        self.collect(f"{STORAGE}/StoragePools", "StoragePool", [POOL])
        self.add(
            POOL,
            "StoragePool.v1_9_1",
            "Pool 1",
            Status=OK,
            SupportedRAIDTypes=["RAID6"],
            CapacitySources=[],
            AllocatedVolumes=link(VOLUMES),
            Links={
                "DrivesInStoragePool": [
                    link(f"{ROOT}/Chassis/1/Drives/{drive.bay}") for drive in self._array.drives
                ]
            },
        )

    def _count_capacity(self) -> None:
        free = self._free()
        taken = self._usable - free
        self.documents[POOL].update(
            Capacity={
                "Data": {
                    "AllocatedBytes": self._usable,
                    "ConsumedBytes": taken,
                    "GuaranteedBytes": self._usable,
                }
            },
            RemainingCapacityPercent=round(100 * free / self._usable),
        )

    def _create(self, name: str, capacity: int) -> Json:
        path = f"{VOLUMES}/{self._next_volume}"
        self._next_volume += 1
        document = self.add(
            path,
            "Volume.v1_10_0",
            name,
            DisplayName=name,
            CapacityBytes=capacity,
            RAIDType="RAID6",
            Encrypted=False,
            Identifiers=[
                {
                    "DurableName": f"{self._array.wwns[0]}-{path.rpartition('/')[2]}",
                    "DurableNameFormat": "UUID",
                }
            ],
            Capacity={"Data": {"AllocatedBytes": capacity, "ProvisionedBytes": capacity}},
            Status=OK,
            Links={
                "OwningStorageResource": link(STORAGE),
                "ClientEndpoints": [],
                "ServerEndpoints": [link(f"{ENDPOINTS}/A"), link(f"{ENDPOINTS}/B")],
            },
        )
        self.join(VOLUMES, path)
        self._count_capacity()

        async def rename(body: Json) -> Response:
            if body.keys() != {"Name"} or not isinstance(body["Name"], str):
                return invalid("Name", body.get("Name"))
            document.update(Name=body["Name"], DisplayName=body["Name"])
            return json_response(document)

        async def remove(body: Json) -> Response:
            return self._remove(path)

        self.on_patch(path, rename)
        self.on_delete(path, remove)
        return document

    async def _post_volume(self, body: Json) -> Response:
        capacity = body.get("CapacityBytes")
        name = body.get("Name", f"Volume {self._next_volume}")
        if not isinstance(capacity, int) or isinstance(capacity, bool) or capacity <= 0:
            return invalid("CapacityBytes", capacity)
        if not isinstance(name, str):
            return invalid("Name", name)
        if capacity > self._free():
            return problem(
                HTTPStatus.BAD_REQUEST,
                "InsufficientStorage",
                "The pool has not enough free capacity for the volume.",
            )
        document = self._create(name, capacity)
        return json_response(
            document, status=HTTPStatus.CREATED, headers={"location": document["@odata.id"]}
        )

    def _remove(self, path: str) -> Response:
        self.part(VOLUMES, path)
        self.forget(path)
        self._count_capacity()
        return Response(status=HTTPStatus.NO_CONTENT)
