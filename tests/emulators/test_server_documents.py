"""What an emulated server's BMC presents, before anything happens to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from fleetd_emulators.hardware import GIB, Neighbour, Personality
from fleetd_emulators.servers.catalogue import server, wired
from fleetd_emulators.servers.documents import LAYOUTS, documents
from tests.support.servers import ALL

FRONTS_OWN = ("/redfish/v1/SessionService", "/redfish/v1/AccountService")


def links(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "@odata.id":
                yield inner
            else:
                yield from links(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from links(inner)


def canonical(link: str) -> str:
    return link.partition("#")[0].rstrip("/")


@pytest.mark.parametrize("personality", ALL)
@pytest.mark.parametrize("number", [0, 3, 4])
def test_every_link_leads_to_a_document(personality: Personality, number: int) -> None:
    tree = documents(server(personality, number))

    dangling = {link for doc in tree.values() for link in links(doc) if canonical(link) not in tree}

    assert not {link for link in dangling if not link.startswith(FRONTS_OWN)}


@pytest.mark.parametrize("personality", ALL)
def test_every_document_says_where_it_is_and_what_it_is(personality: Personality) -> None:
    for path, document in documents(server(personality, 4)).items():
        # A registry is a file, not a resource, and has no link to itself (DSP0266 'Registries').
        if not document["@odata.type"].startswith("#AttributeRegistry."):
            assert canonical(document["@odata.id"]) == path
        assert document["@odata.type"].startswith("#")
        assert document["Name"]


@pytest.mark.parametrize("personality", ALL)
def test_a_collection_counts_its_members(personality: Personality) -> None:
    collections = [doc for doc in documents(server(personality, 4)).values() if "Members" in doc]

    assert collections
    assert all(doc["Members@odata.count"] == len(doc["Members"]) for doc in collections)


@pytest.mark.parametrize("personality", ALL)
def test_numbers_make_machines_that_share_no_identity(personality: Personality) -> None:
    fleet = [server(personality, number) for number in range(300)]

    assert len({machine.serial for machine in fleet}) == len(fleet)
    assert len({machine.uuid for machine in fleet}) == len(fleet)
    macs = [mac for machine in fleet for mac in (*machine.macs, machine.bmc_mac)]
    assert len(set(macs)) == len(macs)
    drives = [d.serial for m in fleet for c in m.controllers for d in c.drives]
    assert len(set(drives)) == len(drives)


def test_the_same_number_gives_the_same_machine() -> None:
    assert server(Personality.DELL, 17) == server(Personality.DELL, 17)


def test_a_number_beyond_the_mac_space_is_refused() -> None:
    with pytest.raises(ValueError, match="1048576"):
        server(Personality.HPE, 2**20)


@pytest.mark.parametrize("personality", ALL)
def test_the_tree_tells_the_hardware(personality: Personality) -> None:
    machine = server(personality, 4)
    layout, tree = LAYOUTS[personality], documents(machine)

    system = tree[layout.system_path]
    assert system["MemorySummary"]["TotalSystemMemoryGiB"] == machine.memory_bytes // GIB
    assert system["SerialNumber"] == machine.serial
    memory = [doc for path, doc in tree.items() if path.startswith(f"{layout.system_path}/Memory/")]
    assert sum(doc["CapacityMiB"] for doc in memory) * 2**20 == machine.memory_bytes
    macs = {
        doc["MACAddress"].lower()
        for path, doc in tree.items()
        if path.startswith(f"{layout.system_path}/EthernetInterfaces/")
    }
    assert macs == set(machine.macs)
    processors = [
        doc["ProcessorType"]
        for path, doc in tree.items()
        if path.startswith(f"{layout.system_path}/Processors/")
    ]
    assert processors == ["CPU"] * len(machine.processors) + ["GPU"] * len(machine.accelerators)


def heard(personality: Personality) -> tuple[str, dict[str, Any]]:
    machine = server(personality, 1)
    mac = machine.macs[0]
    neighbour = Neighbour(chassis_id="aa:bb:cc:00:00:01", port_id="Ethernet7", system_name="leaf1")
    plugged = wired(machine, {mac: neighbour}, {machine.power_supplies[0].bay: "pdu1/3"})
    assert plugged.power_supplies[0].outlet == "pdu1/3"
    return mac, documents(plugged)


@pytest.mark.parametrize("personality", [p for p in ALL if p is not Personality.DELL])
def test_a_neighbour_is_found_at_its_port(personality: Personality) -> None:
    mac, tree = heard(personality)

    received = {
        doc["Ethernet"]["AssociatedMACAddresses"][0].lower(): doc["Ethernet"]["LLDPReceive"]
        for doc in tree.values()
        if doc["@odata.type"].startswith("#Port.")
    }

    assert received[mac]["ChassisId"] == "aa:bb:cc:00:00:01"
    assert received[mac]["PortId"] == "45:74:68:65:72:6E:65:74:37"  # "Ethernet7" in octets
    silent = [entry for other, entry in received.items() if other != mac]
    assert silent
    assert all(entry["ChassisIdSubtype"] == "NotTransmitted" for entry in silent)


def test_idrac_tells_a_neighbour_only_in_its_switch_connections() -> None:
    mac, tree = heard(Personality.DELL)

    ports = [doc for doc in tree.values() if doc["@odata.type"].startswith("#Port.")]
    connections = {
        doc["FQDD"]: (doc["SwitchConnectionID"], doc["SwitchPortConnectionID"])
        for doc in tree.values()
        if doc["@odata.type"].startswith("#DellSwitchConnection.")
    }
    fqdd = next(
        doc["Id"]
        for doc in tree.values()
        if doc["@odata.type"].startswith("#EthernetInterface.") and doc["MACAddress"].lower() == mac
    )

    assert not any("LLDPReceive" in doc["Ethernet"] for doc in ports)
    assert connections.pop(fqdd) == ("aa:bb:cc:00:00:01", "Ethernet7")
    assert set(connections.values()) == {("No Link", "No Link")}


@pytest.mark.parametrize(
    ("personality", "vendor", "oem", "system"),
    [
        (Personality.DELL, "Dell", "Dell", "System.Embedded.1"),
        (Personality.HPE, "HPE", "Hpe", "1"),
        (Personality.SUPERMICRO, None, "Supermicro", "1"),
        (Personality.LENOVO, "Lenovo", None, "1"),
        (Personality.OPENBMC, None, None, "system"),
    ],
)
def test_the_root_identifies_its_oem_as_the_oem_does(
    personality: Personality, vendor: str | None, oem: str | None, system: str
) -> None:
    tree = documents(server(personality, 0))

    root = tree["/redfish/v1"]

    assert root.get("Vendor") == vendor
    assert next(iter(root.get("Oem", {})), None) == oem
    assert canonical(tree["/redfish/v1/Systems"]["Members"][0]["@odata.id"]).endswith(f"/{system}")


def test_ilo_writes_its_links_with_a_slash_at_the_end() -> None:
    system = documents(server(Personality.HPE, 0))["/redfish/v1/Systems/1"]

    assert system["@odata.id"] == "/redfish/v1/Systems/1/"
    assert system["Bios"]["@odata.id"] == "/redfish/v1/systems/1/bios/"


@pytest.mark.parametrize("personality", ALL)
def test_readings_follow_the_power(personality: Personality) -> None:
    machine = server(personality, 0)
    power = f"{LAYOUTS[personality].chassis_path}/Sensors/TotalPower"

    off, on = (documents(replace(machine, powered_on=state))[power] for state in (False, True))

    assert 0 < off["Reading"] < 100 < on["Reading"]


def test_an_ampere_board_is_among_the_openbmc_machines() -> None:
    tree = documents(server(Personality.OPENBMC, 3))

    processor = tree["/redfish/v1/Systems/system/Processors/cpu0"]

    assert (processor["ProcessorArchitecture"], processor["InstructionSet"]) == ("ARM", "ARM-A64")


@pytest.mark.parametrize("personality", ALL)
def test_no_serial_reads_like_a_placeholder(personality: Personality) -> None:
    for number in range(50):
        machine = server(personality, number)

        assert len(set(machine.serial[-7:])) > 2
        if personality is Personality.DELL:
            assert len(set(machine.sku)) > 2
