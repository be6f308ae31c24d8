"""An emulated array's file systems with their shares, and volumes that it keeps consistent."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fleetd_emulators.devices.resources import Resources, invalid, link
from fleetd_emulators.devices.storage_paths import (
    CONSISTENCY_GROUPS,
    FILE_SYSTEMS,
    OK,
    POOL,
    VOLUMES,
    full,
    in_use,
    made,
    member_paths,
    references,
    size,
)
from fleetd_emulators.devices.storage_space import Space
from fleetd_emulators.protocol.exchange import Response
from fleetd_emulators.protocol.problems import Json

_PROTOCOLS: Final = frozenset({"NFSv3", "NFSv4_0", "NFSv4_1", "SMBv2_1", "SMBv3_0", "SMBv3_1_1"})


class Files:
    """File systems take their capacity from the first pool; groups only name volumes."""

    def __init__(self, resources: Resources, space: Space) -> None:
        self._resources = resources
        self._space = space
        self._next = {FILE_SYSTEMS: 1, CONSISTENCY_GROUPS: 1}
        resources.collect(FILE_SYSTEMS, "FileSystem", [])
        resources.collect(CONSISTENCY_GROUPS, "ConsistencyGroup", [])
        resources.on_post(FILE_SYSTEMS, self._post_file_system)
        resources.on_post(CONSISTENCY_GROUPS, self._post_group)

    def _path(self, collection: str) -> str:
        number = self._next[collection]
        self._next[collection] = number + 1
        return f"{collection}/{number}"

    async def _post_file_system(self, body: Json) -> Response:
        said = body.get("Capacity")
        data = said.get("Data") if isinstance(said, dict) else None
        amount = size(data.get("AllocatedBytes")) if isinstance(data, dict) else None
        if amount is None:
            return invalid("Capacity", said)
        path = self._path(FILE_SYSTEMS)
        if not self._space.take(path, POOL, amount):
            return full()
        shares = f"{path}/ExportedFileShares"
        self._resources.collect(shares, "FileShare", [])
        document = self._resources.add(
            path,
            "FileSystem.v1_4_1",
            str(body.get("Name", "File system")),
            BlockSizeBytes=4096,
            AccessCapabilities=["Read", "Write"],
            CaseSensitive=True,
            Capacity={"Data": {"AllocatedBytes": amount, "ConsumedBytes": 0}},
            CapacitySources=[
                {
                    "@odata.id": f"{path}#/CapacitySources/0",
                    "@odata.type": "#Capacity.v1_2_0.CapacitySource",
                    "Id": "0",
                    "Name": "Source",
                    "ProvidingPools": [link(POOL)],
                }
            ],
            RemainingCapacityPercent=100,
            ExportedShares=link(shares),
            Status=OK,
        )
        self._resources.join(FILE_SYSTEMS, path)
        self._resources.on_post(shares, lambda share: self._post_share(path, share))
        self._resources.on_delete(path, lambda _: self._remove_file_system(path))
        return made(document)

    async def _post_share(self, file_system: str, body: Json) -> Response:
        shares = f"{file_system}/ExportedFileShares"
        path, protocols = body.get("FileSharePath"), body.get("FileSharingProtocols")
        if not isinstance(path, str) or not path.startswith("/"):
            return invalid("FileSharePath", path)
        said = protocols if isinstance(protocols, list) else []
        if not said or not all(isinstance(item, str) and item in _PROTOCOLS for item in said):
            return invalid("FileSharingProtocols", protocols)
        share = self._path_of_share(shares)
        document = self._resources.add(
            share,
            "FileShare.v1_3_1",
            str(body.get("Name", path)),
            FileSharePath=path,
            FileSharingProtocols=protocols,
            DefaultAccessCapabilities=["Read", "Write"],
            Status=OK,
            Links={"FileSystem": link(file_system)},
        )
        self._resources.join(shares, share)
        self._resources.on_delete(share, lambda _: self._remove(shares, share))
        return made(document)

    def _path_of_share(self, shares: str) -> str:
        self._next.setdefault(shares, 1)
        return self._path(shares)

    async def _remove_file_system(self, path: str) -> Response:
        shares = f"{path}/ExportedFileShares"
        if member_paths(self._resources.documents[shares]):
            return in_use("The file system can't be removed")
        del self._resources.documents[shares]
        self._resources.forget(shares)
        self._space.give_back(path)
        return await self._remove(FILE_SYSTEMS, path)

    async def _post_group(self, body: Json) -> Response:
        volumes = references(body.get("Volumes"))
        known = self._resources.documents
        if not volumes or not all(path in known and path.startswith(VOLUMES) for path in volumes):
            return invalid("Volumes", body.get("Volumes"))
        path = self._path(CONSISTENCY_GROUPS)
        document = self._resources.add(
            path,
            "ConsistencyGroup.v1_2_0",
            str(body.get("Name", "Consistency group")),
            ConsistencyMethod="Other",
            ConsistencyType="CrashConsistent",
            IsConsistent=True,
            Volumes=[link(volume) for volume in volumes],
            Status=OK,
        )
        self._resources.join(CONSISTENCY_GROUPS, path)
        self._bind(volumes)
        self._resources.on_delete(path, lambda _: self._remove_group(path, volumes))
        return made(document)

    def _bind(self, volumes: list[str]) -> None:
        """Let each volume say in which groups it is."""
        groups = member_paths(self._resources.documents[CONSISTENCY_GROUPS])
        for volume in volumes:
            self._resources.documents[volume]["Links"]["ConsistencyGroups"] = [
                link(group)
                for group in groups
                if link(volume) in self._resources.documents[group]["Volumes"]
            ]

    async def _remove_group(self, path: str, volumes: list[str]) -> Response:
        answer = await self._remove(CONSISTENCY_GROUPS, path)
        self._bind(volumes)
        return answer

    async def _remove(self, collection: str, path: str) -> Response:
        self._resources.part(collection, path)
        self._resources.forget(path)
        return Response(status=HTTPStatus.NO_CONTENT)
