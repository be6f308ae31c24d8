"""An array as Seagate's Redfish service 2 shows it, with its departures; nothing can be changed.

Seagate's tutorial for the service (SystemsRedfishPy, tutorial-redfish-service-v2.md) prints what
an array answers. It has a System that computes nothing, everything at two places, pools whose
lists lead to all there is, and capacity sources that write a collection's members in place.
"""

from __future__ import annotations

from typing import Final

from fleetd_emulators.devices.resources import ROOT, Resources, link
from fleetd_emulators.protocol.problems import Json

SIDES: Final = ("a", "b")
INITIATOR: Final = "iqn.1994-05.com.example:host"
_EXAMPLE_UUID: Final = "92384634-2938-2342-8820-489239905423"
_DISK_GROUP: Final = "00c0ff54605900000e80f16100000000"
_POOL: Final = "00c0ff54605900001080f16101000000"
_VOLUME: Final = "00c0ff54605900003d83f16101000000"
_ENCLOSURE: Final = f"{ROOT}/Chassis/enclosure_0"
_CAPACITY: Final = 1_800_360_124_416


class SeagateArray(Resources):
    """Two controllers, four drives in a disk group, a pool on it, and a mapped volume."""

    def __init__(self, serial: str = "SGFTJ2032520531") -> None:
        super().__init__()
        self._serial = serial
        self._system = f"{ROOT}/Systems/{serial}"
        self._add_frame()
        for place in (f"{ROOT}/Storage", f"{self._system}/Storage"):
            paths = [f"{place}/controller_{side}" for side in SIDES]
            self.collect(place, "Storage", paths)
            for path in paths:
                self._add_controller(path)

    def _add_frame(self) -> None:
        self.add(
            ROOT,
            "ServiceRoot.v1_9_0",
            "Root Service",
            Id="RootService",
            RedfishVersion="1.12.0",
            UUID=_EXAMPLE_UUID,
            Oem={"Seagate": {"RedfishServiceVersion": "2.4.20"}},
            Systems=link(f"{ROOT}/Systems"),
            Chassis=link(f"{ROOT}/Chassis"),
            Storage=link(f"{ROOT}/Storage"),
        )
        self.collect(f"{ROOT}/Systems", "ComputerSystem", [self._system])
        reset = {
            "target": f"{self._system}/Actions/ComputerSystem.Reset",
            "ResetType@Redfish.AllowableValues": ["GracefulRestart"],
        }
        self.add(
            self._system,
            "ComputerSystem.v1_14_0",
            "Uninitialized Test1",
            Manufacturer="SEAGATE",
            SerialNumber=self._serial,
            Status={"Health": "OK"},
            Actions={"#ComputerSystem.Reset": reset},
            Links={"Chassis": [link(_ENCLOSURE)]},
            Storage=link(f"{self._system}/Storage"),
        )
        self.collect(f"{ROOT}/Chassis", "Chassis", [_ENCLOSURE])
        self.add(
            _ENCLOSURE,
            "Chassis.v1_15_0",
            "enclosure_0",
            ChassisType="StorageEnclosure",
            Manufacturer="SEAGATE",
            SerialNumber="500C0FF05205313C",
            Location={"Placement": {"Rack": "0", "RackOffset": 0}},
            PowerState="On",
            Status={"State": "Enabled", "Health": "OK"},
        )

    def _add_controller(self, path: str) -> None:
        name = path.rpartition("/")[2]
        drives = [f"{path}/Drives/0.{bay}" for bay in range(4)]
        self.add(
            path,
            "Storage.v1_10_0",
            name,
            Id=name[-1].upper(),
            Status={"Health": "OK"},
            Drives=[link(drive) for drive in drives],
            StorageControllers=[
                {
                    "@odata.id": f"{path}#/StorageControllers/0",
                    "MemberId": name[-1].upper(),
                    "Name": name,
                    "Manufacturer": "SEAGATE",
                    "SerialNumber": f"{self._serial}{name[-1].upper()}",
                    "SupportedControllerProtocols": ["iSCSI"],
                    "Status": {"Health": "OK"},
                }
            ],
            StoragePools=link(f"{path}/StoragePools"),
            Volumes=link(f"{path}/Volumes"),
            EndpointGroups=link(f"{path}/EndpointGroups"),
            StorageGroups=link(f"{path}/StorageGroups"),
        )
        for bay, drive in enumerate(drives):
            self._add_drive(drive, bay)
        self._add_capacity(path, drives)
        self._add_access(path)

    def _add_drive(self, path: str, bay: int) -> None:
        serial = f"{self._serial}D{bay}"
        self.add(
            path,
            "Drive.v1_12_0",
            f"0.{bay}",
            Id=serial,
            SerialNumber=serial,
            Manufacturer="SEAGATE",
            PartNumber="ST1800MM0129",
            Revision="C003",
            CapacityBytes=_CAPACITY,
            BlockSizeBytes=512,
            MediaType="HDD",
            Protocol="SAS",
            RotationSpeedRPM=10000,
            NegotiatedSpeedGbs=12.0,
            FailurePredicted=False,
            EncryptionAbility="None",
            EncryptionStatus="Unecrypted",
            Identifiers=[{"DurableName": f"disk_00.0{bay}", "DurableNameFormat": "NAA"}],
            PhysicalLocation={
                "PartLocation": {"LocationOrdinalValue": bay, "LocationType": "Slot"},
                "Placement": {"Rack": "0", "RackOffset": 0},
            },
            Status={"State": "Enabled", "Health": "OK"},
            Links={"Chassis": link(_ENCLOSURE)},
        )

    def _add_capacity(self, path: str, drives: list[str]) -> None:
        pools, volumes = f"{path}/StoragePools", f"{path}/Volumes"
        pool, group, volume = f"{pools}/A", f"{pools}/dgA01", f"{volumes}/{_VOLUME}"
        taken = {"Data": {"AllocatedBytes": 3 * _CAPACITY, "ConsumedBytes": 16384}}
        self.collect(pools, "StoragePool", [pool, group])
        self.collect(volumes, "Volume", [volume])
        self.add(
            pool,
            "StoragePool.v1_5_0",
            "A",
            Id=_POOL,
            Capacity=taken,
            AllocatedPools=link(pools),
            AllocatedVolumes=link(volumes),
            CapacitySources=[_source(pool, "ProvidingPools", pools, [group])],
            RemainingCapacityPercent=99,
        )
        self.add(
            group,
            "StoragePool.v1_5_0",
            "dgA01",
            Id=_DISK_GROUP,
            Capacity=taken,
            AllocatedVolumes=link(volumes),
            CapacitySources=[_source(group, "ProvidingDrives", f"{path}/Drives", drives)],
            SupportedRAIDTypes=["RAID5"],
            RemainingCapacityPercent=99,
        )
        self.add(
            volume,
            "Volume.v1_6_1",
            "AVolume01",
            Id=_VOLUME,
            CapacityBytes=99_996_401_664,
            BlockSizeBytes=512,
            Capacity={"Data": {"AllocatedBytes": 0, "ConsumedBytes": 0}},
            CapacitySources=[_source(volume, "ProvidingPools", pools, [pool])],
            Encrypted=False,
            WriteCachePolicy="UnprotectedWriteBack",
            Status={"State": "Enabled", "Health": "OK"},
        )

    def _add_access(self, path: str) -> None:
        groups, maps = f"{path}/EndpointGroups", f"{path}/StorageGroups"
        ports = {"A0": "Server", INITIATOR: "Client"}
        self.collect(groups, "EndpointGroup", [f"{groups}/{name}" for name in ports])
        for name, kind in ports.items():
            endpoint = f"{path}/Endpoints/{name}"
            self.add(
                f"{groups}/{name}",
                "EndpointGroup.v1_3_1",
                name,
                GroupType=kind,
                Endpoints=[link(endpoint)],
            )
            self.add(
                endpoint,
                "Endpoint.v1_3_0",
                name,
                Identifiers=[{"DurableName": name, "DurableNameFormat": "NAA"}],
            )
        self.collect(maps, "StorageGroup", [f"{maps}/{_VOLUME}_{INITIATOR}"])
        self.add(
            f"{maps}/{_VOLUME}_{INITIATOR}",
            "StorageGroup.v1_5_0",
            f"{_VOLUME}_{INITIATOR}",
            AccessState="Optimized",
            MappedVolumes=[{"LogicalUnitNumber": "1", "Volume": link(f"{path}/Volumes/{_VOLUME}")}],
            ClientEndpointGroups=[link(f"{groups}/{INITIATOR}")],
            ServerEndpointGroups=[link(f"{groups}/A0")],
            VolumesAreExposed=True,
        )


def _source(holder: str, place: str, collection: str, members: list[str]) -> Json:
    """A capacity source that links a whole collection, and writes in place which of it counts."""
    return {
        "@odata.id": f"{holder}#/CapacitySources/0",
        "@odata.type": "#Capacity.v1_2_0.CapacitySource",
        place: {
            "@odata.id": collection,
            "Members": [link(member) for member in members],
            "Members@odata.count": len(members),
        },
    }
