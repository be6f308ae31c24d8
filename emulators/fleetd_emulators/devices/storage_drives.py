"""An emulated array's drives: they fail, and a hot spare takes a failed one's place in time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from fleetd_emulators.devices.resources import Resources, link
from fleetd_emulators.devices.storage_paths import CHASSIS, OK, POOL, drive_path
from fleetd_emulators.hardware import Drive
from fleetd_emulators.protocol.problems import Json

_DONE: Final = 100


class DriveBays:
    """The drives of the first pool, and spares that wait for one of them to fail.

    ``changed`` is told the pool's drives whenever they change; ``clock`` gives seconds.
    """

    def __init__(
        self,
        resources: Resources,
        drives: Iterable[Drive],
        spares: Iterable[Drive],
        *,
        rebuild_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        self._resources = resources
        self._rebuild_seconds = rebuild_seconds
        self._clock = clock
        self._rebuilds: dict[str, float] = {}
        self._pool = [self._add(drive, "None") for drive in drives]
        self._spares = [self._add(drive, "Global") for drive in spares]
        self.lost = 0
        self._missing = 0
        resources.documents[CHASSIS]["Drives"] = link(f"{CHASSIS}/Drives")
        resources.collect(f"{CHASSIS}/Drives", "Drive", self.paths)

    @property
    def paths(self) -> list[str]:
        """Every drive, also spares and failed ones that still sit in their bays."""
        return [path for path in self._resources.documents if path.startswith(drive_path(""))]

    @property
    def pool(self) -> list[str]:
        """The drives that make up the first pool."""
        return list(self._pool)

    @property
    def rebuilding(self) -> int | None:
        """How far the slowest rebuild is, in percent; None where nothing is being rebuilt."""
        now = self._clock()
        shares = [self._share(start, now) for start in self._rebuilds.values()]
        return min(shares, default=None)

    def _share(self, start: float, now: float) -> int:
        return min(_DONE, int(_DONE * (now - start) / self._rebuild_seconds))

    @property
    def failed(self) -> list[str]:
        """The broken drives that still sit in their bays."""
        return [path for path in self.paths if path not in (*self._pool, *self._spares)]

    def fail(self, path: str) -> None:
        """Let a whole drive break; a spare, if there is one, takes its place and is rebuilt."""
        self._resources.documents[path].update(
            Status={"State": "Enabled", "Health": "Critical"},
            StatusIndicator="Fail",
            FailurePredicted=True,
            Operations=[],
        )
        self._rebuilds.pop(path, None)
        if path in self._spares:
            self._spares.remove(path)
            return
        self._pool.remove(path)
        self._resources.documents[path]["Links"]["StoragePools"] = []
        self.lost += 1
        self._missing += 1
        self._make_up()

    def replace(self, path: str) -> None:
        """Put a new drive in the place of a broken one: it's a spare, or made use of at once."""
        document = self._resources.documents[path]
        document.update(
            SerialNumber=f"{document['SerialNumber']}R",
            Status=OK,
            StatusIndicator="Hotspare",
            FailurePredicted=False,
            HotspareType="Global",
        )
        self._spares.append(path)
        self._make_up()

    def _make_up(self) -> None:
        """Let spares take the places of drives that the pool lacks."""
        while self._missing and self._spares:
            spare = self._spares.pop(0)
            self._missing -= 1
            self._pool.append(spare)
            self._rebuilds[spare] = self._clock()
            document = self._resources.documents[spare]
            document["HotspareType"] = "None"
            document["Links"]["StoragePools"] = [link(POOL)]

    def refresh(self) -> None:
        """Bring what is being rebuilt up to date."""
        now = self._clock()
        for path, start in list(self._rebuilds.items()):
            share = self._share(start, now)
            document = self._resources.documents[path]
            if share == _DONE:
                document.update(StatusIndicator="OK", Operations=[])
                del self._rebuilds[path]
                self.lost -= 1
            else:
                document.update(
                    StatusIndicator="Rebuild",
                    Operations=[{"OperationName": "Rebuild", "PercentageComplete": share}],
                )

    def _add(self, drive: Drive, hotspare: str) -> str:
        path = drive_path(drive.bay)
        pools: list[Json] = [link(POOL)] if hotspare == "None" else []
        self._resources.add(
            path,
            "Drive.v1_20_0",
            f"Drive {drive.bay}",
            Manufacturer=drive.manufacturer,
            Model=drive.model,
            SerialNumber=drive.serial,
            Revision=drive.firmware,
            CapacityBytes=drive.capacity_bytes,
            BlockSizeBytes=4096,
            MediaType=drive.media,
            Protocol=drive.protocol,
            PredictedMediaLifeLeftPercent=97,
            FailurePredicted=False,
            HotspareType=hotspare,
            StatusIndicator="OK" if hotspare == "None" else "Hotspare",
            EncryptionAbility="SelfEncryptingDrive",
            EncryptionStatus="Unencrypted",
            Operations=[],
            PhysicalLocation={"PartLocation": {"ServiceLabel": drive.bay, "LocationType": "Bay"}},
            Status=OK,
            Links={"StoragePools": pools, "Chassis": link(CHASSIS)},
        )
        return path
