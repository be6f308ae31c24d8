"""XCC: what it lists beside what runs."""

from __future__ import annotations

import pytest

from fleetd.domain.device import ComponentKind
from fleetd.driverkit.registry import Registry
from fleetd_emulators.hardware import Personality
from fleetd_emulators.servers.documents import documents
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
