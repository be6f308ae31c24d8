"""Who reaches which volume of an emulated array: hosts, target ports, and connections.

Said in the words of today (a fabric's Connections), or of Swordfish 1.0 and 1.1 (a storage
service's StorageGroups), as the array is told to; never in both.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from fleetd_emulators.devices.resources import ROOT, Resources, invalid, link
from fleetd_emulators.devices.storage_paths import (
    ENDPOINTS,
    FABRIC,
    OK,
    SERVICE,
    STORAGE,
    VOLUMES,
    in_use,
    made,
    reference,
    references,
)
from fleetd_emulators.protocol.exchange import Response
from fleetd_emulators.protocol.problems import Json

GROUPS: Final = f"{FABRIC}/EndpointGroups"
TARGETS: Final = f"{GROUPS}/Targets"
CONNECTIONS: Final = f"{FABRIC}/Connections"
STORAGE_GROUPS: Final = f"{SERVICE}/StorageGroups"
_PORT: Final = 4420


class Access:
    """The array's targets, the hosts it knows, and which of them see which volume."""

    def __init__(
        self, resources: Resources, targets: Iterable[tuple[str, str]], *, groups: bool
    ) -> None:
        self._resources = resources
        self._as_groups = groups
        self._next = 1
        self._mapped: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        self._add_fabric()
        for side, wwn in targets:
            self._add_target(side, f"nqn.2014-08.org.nvmexpress:uuid:{wwn}")
        self._add_group("Targets", "Target", [f"{ENDPOINTS}/{side}" for side, _ in targets])
        resources.on_post(ENDPOINTS, self._post_host)
        place = STORAGE_GROUPS if groups else CONNECTIONS
        resources.collect(place, "StorageGroup" if groups else "Connection", [])
        resources.on_post(place, self._post_group if groups else self._post_connection)
        holder = SERVICE if groups else FABRIC
        resources.documents[holder][place.rpartition("/")[2]] = link(place)

    def add_host(self, name: str, nqn: str) -> Json:
        """Make a host known by its NVMe Qualified Name."""
        path = f"{ENDPOINTS}/{nqn}"
        document = self._endpoint(path, name, nqn, "Initiator", None)
        self._resources.join(ENDPOINTS, path)
        self._add_group(f"Host-{name}", "Initiator", [path])
        self._resources.on_delete(path, lambda _: self._remove_host(path, name))
        return document

    def connect(self, name: str, volumes: Iterable[str], hosts: Iterable[str]) -> Json:
        """Let hosts see volumes; each volume keeps the number it first got."""
        reached, seen = tuple(volumes), tuple(hosts)
        number, self._next = self._next, self._next + 1
        place = STORAGE_GROUPS if self._as_groups else CONNECTIONS
        path = f"{place}/{number}"
        said = self._group if self._as_groups else self._connection
        document = said(path, name, reached, seen)
        self._resources.join(place, path)
        self._mapped[path] = (reached, seen)
        self._tell_volumes(reached)
        self._resources.on_delete(path, lambda _: self._disconnect(path))
        return document

    def _add_fabric(self) -> None:
        resources = self._resources
        resources.collect(f"{ROOT}/Fabrics", "Fabric", [FABRIC])
        resources.add(
            FABRIC,
            "Fabric.v1_3_2",
            "Storage network",
            FabricType="NVMeOverFabrics",
            Endpoints=link(ENDPOINTS),
            EndpointGroups=link(GROUPS),
            Status=OK,
        )
        resources.collect(ENDPOINTS, "Endpoint", [])
        resources.collect(GROUPS, "EndpointGroup", [])

    def _add_target(self, side: str, nqn: str) -> None:
        path = f"{ENDPOINTS}/{side}"
        self._endpoint(path, f"Target {side}", nqn, "Target", f"{STORAGE}/Controllers/{side}")
        self._resources.documents[path]["IPTransportDetails"] = [
            {
                "TransportProtocol": "TCP",
                "IPv4Address": {"Address": f"192.0.2.{10 + ord(side) - ord('A')}"},
                "Port": _PORT,
            }
        ]
        self._resources.join(ENDPOINTS, path)

    def _endpoint(self, path: str, name: str, nqn: str, role: str, entity: str | None) -> Json:
        kind = "StorageInitiator" if entity is None else "StorageSubsystem"
        attached: Json = {"EntityType": kind, "EntityRole": role}
        if entity is not None:
            attached["EntityLink"] = link(entity)
        return self._resources.add(
            path,
            "Endpoint.v1_8_1",
            name,
            EndpointProtocol="NVMeOverFabrics",
            Identifiers=[{"DurableName": nqn, "DurableNameFormat": "NQN"}],
            ConnectedEntities=[attached],
            Status=OK,
        )

    def _add_group(self, name: str, kind: str, members: list[str]) -> None:
        path = f"{GROUPS}/{name}"
        self._resources.add(
            path,
            "EndpointGroup.v1_3_3",
            name,
            GroupType=kind,
            Links={"Endpoints": [link(member) for member in members]},
        )
        self._resources.join(GROUPS, path)

    def _connection(
        self, path: str, name: str, volumes: tuple[str, ...], hosts: tuple[str, ...]
    ) -> Json:
        return self._resources.add(
            path,
            "Connection.v1_3_1",
            name,
            ConnectionType="Storage",
            VolumeInfo=[
                {
                    "Volume": link(volume),
                    "LUN": _number(volume),
                    "AccessCapabilities": ["Read", "Write"],
                    "AccessState": "Optimized",
                }
                for volume in volumes
            ],
            Links={
                "InitiatorEndpoints": [link(host) for host in hosts],
                "TargetEndpointGroups": [link(TARGETS)],
            },
            Status=OK,
        )

    def _group(
        self, path: str, name: str, volumes: tuple[str, ...], hosts: tuple[str, ...]
    ) -> Json:
        names = [self._resources.documents[host]["Name"] for host in hosts]
        return self._resources.add(
            path,
            "StorageGroup.v1_5_0",
            name,
            MappedVolumes=[
                {"LogicalUnitNumber": str(_number(volume)), "Volume": link(volume)}
                for volume in volumes
            ],
            ClientEndpointGroups=[link(f"{GROUPS}/Host-{item}") for item in names],
            ServerEndpointGroups=[link(TARGETS)],
            AccessState="Optimized",
            AuthenticationMethod="None",
            VolumesAreExposed=True,
            Status=OK,
        )

    def _tell_volumes(self, volumes: Iterable[str]) -> None:
        """Let each volume say itself who sees it."""
        for volume in volumes:
            hosts = [
                host
                for reached, seen in self._mapped.values()
                if volume in reached
                for host in seen
            ]
            targets = [link(f"{ENDPOINTS}/{side}") for side in ("A", "B")] if hosts else []
            self._resources.documents[volume]["Links"].update(
                ClientEndpoints=[link(host) for host in dict.fromkeys(hosts)],
                ServerEndpoints=targets,
            )

    async def _post_host(self, body: Json) -> Response:
        said = body.get("Identifiers")
        first = said[0] if isinstance(said, list) and said else None
        nqn = first.get("DurableName") if isinstance(first, dict) else None
        name = body.get("Name", nqn)
        if not isinstance(nqn, str) or not nqn.startswith("nqn.") or "/" in nqn:
            return invalid("Identifiers", said)
        if not isinstance(name, str) or f"{GROUPS}/Host-{name}" in self._resources.documents:
            return invalid("Name", name)
        return made(self.add_host(name, nqn))

    async def _post_connection(self, body: Json) -> Response:
        said, links = body.get("VolumeInfo"), body.get("Links")
        hosts = references(links.get("InitiatorEndpoints")) if isinstance(links, dict) else None
        return self._map(body, said, hosts)

    async def _post_group(self, body: Json) -> Response:
        groups = references(body.get("ClientEndpointGroups"))
        known = [self._resources.documents.get(path, {}) for path in groups or ()]
        hosts = [
            item["@odata.id"]
            for group in known
            for item in group.get("Links", {}).get("Endpoints", [])
        ]
        return self._map(body, body.get("MappedVolumes"), hosts)

    def _map(self, body: Json, said: object, hosts: list[str] | None) -> Response:
        rows = said if isinstance(said, list) else []
        volumes = [reference(row.get("Volume")) for row in rows if isinstance(row, dict)]
        known = self._resources.documents
        if not volumes or not all(path in known and path.startswith(VOLUMES) for path in volumes):
            return invalid("VolumeInfo", said)
        if not hosts or not all(path in known and path.startswith(ENDPOINTS) for path in hosts):
            return invalid("InitiatorEndpoints", hosts)
        name = str(body.get("Name", f"Connection {self._next}"))
        return made(self.connect(name, [path for path in volumes if path], hosts))

    async def _disconnect(self, path: str) -> Response:
        volumes, _ = self._mapped.pop(path)
        self._resources.part(path.rpartition("/")[0], path)
        self._resources.forget(path)
        self._tell_volumes(volumes)
        return Response(status=HTTPStatus.NO_CONTENT)

    async def _remove_host(self, path: str, name: str) -> Response:
        if any(path in hosts for _, hosts in self._mapped.values()):
            return in_use("The host can't be removed")
        self._resources.part(GROUPS, f"{GROUPS}/Host-{name}")
        self._resources.part(ENDPOINTS, path)
        self._resources.forget(path)
        return Response(status=HTTPStatus.NO_CONTENT)


def _number(volume: str) -> int:
    return int(volume.rpartition("/")[2])
