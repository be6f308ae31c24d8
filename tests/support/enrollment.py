"""A fleet in memory for enrollment tests: the stores' ports, kept in dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fleetd.domain.device import DeviceId
from fleetd.domain.enrollment import DesiredNode, DesiredPort, Enrollment, Standing
from fleetd.domain.ports import Page
from fleetd.services.enrollment.desired import node_uuid


class Calendar:
    """A clock that runs with the system's, and can be set forward."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(slots=True)
class MemoryEnrollments:
    """The EnrollmentStore port; ``saves`` counts writes."""

    kept: dict[DeviceId, Enrollment] = field(default_factory=dict)
    saves: int = 0

    async def enrollment(self, device_id: DeviceId) -> Enrollment | None:
        return self.kept.get(device_id)

    async def enrollments(
        self, *, standing: Standing | None = None, limit: int, marker: str | None = None
    ) -> Page[Enrollment]:
        found = [
            one
            for device, one in sorted(self.kept.items())
            if (marker is None or device > marker) and standing in {None, one.standing}
        ]
        page = tuple(found[:limit])
        return Page(items=page, marker=page[-1].device_id if len(found) > limit else None)

    async def save_enrollments(self, enrollments: Sequence[Enrollment]) -> None:
        self.saves += 1
        self.kept.update({one.device_id: replace(one) for one in enrollments})


def desired_node(mark: str, **changes: Any) -> DesiredNode:
    """A server on Ironic's fake hardware; ``mark`` tells it from those of other tests."""
    device_id = DeviceId(f"device-{mark}")
    macs = [f"02:{mark[0:2]}:{mark[2:4]}:{mark[4:6]}:{mark[6:8]}:0{last}" for last in (1, 2)]
    values: dict[str, Any] = {
        "device_id": device_id,
        "uuid": node_uuid(device_id),
        "system_uuid": None,
        "sole_system": True,
        "name": f"server-{mark}",
        "driver": "fake-hardware",
        "driver_info": {
            "redfish_address": f"https://{mark}.example",
            "redfish_system_id": "/redfish/v1/Systems/1",
            "redfish_username": "root",
            "redfish_verify_ca": False,
        },
        "password": f"secret-{mark}",
        "interfaces": {},
        "properties": {"cpu_arch": "x86_64", "cpus": 64, "memory_mb": 524288, "local_gb": 893},
        "capabilities": {"boot_mode": "uefi"},
        "resource_class": "baremetal",
        "traits": frozenset({"CUSTOM_NVME"}),
        "known_traits": frozenset({"CUSTOM_NVME", "CUSTOM_GPU"}),
        "ports": tuple(
            DesiredPort(
                address=mac,
                pxe_enabled=mac.endswith("1"),
                physical_network="provisioning",
                local_link={
                    "switch_id": "02:00:00:00:00:01",
                    "port_id": f"Ethernet{mac[-1]}",
                    "switch_info": "leaf-1",
                },
            )
            for mac in macs
        ),
    }
    return DesiredNode(**{**values, **changes})
