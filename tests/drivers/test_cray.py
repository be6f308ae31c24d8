"""HPE Cray EX controllers: how they are operated."""

from __future__ import annotations

from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image, UpdateWay
from fleetd.driverkit.registry import Registry
from tests.support.kept import captured_body, chosen, one

TREE = "hpecray-ex420-csm"
SERVICE = "/redfish/v1/UpdateService"


def test_an_update_s_targets_are_members_of_the_inventory(registry: Registry) -> None:
    documents, service = one("UpdateService", SERVICE, captured_body(TREE, SERVICE))
    firmware = chosen(registry, FirmwareUpdate, oem={"CrayVoltageMargins"}, manufacturer="HPE")
    target = f"{SERVICE}/FirmwareInventory/Node0.BIOS"
    image = Image(name="bios.bin", uri="http://10.0.0.1/bios.bin", targets=(target,))

    (request,) = firmware.update(service, documents, image, way=UpdateWay.PULL)

    assert request.body is not None
    assert request.body["Targets"] == [target]
