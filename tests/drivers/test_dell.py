"""What Dell's driver makes of an iDRAC, beyond the laws that every driver keeps."""

from __future__ import annotations

from typing import Any

import pytest

from fleetd.domain.device import Component, ComponentKind
from fleetd.driverkit.registry import Registry
from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.documents import documents
from tests.support.trees import TreeReader, emulated_server, read

CONNECTIONS = "/redfish/v1/Systems/System.Embedded.1/NetworkPorts/Oem/Dell/DellSwitchConnections"


async def first_port(registry: Registry, **connection: Any) -> Component:
    server = emulated_server(Personality.DELL)
    tree = documents(server)
    path = next(
        path
        for path, body in tree.items()
        if path.startswith(f"{CONNECTIONS}/") and body["SwitchPortConnectionID"] == "Ethernet1/3"
    )
    tree[path] = {**tree[path], **connection}
    reading = await read(TreeReader(tree), registry)
    return next(
        part
        for part in reading.descriptions[0].components
        if part.kind is ComponentKind.PORT and part.attributes["mac"] == server.macs[0]
    )


@pytest.mark.asyncio
async def test_the_neighbour_is_read_from_the_switch_connection(registry: Registry) -> None:
    port = await first_port(registry)

    assert port.attributes["neighbour_chassis_id"] == "aa:bb:cc:00:00:01"
    assert port.attributes["neighbour_port_id"] == "Ethernet1/3"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "silence",
    [
        {"SwitchConnectionID": "No Link", "SwitchPortConnectionID": "No Link"},
        {"SwitchConnectionID": "Not Available"},
        {"SwitchConnectionID": None},
        {"StaleData": "Stale"},
    ],
)
async def test_silence_and_stale_words_are_no_neighbour(
    silence: dict[str, Any], registry: Registry
) -> None:
    port = await first_port(registry, **silence)

    assert "neighbour_port_id" not in port.attributes


@pytest.mark.asyncio
async def test_the_serial_is_the_service_tag(registry: Registry) -> None:
    server = emulated_server(Personality.DELL)

    reading = await read(TreeReader(documents(server)), registry)

    assert reading.descriptions[0].identity.serial == server.sku


@pytest.mark.asyncio
async def test_an_update_changes_a_part_and_makes_no_new_one(registry: Registry) -> None:
    keys = []
    for version in ("2.4.4", "2.5.0"):
        tree = documents(emulated_server(Personality.DELL))
        inventory = "/redfish/v1/UpdateService/FirmwareInventory"
        old = next(path for path in tree if "Installed-159-" in path)
        new = f"{inventory}/Installed-159-{version}__BIOS.Setup.1-1"
        body = tree.pop(old)
        tree[new] = {**body, "@odata.id": new, "Version": version}
        members = tree[inventory]["Members"]
        tree[inventory]["Members"] = [
            {"@odata.id": new} if item["@odata.id"] == old else item for item in members
        ]
        reading = await read(TreeReader(tree), registry)
        keys.append({part.key for part in reading.descriptions[0].components})

    assert keys[0] == keys[1]
