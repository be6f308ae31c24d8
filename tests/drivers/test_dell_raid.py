"""How Dell's driver makes and deletes volumes."""

from __future__ import annotations

from typing import Any

import pytest

from fleetd.domain.errors import InvalidInput
from fleetd.driverkit.behaviours.volumes import Volumes, VolumeWish
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd.driverkit.request import Method

STORAGE = "/redfish/v1/Systems/System.Embedded.1/Storage"


def volumes(registry: Registry) -> Volumes:
    found = registry.choose(Facts(vendor="Dell")).behaviour(Volumes)
    assert found is not None
    return found


def storage(name: str) -> Resource:
    times: dict[str, Any] = {"SupportedValues": ["Immediate", "OnReset"]}
    return Resource(
        f"{STORAGE}/{name}",
        {
            "Volumes": {"@odata.id": f"{STORAGE}/{name}/Volumes"},
            "@Redfish.OperationApplyTimeSupport": times,
        },
    )


def wish(name: str | None = "system") -> VolumeWish:
    return VolumeWish(raid_type="RAID1", drives=("/redfish/v1/d/0", "/redfish/v1/d/1"), name=name)


@pytest.mark.parametrize("name", ["", "sixteen-letters-"])
def test_a_name_that_is_too_long_is_refused_before_it_is_sent(
    name: str, registry: Registry
) -> None:
    with pytest.raises(InvalidInput, match="15"):
        volumes(registry).create(storage("RAID.Slot.1-1"), Documents(), wish(name))


@pytest.mark.parametrize(
    ("name", "time"),
    [("BOSS.SL.14-1", "OnReset"), ("AHCI.Embedded.1-1", "OnReset"), ("RAID.Slot.1-1", None)],
)
def test_a_boss_makes_volumes_at_the_next_start(
    name: str, time: str | None, registry: Registry
) -> None:
    (request,) = volumes(registry).create(storage(name), Documents(), wish())

    assert request.body is not None
    assert request.body.get("@Redfish.OperationApplyTime") == time


def test_a_volume_is_deleted_without_a_body(registry: Registry) -> None:
    volume = Resource(f"{STORAGE}/RAID.Slot.1-1/Volumes/Disk.Virtual.0", {})

    (request,) = volumes(registry).delete(volume, Documents())

    assert (request.method, request.path, request.body) == (Method.DELETE, volume.path, None)
