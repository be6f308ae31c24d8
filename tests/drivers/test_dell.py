"""What Dell's driver makes of an iDRAC, beyond the laws that every driver keeps."""

from __future__ import annotations

from typing import Any

import pytest

from fleetd.domain.device import Component, ComponentKind
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.documents import documents
from tests.support.driving import chosen_for
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
async def test_ports_with_one_id_stay_apart(registry: Registry) -> None:
    tree = documents(emulated_server(Personality.DELL))
    ports = [path for path in tree if "/NetworkAdapters/" in path and "/Ports/" in path]
    for path in ports:
        tree[path] = {**tree[path], "Id": path.split("/NetworkAdapters/")[1].partition("/")[0]}

    reading = await read(TreeReader(tree), registry)

    keys = [part.key for part in reading.descriptions[0].components]
    macs = [
        part.attributes["mac"]
        for part in reading.descriptions[0].components
        if part.kind is ComponentKind.PORT
    ]
    assert len(ports) > 1
    assert len(keys) == len(set(keys))
    assert len(macs) == len(set(macs)) >= len(ports)


@pytest.mark.parametrize(
    ("model", "firmware", "generation"),
    [
        ("13G Monolithic", "2.83.83.83", "iDRAC8"),
        ("14G Monolithic", "3.34.34.34", "iDRAC9"),
        ("16G DCS", "7.10.30.00", "iDRAC9"),
        ("17G Monolithic", "1.20.50.52", "iDRAC10"),
        (None, "6.10.30.20", "iDRAC9"),
        (None, "1.20.50.52", None),
    ],
)
def test_the_generation_is_known(
    model: str | None, firmware: str, generation: str | None, registry: Registry
) -> None:
    facts = Facts(vendor="Dell", manager_model=model, manager_firmware=firmware)

    assert registry.driver("dell.idrac").generation_of(facts) == generation


def test_a_resold_machine_is_claimed_by_its_oem_key(registry: Registry) -> None:
    facts = Facts(oem=frozenset({"Dell"}), manufacturer="Reseller", model="R640-like")

    assert (registry.choose(facts).name, registry.choose(facts).vendor) == ("dell.idrac", "Dell")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("name", "generation"),
    [
        ("dell-idrac-1.20.50-r6515-bmclib", "iDRAC10"),
        ("dell-idrac8-2.83.83-rackfix-buildio", None),
        ("dell-idrac9-3.34.34-r640-sushyoem", "iDRAC9"),
        ("dell-idrac9-5.10.00-r650-iserver", "iDRAC9"),
        ("dell-idrac9-6.00.30-r750-libredfish", "iDRAC9"),
    ],
)
async def test_every_captured_idrac_is_claimed(
    name: str, generation: str | None, registry: Registry
) -> None:
    """The trimmed iDRAC8 has no collection of managers, and so no generation."""
    choice = await chosen_for(name, registry)

    assert choice.name == "dell.idrac"
    assert choice.stack.generation_of(choice.facts) == generation


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
