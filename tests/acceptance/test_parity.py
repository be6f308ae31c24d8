"""fleetd and Ironic's own Redfish inspection read the same BMCs, each by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fleetd_emulators.lab import IronicEndpoint
from tests.support.daemon import Daemon, running_daemon
from tests.support.emulators import EmulatedFleet, emulated_fleet
from tests.support.enrolling import (
    Cloud,
    await_standing,
    device_at,
    enrolling,
    patiently,
    some_servers,
)
from tests.support.ironic import IronicProxy

pytestmark = [pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(300)]

MIB = 2**20
# The fourth of the OpenBMC machines is an aarch64 one.
SERVERS = ("dell", {"personality": "hpe", "gpus": 4}, "supermicro", "openbmc", "lenovo", "generic")
ARCHITECTURES = {"x86-64": "x86_64", "ARM-A64": "aarch64"}


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[EmulatedFleet]:
    with emulated_fleet(some_servers(*SERVERS, switches=1), tmp_path) as running:
        yield running


def inspect_by_hand(cloud: Cloud, fleet: EmulatedFleet) -> dict[str, str]:
    """Have Ironic inspect nodes of which it knows the BMC only; their UUIDs by BMC's name."""
    nodes = {bmc.name: cloud.make_node(bmc) for bmc in fleet.of_kind("server")}
    for before, verb in (("enroll", "manage"), ("manageable", "inspect")):
        for uuid in nodes.values():
            cloud.await_state(uuid, before)
            cloud.provision(uuid, verb)
    servers = fleet.of_kind("server")
    patiently(lambda: all(cloud.node_at(bmc)["inspection_finished_at"] for bmc in servers))
    for uuid in nodes.values():
        cloud.await_state(uuid, "manageable")
    return nodes


def as_fleetd_tells(daemon: Daemon, device: dict[str, Any]) -> dict[str, Any]:
    """Memory in MiB, logical processors, architecture and MACs, over REST."""
    parts = daemon.get(f"/v1/devices/{device['id']}/components")["items"]

    def of(kind: str) -> list[dict[str, Any]]:
        return [one["attributes"] for one in parts if one["kind"] == kind]

    return {
        "memory_mb": sum(one["capacity_bytes"] for one in of("memory")) // MIB,
        "cpus": sum(one["threads"] for one in of("processor")),
        "cpu_arch": {ARCHITECTURES[one["instruction_set"]] for one in of("processor")},
        "macs": {one["mac"] for one in of("port")},
    }


def test_memory_processors_architecture_and_macs_are_the_same_for_both(
    fleet: EmulatedFleet,
    tmp_path: Path,
    cloud: Cloud,
    ironic: IronicEndpoint,
    proxy: IronicProxy,
) -> None:
    servers = fleet.of_kind("server")
    nodes = inspect_by_hand(cloud, fleet)
    inspected = {bmc.name: cloud.node_at(bmc)["properties"] for bmc in servers}
    with running_daemon(enrolling(fleet, tmp_path, proxy, ironic), tmp_path) as daemon:
        await_standing(daemon, servers, "available")
        devices = {bmc.name: device_at(daemon, bmc) for bmc in servers}
        read = {name: as_fleetd_tells(daemon, device) for name, device in devices.items()}

    for bmc in servers:
        ours, properties = read[bmc.name], inspected[bmc.name]
        found = cloud.inventory(nodes[bmc.name])
        assert properties["memory_mb"] == ours["memory_mb"], bmc.name
        assert found["memory"]["physical_mb"] == ours["memory_mb"], bmc.name
        # Ironic's Redfish inspection sets no property ``cpus``: its count is in the inventory
        # only, and is of threads (sushy's summary of the processors).
        assert "cpus" not in properties
        assert found["cpu"]["count"] == ours["cpus"], bmc.name
        assert {properties["cpu_arch"]} == ours["cpu_arch"], bmc.name
        assert {found["cpu"]["architecture"]} == ours["cpu_arch"], bmc.name
        assert {nic["mac_address"].lower() for nic in found["interfaces"]} == ours["macs"], bmc.name
        assert cloud.macs(nodes[bmc.name]) == ours["macs"] == set(bmc.macs), bmc.name
        assert set(devices[bmc.name]["macs"]) == ours["macs"], bmc.name
    assert sum(one["cpu_arch"] == {"aarch64"} for one in read.values()) == 1

    # fleetd adopts the nodes, and has nothing to correct in what Ironic found by itself.
    written = b"".join(proxy.bodies)
    for name in ("memory_mb", "cpu_arch", "local_gb"):
        assert f"/properties/{name}".encode() not in written, name
    for bmc in servers:
        node = cloud.node_at(bmc)
        assert node["uuid"] == nodes[bmc.name]
        assert node["properties"]["cpus"] == read[bmc.name]["cpus"]
        assert node["properties"]["memory_mb"] == inspected[bmc.name]["memory_mb"]
