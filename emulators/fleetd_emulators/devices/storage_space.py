"""An emulated array's capacity: pools within pools, and the volumes cut from them.

Swordfish 1.2.6 'StoragePool', 'Volume' and 'CapacitySource'. Every byte is accounted for: what a
pool gives to a volume or to another pool is consumed there, and comes back when that goes.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fleetd_emulators.devices.resources import Resources, invalid, link
from fleetd_emulators.devices.storage_paths import (
    OK,
    POOL,
    POOLS,
    STORAGE,
    VOLUMES,
    full,
    in_use,
    made,
    references,
    size,
)
from fleetd_emulators.protocol.exchange import Response
from fleetd_emulators.protocol.problems import Json, json_response

RAID: Final = "RAID6"
_POLICIES: Final = frozenset({"Fixed", "Thin"})


class Space:
    """The pools and volumes of one array; what each takes from its pool is kept here."""

    def __init__(self, resources: Resources, usable: int, drives: list[str], uuid: str) -> None:
        self._resources = resources
        self._uuid = uuid
        self._sizes = {POOL: usable}
        self._taken: dict[str, tuple[str, int]] = {}
        self._next = 1
        resources.collect(POOLS, "StoragePool", [])
        resources.collect(VOLUMES, "Volume", [])
        self._add_pool(POOL, "Pool 1", "ProvidingDrives", drives)
        resources.on_post(POOLS, self._post_pool)
        resources.on_post(VOLUMES, self._post_volume)

    def take(self, owner: str, pool: str, amount: int) -> bool:
        """Let the pool give bytes to an owner in place of what it had; False if it has too few."""
        _, before = self._taken.get(owner, (pool, 0))
        if amount - before > self.free(pool):
            return False
        self._taken[owner] = (pool, amount)
        self._count(pool)
        return True

    def give_back(self, owner: str) -> None:
        """Return to its pool what an owner has of it."""
        pool, _ = self._taken.pop(owner)
        self._count(pool)

    def free(self, pool: str) -> int:
        """The bytes of a pool that nobody has."""
        return self._sizes[pool] - sum(n for holder, n in self._taken.values() if holder == pool)

    def set_sources(self, drives: list[str]) -> None:
        """Let these drives make up the first pool."""
        self._resources.collect(_source(POOL) + "/ProvidingDrives", "Drive", drives)

    def create(self, name: str, capacity: int, pool: str = POOL, policy: str = "Fixed") -> Json:
        """Make a volume, which the pool must have room for."""
        number, self._next = self._next, self._next + 1
        path = f"{VOLUMES}/{number}"
        allocated = capacity if policy == "Fixed" else 0
        document = self._resources.add(
            path,
            "Volume.v1_10_0",
            name,
            DisplayName=name,
            CapacityBytes=capacity,
            RAIDType=RAID,
            ProvisioningPolicy=policy,
            Encrypted=False,
            AccessCapabilities=["Read", "Write"],
            Identifiers=[
                {"DurableName": f"{self._uuid[:-4]}{number:04x}", "DurableNameFormat": "UUID"}
            ],
            Capacity={"Data": {"AllocatedBytes": allocated, "ProvisionedBytes": capacity}},
            CapacitySources=[_inline_source(path, pool)],
            Operations=[],
            Status=OK,
            Links={
                "OwningStorageResource": link(STORAGE),
                "ClientEndpoints": [],
                "ServerEndpoints": [],
            },
        )
        self._resources.join(VOLUMES, path)
        self._resources.join(f"{pool}/AllocatedVolumes", path)
        self.take(path, pool, allocated)
        self._resources.on_patch(path, lambda body: self._patch_volume(path, pool, body))
        self._resources.on_delete(path, lambda _: self._remove_volume(path, pool))
        return document

    def _add_pool(self, path: str, name: str, place: str, providers: list[str]) -> Json:
        resources, source = self._resources, _source(path)
        kind = "Drive" if place == "ProvidingDrives" else "StoragePool"
        document = resources.add(
            path,
            "StoragePool.v1_9_1",
            name,
            Status=OK,
            PoolType=["Block", "File"],
            SupportedRAIDTypes=[RAID],
            SupportedProvisioningPolicies=sorted(_POLICIES),
            CapacitySources=[link(source)],
            AllocatedVolumes=link(f"{path}/AllocatedVolumes"),
            AllocatedPools=link(f"{path}/AllocatedPools"),
            Links={"OwningStorageResource": link(STORAGE)},
        )
        resources.collect(f"{path}/AllocatedVolumes", "Volume", [])
        resources.collect(f"{path}/AllocatedPools", "StoragePool", [])
        resources.collect(f"{source}/{place}", kind, providers)
        resources.add(
            source,
            "CapacitySource.v1_0_0",
            f"Source of {name}",
            ProvidedCapacity={"Data": {"ProvisionedBytes": self._sizes[path]}},
            **{place: link(f"{source}/{place}")},
        )
        resources.join(POOLS, path)
        self._count(path)
        return document

    def _count(self, pool: str) -> None:
        whole, free = self._sizes[pool], self.free(pool)
        self._resources.documents[pool].update(
            Capacity={
                "Data": {
                    "AllocatedBytes": whole,
                    "ConsumedBytes": whole - free,
                    "GuaranteedBytes": whole,
                }
            },
            RemainingCapacityPercent=round(100 * free / whole),
        )

    def source_of(self, body: Json) -> str | None:
        """The pool that a request wants its capacity from: the first one where it names none."""
        sources = body.get("CapacitySources", [{"ProvidingPools": [link(POOL)]}])
        if not isinstance(sources, list) or len(sources) != 1 or not isinstance(sources[0], dict):
            return None
        pools = references(sources[0].get("ProvidingPools"))
        return pools[0] if pools and len(pools) == 1 and pools[0] in self._sizes else None

    async def _post_pool(self, body: Json) -> Response:
        said = body.get("Capacity")
        data = said.get("Data") if isinstance(said, dict) else None
        amount = size(data.get("AllocatedBytes")) if isinstance(data, dict) else None
        source, name = self.source_of(body), body.get("Name", "Pool")
        if amount is None:
            return invalid("Capacity", said)
        if source is None:
            return invalid("CapacitySources", body.get("CapacitySources"))
        path = f"{POOLS}/Pool{max(_number(item) for item in self._sizes) + 1}"
        if not self.take(path, source, amount):
            return full()
        self._sizes[path] = amount
        document = self._add_pool(path, str(name), "ProvidingPools", [source])
        self._resources.join(f"{source}/AllocatedPools", path)
        self._resources.on_delete(path, lambda _: self._remove_pool(path, source))
        return made(document)

    async def _post_volume(self, body: Json) -> Response:
        capacity, pool = size(body.get("CapacityBytes")), self.source_of(body)
        name, policy = body.get("Name", f"Volume {self._next}"), body.get("ProvisioningPolicy")
        if capacity is None:
            return invalid("CapacityBytes", body.get("CapacityBytes"))
        if not isinstance(name, str):
            return invalid("Name", name)
        if pool is None:
            return invalid("CapacitySources", body.get("CapacitySources"))
        if policy not in (None, *sorted(_POLICIES)):
            return invalid("ProvisioningPolicy", policy)
        if policy != "Thin" and capacity > self.free(pool):
            return full()
        return made(self.create(name, capacity, pool, policy or "Fixed"))

    async def _patch_volume(self, path: str, pool: str, body: Json) -> Response:
        """Rename it, or let it grow: a volume never shrinks under what it holds."""
        document = self._resources.documents[path]
        name, capacity = body.get("Name", document["Name"]), document["CapacityBytes"]
        wanted = size(body.get("CapacityBytes", capacity))
        if not body or not body.keys() <= {"Name", "CapacityBytes"} or not isinstance(name, str):
            return invalid("Name", body.get("Name"))
        if wanted is None or wanted < capacity:
            return invalid("CapacityBytes", body.get("CapacityBytes"))
        allocated = wanted if document["ProvisioningPolicy"] == "Fixed" else 0
        if not self.take(path, pool, allocated):
            return full()
        document.update(
            Name=name,
            DisplayName=name,
            CapacityBytes=wanted,
            Capacity={"Data": {"AllocatedBytes": allocated, "ProvisionedBytes": wanted}},
        )
        return json_response(document)

    async def _remove_volume(self, path: str, pool: str) -> Response:
        links = self._resources.documents[path]["Links"]
        if links["ClientEndpoints"] or links.get("ConsistencyGroups"):
            return in_use("The volume can't be removed")
        self._resources.leave(f"{pool}/AllocatedVolumes", path)
        self._resources.part(VOLUMES, path)
        self._resources.forget(path)
        self.give_back(path)
        return Response(status=HTTPStatus.NO_CONTENT)

    async def _remove_pool(self, path: str, source: str) -> Response:
        if self.free(path) != self._sizes[path]:
            return in_use("The pool can't be removed")
        self._resources.leave(f"{source}/AllocatedPools", path)
        self._resources.part(POOLS, path)
        self._resources.forget(path)
        for below in [item for item in self._resources.documents if item.startswith(f"{path}/")]:
            del self._resources.documents[below]
        del self._sizes[path]
        self.give_back(path)
        return Response(status=HTTPStatus.NO_CONTENT)


def _source(pool: str) -> str:
    return f"{pool}/CapacitySources/1"


def _inline_source(volume: str, pool: str) -> Json:
    """A volume's source is written out where it's used, as arrays do that have many volumes."""
    return {
        "@odata.id": f"{volume}#/CapacitySources/0",
        "@odata.type": "#Capacity.v1_2_0.CapacitySource",
        "Id": "0",
        "Name": "Source",
        "ProvidingPools": [link(pool)],
    }


def _number(pool: str) -> int:
    return int(pool.rpartition("Pool")[2])
