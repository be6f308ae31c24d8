"""A storage array as Swordfish 1.2 has it: pools, volumes, files, drives, who reaches what.

The modern ``/redfish/v1/Storage`` and the older ``/redfish/v1/StorageServices`` lead to the same
pools and volumes, as arrays that outlived a Swordfish version do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from fleetd_emulators.devices.incidents import Incident
from fleetd_emulators.devices.resources import ROOT, Identity, Resources, add_frame, link
from fleetd_emulators.devices.storage_access import Access
from fleetd_emulators.devices.storage_drives import DriveBays
from fleetd_emulators.devices.storage_files import Files
from fleetd_emulators.devices.storage_paths import (
    CHASSIS,
    CONSISTENCY_GROUPS,
    ENDPOINTS,
    FILE_SYSTEMS,
    OK,
    POOL,
    POOLS,
    SERVICE,
    STORAGE,
    VOLUMES,
    member_paths,
)
from fleetd_emulators.devices.storage_space import Space
from fleetd_emulators.hardware import Drive

SIDES: Final = ("A", "B")
# RAID 6 over each group of ten: two drives' worth is parity.
USABLE: Final = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Array:
    """One array with two controllers; a volume is (name, bytes), a host (name, NQN).

    ``storage_groups`` says who reaches what in the words of older Swordfish versions.
    """

    identity: Identity
    drives: tuple[Drive, ...]
    volumes: tuple[tuple[str, int], ...]
    wwns: tuple[str, ...]
    spares: tuple[Drive, ...] = ()
    hosts: tuple[tuple[str, str], ...] = ()
    storage_groups: bool = False
    rebuild_seconds: float = 3600.0


class ArrayBackend(Resources):
    """All that is made on an array takes room from its pool; a failed drive is made up for."""

    def __init__(self, array: Array, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._array = array
        add_frame(self, array.identity, chassis_type="StorageEnclosure", kind="EnclosureManager")
        self._bays = DriveBays(
            self,
            array.drives,
            array.spares,
            rebuild_seconds=array.rebuild_seconds,
            clock=clock,
        )
        self._add_storage()
        self._add_controllers()
        usable = int(sum(drive.capacity_bytes for drive in array.drives) * USABLE)
        self._space = Space(self, usable, self._bays.pool, array.wwns[0])
        self._access = Access(
            self, tuple(zip(SIDES, array.wwns, strict=True)), groups=array.storage_groups
        )
        Files(self, self._space)
        for name, capacity in array.volumes:
            self._space.create(name, capacity)
        for name, nqn in array.hosts:
            self._access.add_host(name, nqn)
        if array.hosts and array.volumes:
            hosts = [f"{ENDPOINTS}/{nqn}" for _, nqn in array.hosts]
            self._access.connect("All hosts", member_paths(self.documents[VOLUMES])[:1], hosts)

    @property
    def incidents(self) -> Mapping[str, Incident]:
        """``fail-drive-BAY`` of those that work, ``replace-drive-BAY`` of those that failed."""
        failed = self._bays.failed
        return {
            f"{'replace' if path in failed else 'fail'}-drive-{path.rpartition('/')[2]}": partial(
                self._befall, self._bays.replace if path in failed else self._bays.fail, path
            )
            for path in self._bays.paths
        }

    async def _befall(self, happen: Callable[[str], None], path: str) -> None:
        happen(path)
        self._space.set_sources(self._bays.pool)
        self._tell_health()

    async def refresh(self) -> None:
        """Bring rebuilds up to date, and what is degraded while they last."""
        self._bays.refresh()
        self._tell_health()

    def _tell_health(self) -> None:
        """A pool that lacks a drive is degraded until a spare has been rebuilt in its place."""
        health = "Warning" if self._bays.lost else "OK"
        share = self._bays.rebuilding
        running = (
            [] if share is None else [{"OperationName": "Rebuild", "PercentageComplete": share}]
        )
        for path in (POOL, *member_paths(self.documents[VOLUMES])):
            self.documents[path]["Status"] = {"State": "Enabled", "Health": health}
        for path in member_paths(self.documents[VOLUMES]):
            self.documents[path]["Operations"] = running
        self.documents[STORAGE]["Status"] = {**OK, "HealthRollup": health}

    def _add_storage(self) -> None:
        identity = self._array.identity
        self.documents[ROOT].update(
            Storage=link(f"{ROOT}/Storage"),
            StorageServices=link(f"{ROOT}/StorageServices"),
            Fabrics=link(f"{ROOT}/Fabrics"),
        )
        held = {
            "StoragePools": link(POOLS),
            "Volumes": link(VOLUMES),
            "FileSystems": link(FILE_SYSTEMS),
            "ConsistencyGroups": link(CONSISTENCY_GROUPS),
        }
        self.collect(f"{ROOT}/Storage", "Storage", [STORAGE])
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
            Drives=[link(path) for path in self._bays.paths],
            **held,
            Links={"Enclosures": [link(CHASSIS)], "StorageServices": [link(SERVICE)]},
        )
        self.documents[CHASSIS]["Links"]["Storage"] = [link(STORAGE)]
        self.collect(f"{ROOT}/StorageServices", "StorageService", [SERVICE])
        self.add(
            SERVICE,
            "StorageService.v1_7_0",
            f"{identity.name} block service",
            Status=OK,
            **held,
            Endpoints=link(ENDPOINTS),
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
                SupportedControllerProtocols=["NVMeOverFabrics"],
                SupportedDeviceProtocols=["NVMe"],
                SupportedRAIDTypes=["RAID6"],
                CacheSummary={"TotalCacheSizeMiB": 65536, "Status": OK},
                Status=OK,
                Links={"Endpoints": [link(f"{ENDPOINTS}/{side}")]},
            )
