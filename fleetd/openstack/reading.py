"""Reads Ironic's JSON into the domain's values, and says which fields are needed for that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fleetd.domain.device import Json
from fleetd.domain.enrollment import ObservedNode, ObservedPort

INTERFACES: Final = (
    "bios",
    "boot",
    "console",
    "deploy",
    "firmware",
    "inspect",
    "management",
    "network",
    "power",
    "raid",
    "rescue",
    "storage",
    "vendor",
)

NODE_FIELDS: Final = (
    "uuid",
    "name",
    "driver",
    "driver_info",
    "provision_state",
    "power_state",
    "maintenance",
    "maintenance_reason",
    "fault",
    "last_error",
    "instance_uuid",
    "reservation",
    "inspection_finished_at",
    "properties",
    "extra",
    "resource_class",
    "traits",
    "conductor_group",
    "owner",
    *(f"{name}_interface" for name in INTERFACES),
)

PORT_FIELDS: Final = (
    "uuid",
    "node_uuid",
    "address",
    "pxe_enabled",
    "physical_network",
    "local_link_connection",
    "extra",
)


def read_interfaces(row: Mapping[str, Json]) -> dict[str, frozenset[str]]:
    """The enabled interfaces of one member of GET /v1/drivers, by kind."""
    return {name: frozenset(row.get(f"enabled_{name}_interfaces") or ()) for name in INTERFACES}


def read_node(row: Mapping[str, Json]) -> ObservedNode:
    """One member of GET /v1/nodes."""
    return ObservedNode(
        uuid=row["uuid"],
        name=row.get("name"),
        driver=row["driver"],
        driver_info=row.get("driver_info") or {},
        provision_state=row.get("provision_state") or "enroll",
        power_state=row.get("power_state"),
        maintenance=bool(row.get("maintenance")),
        maintenance_reason=row.get("maintenance_reason"),
        fault=row.get("fault"),
        last_error=row.get("last_error"),
        instance_uuid=row.get("instance_uuid"),
        reservation=row.get("reservation"),
        inspected=row.get("inspection_finished_at") is not None,
        properties=row.get("properties") or {},
        extra=row.get("extra") or {},
        resource_class=row.get("resource_class"),
        traits=frozenset(row.get("traits") or ()),
        conductor_group=row.get("conductor_group") or "",
        owner=row.get("owner"),
        interfaces={name: row.get(f"{name}_interface") for name in INTERFACES},
    )


def read_port(row: Mapping[str, Json]) -> ObservedPort:
    """One member of GET /v1/ports."""
    return ObservedPort(
        uuid=row["uuid"],
        node_uuid=row["node_uuid"],
        address=str(row["address"]).lower(),
        pxe_enabled=bool(row.get("pxe_enabled", True)),
        physical_network=row.get("physical_network"),
        local_link=row.get("local_link_connection") or {},
        extra=row.get("extra") or {},
    )
