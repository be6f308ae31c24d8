"""XCC: what it lists beside what runs."""

from __future__ import annotations

import pytest

from fleetd.domain.device import ComponentKind
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.documents import documents
from tests.support.driving import chosen_for
from tests.support.trees import TreeReader, emulated_server, read

FIRMWARE = "/redfish/v1/UpdateService/FirmwareInventory"


@pytest.mark.asyncio
async def test_spare_and_staged_firmware_is_not_listed(registry: Registry) -> None:
    tree = documents(emulated_server(Personality.LENOVO))
    members = tree[FIRMWARE]["Members"]
    first = members[0]["@odata.id"]
    path = f"{FIRMWARE}/UEFI-Pending"
    tree[path] = {**tree[first], "@odata.id": path, "Id": "UEFI-Pending"}
    members.append({"@odata.id": path})

    (server,) = (await read(TreeReader(tree), registry)).descriptions

    keys = {part.key for part in server.components if part.kind is ComponentKind.FIRMWARE}
    listed = {member["@odata.id"].removeprefix("/redfish/v1/") for member in members}
    assert {key.rpartition("/")[2] for key in listed - keys} == {"BMC-Backup", "UEFI-Pending"}


@pytest.mark.parametrize(
    ("facts", "driver", "generation"),
    [
        (Facts(vendor="Lenovo", manager_model="Lenovo XClarity Controller"), "lenovo.xcc", "XCC"),
        (
            Facts(oem=frozenset({"Lenovo"}), manager_model="Lenovo XClarity Controller 2"),
            "lenovo.xcc",
            "XCC2",
        ),
        (
            Facts(vendor="Lenovo", manager_model="Lenovo XClarity Controller 3"),
            "lenovo.xcc",
            "XCC3",
        ),
    ],
)
def test_stack_and_generation_are_known(
    facts: Facts, driver: str, generation: str, registry: Registry
) -> None:
    choice = registry.choose(facts)

    assert (choice.name, choice.vendor) == (driver, "Lenovo")
    assert choice.stack.generation_of(facts) == generation


def test_a_lenovo_board_under_ami_is_ami_s_with_lenovo_s_overlay(registry: Registry) -> None:
    facts = Facts(vendor="Lenovo", oem=frozenset({"Ami", "Lenovo"}), manufacturer="Lenovo")

    choice = registry.choose(facts)

    assert choice.name != "lenovo.xcc"
    assert choice.vendor == "Lenovo"
    assert choice.overlay is not None
    assert choice.overlay.name == "lenovo.board"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("name", "generation"),
    [
        ("lenovo-m5e101q-redfishctl", None),
        ("lenovo-xcc-sr650-bmclib", None),
        ("lenovo-xcc-tei334l-2.10-sr850-jenningsloy", None),
    ],
)
async def test_every_captured_xcc_is_claimed(
    name: str, generation: str | None, registry: Registry
) -> None:
    """None of these trees has a manager that says its model and is linked."""
    choice = await chosen_for(name, registry)

    assert choice.name == "lenovo.xcc"
    assert choice.stack.generation_of(choice.facts) == generation
